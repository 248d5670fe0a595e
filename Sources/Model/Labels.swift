/// A name and a value.
///
/// Compares byte by byte, as Go does: Swift's own `String` comparison would call two different
/// spellings of "é" the same label.
public struct Label: Hashable, Comparable, Sendable {
    /// The label's name, e.g. `job`; `__name__` is the metric's name.
    public let name: String
    /// The label's value; an empty value is the same as no label.
    public let value: String

    /// A label as given.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    public static func == (a: Label, b: Label) -> Bool {
        a.name.bytesEqual(b.name) && a.value.bytesEqual(b.value)
    }

    public static func < (a: Label, b: Label) -> Bool {
        let order = a.name.byteOrder(b.name)
        return order == 0 ? a.value.byteOrder(b.value) < 0 : order < 0
    }

    public func hash(into hasher: inout Hasher) {
        name.hashBytes(into: &hasher)
        value.hashBytes(into: &hasher)
    }
}

/// A series' identity: labels sorted by name, no name twice, no empty value.
///
/// Look-ups are linear scans, which beat anything cleverer at the sizes label sets have.
public struct Labels: Hashable, Comparable, Sendable {
    /// The labels in order of their names' bytes.
    public let sorted: [Label]
    private let hash: Int

    /// The set without labels.
    public static let empty = Labels([])

    /// Sorts, drops empty values, and keeps the last of labels with the same name.
    public init(_ labels: [Label]) { self.init(keepingEmpty: labels.filter { !$0.value.isEmpty }) }

    /// The same with empty values: labels as somebody wrote them, where they are shown.
    public init(keepingEmpty labels: [Label]) {
        var list = labels
        if !zip(list, list.dropFirst()).allSatisfy({ $0.name.byteOrder($1.name) < 0 }) {
            list = Labels.normalised(list)
        }
        self.init(normalised: list)
    }

    /// From pairs, e.g. `Labels(["job": "api"])`; of equal names the last one counts.
    public init(_ pairs: KeyValuePairs<String, String>) {
        self.init(pairs.map { Label($0.key, $0.value) })
    }

    /// From a dictionary.
    public init(_ dictionary: [String: String]) {
        self.init(dictionary.map { Label($0.key, $0.value) })
    }

    private init(normalised list: [Label]) {
        sorted = list
        var hasher = Hasher()
        for label in list { label.hash(into: &hasher) }
        hash = hasher.finalize()
    }

    private static func normalised(_ list: [Label]) -> [Label] {
        let ordered = list.enumerated().sorted {
            let order = $0.element.name.byteOrder($1.element.name)
            return order == 0 ? $0.offset < $1.offset : order < 0
        }
        var result: [Label] = []
        result.reserveCapacity(ordered.count)
        for (_, label) in ordered {
            if let last = result.last, last.name.bytesEqual(label.name) { result.removeLast() }
            result.append(label)
        }
        return result
    }

    /// The value of `name`, or nil.
    public subscript(name: String) -> String? {
        sorted.first { $0.name.bytesEqual(name) }?.value
    }

    /// The value of `name`, or "" (which is what PromQL means by a missing label).
    public func value(_ name: String) -> String { self[name] ?? "" }

    /// The metric's name, or "".
    public var metricName: String { value(Labels.name) }

    /// Whether there are none.
    public var isEmpty: Bool { sorted.isEmpty }

    /// How many there are.
    public var count: Int { sorted.count }

    /// A copy with `name` set; an empty value removes it.
    public func setting(_ name: String, _ value: String) -> Labels {
        Labels(sorted.filter { !$0.name.bytesEqual(name) } + [Label(name, value)])
    }

    /// A copy without the label `name`.
    public func dropping(_ name: String) -> Labels {
        Labels(normalised: sorted.filter { !$0.name.bytesEqual(name) })
    }

    /// A copy without the metric's name.
    public var droppingName: Labels { dropping(Labels.name) }

    /// A copy with only the labels called one of `names`.
    public func keeping(_ names: [String]) -> Labels {
        Labels(normalised: sorted.filter { label in names.contains { label.name.bytesEqual($0) } })
    }

    /// A copy without the labels called one of `names`.
    public func dropping(_ names: [String]) -> Labels {
        Labels(normalised: sorted.filter { label in !names.contains { label.name.bytesEqual($0) } })
    }

    /// A copy with `other`'s labels put over these.
    public func merging(_ other: Labels) -> Labels { Labels(sorted + other.sorted) }

    /// As a dictionary, for encoders.
    public var dictionary: [String: String] {
        Dictionary(sorted.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
    }

    /// The label that holds a metric's name.
    public static let name = "__name__"

    public static func == (a: Labels, b: Labels) -> Bool {
        a.hash == b.hash && a.sorted == b.sorted
    }

    /// Prometheus's order: label by label, name before value; a prefix comes first.
    public static func < (a: Labels, b: Labels) -> Bool {
        for (x, y) in zip(a.sorted, b.sorted) where x != y { return x < y }
        return a.count < b.count
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

extension Labels: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([String: String].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(dictionary)
    }
}

extension Labels: CustomStringConvertible {
    /// As PromQL writes it: `{a="x", b="y"}`, with the metric's name inside the braces.
    public var description: String {
        let inner = sorted.map { label in
            let name = label.name.isLegacyLabelName ? label.name : label.name.goQuoted
            return "\(name)=\(label.value.goQuoted)"
        }
        return "{" + inner.joined(separator: ", ") + "}"
    }

    /// As Prometheus prints a metric: `name{a="x"}`, or `{a="x"}` without a name.
    public var metricDescription: String {
        let name = metricName
        guard !name.isEmpty, name.isLegacyMetricName else { return description }
        let rest = droppingName
        return rest.isEmpty ? name : name + rest.description
    }
}

extension String {
    /// Whether both have the same bytes.
    @inlinable
    public func bytesEqual(_ other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// Negative, zero or positive as these bytes sort before, with or after `other`'s.
    public func byteOrder(_ other: String) -> Int {
        var a = utf8.makeIterator()
        var b = other.utf8.makeIterator()
        while true {
            switch (a.next(), b.next()) {
            case (nil, nil): return 0
            case (nil, _): return -1
            case (_, nil): return 1
            case (let x?, let y?): if x != y { return x < y ? -1 : 1 }
            }
        }
    }

    @inline(__always)
    func hashBytes(into hasher: inout Hasher) {
        var copy = self
        copy.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xff as UInt8)
    }

    /// Whether it matches `[a-zA-Z_][a-zA-Z0-9_]*`.
    public var isLegacyLabelName: Bool {
        guard let first = utf8.first, first.isNameStart else { return false }
        return utf8.dropFirst().allSatisfy { $0.isNameStart || $0.isDigit }
    }

    /// Whether it matches `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    public var isLegacyMetricName: Bool {
        guard let first = utf8.first, first.isNameStart || first == 0x3a else { return false }
        return utf8.dropFirst().allSatisfy { $0.isNameStart || $0.isDigit || $0 == 0x3a }
    }
}

extension UInt8 {
    @usableFromInline var isNameStart: Bool {
        (0x61...0x7a).contains(self) || (0x41...0x5a).contains(self) || self == 0x5f
    }

    @usableFromInline var isDigit: Bool { (0x30...0x39).contains(self) }
}
