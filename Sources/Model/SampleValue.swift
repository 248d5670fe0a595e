/// What a slot of a column holds when it is not an ordinary number.
public enum SampleValue {
    /// The bits of Prometheus's stale marker: a NaN that says "the series ended here".
    public static let staleBits: UInt64 = 0x7ff0_0000_0000_0002

    /// The bits of an ordinary NaN, as Prometheus normalises it.
    public static let nanBits: UInt64 = 0x7ff8_0000_0000_0001

    /// The stale marker. Compare bits, never values: it is a NaN.
    @inlinable public static var stale: Double { Double(bitPattern: staleBits) }

    /// The ordinary NaN.
    @inlinable public static var nan: Double { Double(bitPattern: nanBits) }

    /// Whether the value is the stale marker, which means "absent".
    @inlinable @inline(__always)
    public static func isStale(_ value: Double) -> Bool { value.bitPattern == staleBits }
}
