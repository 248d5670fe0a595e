/// FNV-1a, 64 bits: what Prometheus and Alertmanager call a label set's fingerprint.
public struct Fingerprint: Hashable, Comparable, Sendable {
    /// The hash.
    public let value: UInt64

    /// A fingerprint with this hash.
    public init(value: UInt64) { self.value = value }

    /// The fingerprint of a label set, equal to Alertmanager's.
    public init(_ labels: Labels) {
        if labels.isEmpty {
            value = FNV1a.offset
            return
        }
        var hash = FNV1a()
        for label in labels.sorted {
            hash.combine(label.name)
            hash.combine(byte: 0xff)
            hash.combine(label.value)
            hash.combine(byte: 0xff)
        }
        value = hash.value
    }

    /// Sixteen hexadecimal digits.
    public var description: String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    public static func < (a: Fingerprint, b: Fingerprint) -> Bool { a.value < b.value }
}

extension Fingerprint: CustomStringConvertible {}

/// The Fowler–Noll–Vo hash, variant 1a: the same on every machine and in every run.
public struct FNV1a: Sendable {
    static let offset: UInt64 = 14_695_981_039_346_656_037

    /// The hash so far.
    public private(set) var value: UInt64 = FNV1a.offset

    /// The hash of nothing.
    public init() {}

    /// Takes in a byte.
    public mutating func combine(byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 1_099_511_628_211
    }

    /// Takes in a text's bytes.
    public mutating func combine(_ text: String) {
        for byte in text.utf8 { combine(byte: byte) }
    }

    /// The hash of a text.
    public static func hash(_ text: String) -> UInt64 {
        var hash = FNV1a()
        hash.combine(text)
        return hash.value
    }
}
