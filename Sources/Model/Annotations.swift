/// What an alert says to people: names and texts. Not a label set: a text may be empty and still be there,
/// which is what a program that reads `annotations["description"]` counts on.
public struct Annotations: Hashable, Sendable {
    /// Names and texts in the order of the names' bytes, empty texts too: for what writes them.
    public let pairs: Labels

    /// No annotation.
    public static let empty = Annotations([Label]())

    /// Sorted; of equal names the last one counts.
    public init(_ annotations: [Label]) { pairs = Labels(keepingEmpty: annotations) }

    /// From pairs, e.g. `Annotations(["summary": "it is down"])`.
    public init(_ pairs: KeyValuePairs<String, String>) {
        self.init(pairs.map { Label($0.key, $0.value) })
    }

    /// From a dictionary.
    public init(_ dictionary: [String: String]) {
        self.init(dictionary.map { Label($0.key, $0.value) })
    }

    /// The annotations in the order of their names' bytes.
    public var sorted: [Label] { pairs.sorted }

    /// Whether there are none.
    public var isEmpty: Bool { pairs.isEmpty }

    /// The text of `name`; nil where there is no such annotation.
    public subscript(name: String) -> String? { pairs[name] }

    /// The text of `name`, or "".
    public func value(_ name: String) -> String { pairs.value(name) }

    /// A copy with `other`'s annotations put over these.
    public func merging(_ other: Annotations) -> Annotations { Annotations(sorted + other.sorted) }
}

extension Annotations: Comparable {
    public static func < (a: Annotations, b: Annotations) -> Bool { a.pairs < b.pairs }
}

extension Annotations: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([String: String].self))
    }

    public func encode(to encoder: any Encoder) throws { try pairs.encode(to: encoder) }
}
