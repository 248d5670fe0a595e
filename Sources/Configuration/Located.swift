import Model

/// A value and where a person wrote it.
///
/// Two are equal when their values are: a rule that moved in its file is still the same rule.
public struct Located<Value: Sendable>: Sendable {
    /// What was written.
    public var value: Value
    /// Where.
    public var place: SourcePlace

    /// A value at its place.
    public init(_ value: Value, at place: SourcePlace = SourcePlace(file: "")) {
        self.value = value
        self.place = place
    }
}

extension Located: Equatable where Value: Equatable {
    public static func == (a: Located, b: Located) -> Bool { a.value == b.value }
}

extension Located: Hashable where Value: Hashable {
    public func hash(into hasher: inout Hasher) { value.hash(into: &hasher) }
}

/// Something beside the point of its owner's identity: all are equal, so that comparing two
/// configurations at a reload sees what changed and not what moved.
@propertyWrapper
public struct Incidental<Value: Sendable>: Sendable, Hashable {
    /// The value.
    public var wrappedValue: Value

    /// Holds the value.
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

    public static func == (a: Incidental, b: Incidental) -> Bool { true }
    public func hash(into hasher: inout Hasher) {}
}
