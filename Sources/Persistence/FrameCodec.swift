import Model

/// How a frame becomes bytes: which values differ from the frame before, and of each of these the
/// bytes in which they differ. A key frame stands by itself: it is the difference from nothing.
public enum FrameCodec {
    /// How many values a frame may have; bytes that claim more are damaged.
    public static let maximumValues = 16_000_000

    /// The bytes are not those of a frame.
    public struct Damaged: Error {
        init() {}
    }

    /// The frame's difference from `previous` ([] for a key frame). Values that either lacks are the
    /// stale marker.
    public static func encode(_ values: [Double], after previous: [Double]) -> [UInt8] {
        var writer = ByteWriter()
        writer.number(values.count)
        var mask = [UInt8](repeating: 0, count: (values.count + 7) / 8)
        var differences = ByteWriter()
        for (index, value) in values.enumerated() {
            let before =
                index < previous.count ? previous[index].bitPattern : SampleValue.staleBits
            let difference = value.bitPattern ^ before
            if difference == 0 { continue }
            mask[index >> 3] |= 1 << UInt8(index & 7)
            let leading = difference.leadingZeroBitCount / 8
            let trailing = difference.trailingZeroBitCount / 8
            let length = 8 - leading - trailing
            differences.byte(UInt8(trailing << 4 | length))
            var rest = difference >> UInt64(trailing * 8)
            for _ in 0..<length {
                differences.byte(UInt8(truncatingIfNeeded: rest))
                rest >>= 8
            }
        }
        writer.append(mask)
        writer.append(differences.bytes)
        return writer.bytes
    }

    /// The frame that `bytes` makes of `previous`.
    public static func decode(_ bytes: [UInt8], after previous: [Double]) throws -> [Double] {
        var reader = ByteReader(bytes)
        do {
            let count = try reader.number()
            if count < 0 || count > maximumValues { throw Damaged() }
            let mask = Array(try reader.take((count + 7) / 8))
            var values = Array(previous.prefix(count))
            while values.count < count { values.append(SampleValue.stale) }
            for index in 0..<count where mask[index >> 3] & (1 << UInt8(index & 7)) != 0 {
                let shape = try reader.byte()
                let (trailing, length) = (Int(shape >> 4), Int(shape & 15))
                if trailing + length > 8 { throw Damaged() }
                var difference: UInt64 = 0
                for position in 0..<length {
                    difference |= UInt64(try reader.byte()) << UInt64((trailing + position) * 8)
                }
                values[index] = Double(bitPattern: values[index].bitPattern ^ difference)
            }
            if !reader.isAtEnd { throw Damaged() }
            return values
        } catch is ByteReader.Damaged {
            throw Damaged()
        }
    }
}
