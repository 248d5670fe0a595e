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

    /// Whether the value is the stale marker.
    @inlinable @inline(__always)
    public static func isStale(_ value: Double) -> Bool { value.bitPattern == staleBits }

    /// The bits of a slot of which a frame says nothing: look-back goes on over it. Only the stale marker
    /// ends a series.
    public static let absentBits: UInt64 = 0x7ff0_0000_0000_0006

    /// Stands in a frame that says nothing of the slot's series.
    @inlinable public static var absent: Double { Double(bitPattern: absentBits) }

    /// Whether the frame says nothing of the slot's series.
    @inlinable @inline(__always)
    public static func isAbsent(_ value: Double) -> Bool { value.bitPattern == absentBits }

    /// Whether there is a sample: neither the stale marker nor absent.
    @inlinable @inline(__always)
    public static func isSample(_ value: Double) -> Bool {
        // The bit in which the two differ is left out.
        value.bitPattern & ~(staleBits ^ absentBits) != staleBits
    }

    /// The value as somebody else's number: the marks that have a meaning here only become an
    /// ordinary NaN.
    @inlinable @inline(__always)
    public static func foreign(_ value: Double) -> Double {
        isHistogram(value) || isAbsent(value) ? nan : value
    }

    /// The bits that stand for a native histogram. Like the stale marker's they are a signalling NaN's,
    /// which no arithmetic yields: a mark that goes through an operation by mistake comes out plain.
    public static let histogramBits: UInt64 = 0x7ff0_0000_0000_0003

    /// Stands in a column of numbers where the sample is a native histogram, which is kept beside it.
    @inlinable public static var histogram: Double { Double(bitPattern: histogramBits) }

    /// Whether the value stands for a native histogram.
    @inlinable @inline(__always)
    public static func isHistogram(_ value: Double) -> Bool { value.bitPattern == histogramBits }
}
