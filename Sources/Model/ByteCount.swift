/// A number of bytes, as people read it: `512MiB`, `1.5GiB`.
public struct ByteCount: Hashable, Sendable, CustomStringConvertible {
    /// How many.
    public var bytes: Int

    /// So many bytes.
    public init(_ bytes: Int) { self.bytes = bytes }

    /// In the largest unit that it has one of, with at most two digits after the point, cut and not
    /// rounded.
    public var description: String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        let size = bytes.magnitude
        let power = size == 0 ? 0 : (UInt.bitWidth - 1 - size.leadingZeroBitCount) / 10
        let one = UInt(1) << UInt(power * 10)
        let hundredths = (size % one) / max(1, one >> 7) * 100 / 128
        let sign = bytes < 0 ? "-" : ""
        if hundredths == 0 || power == 0 { return "\(sign)\(size / one)\(units[power])" }
        let digits =
            hundredths % 10 == 0
            ? "\(hundredths / 10)" : hundredths < 10 ? "0\(hundredths)" : "\(hundredths)"
        return "\(sign)\(size / one).\(digits)\(units[power])"
    }
}
