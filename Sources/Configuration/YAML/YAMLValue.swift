/// What a part of a file means, without places: for keys whose content is the user's own.
public indirect enum YAMLValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case text(String)
    case list([YAMLValue])
    /// In the order written.
    case map([Entry])

    /// A key and its value.
    public struct Entry: Sendable, Hashable {
        /// The key.
        public var key: String
        /// Its value.
        public var value: YAMLValue

        /// An entry.
        public init(_ key: String, _ value: YAMLValue) {
            self.key = key
            self.value = value
        }
    }
}
