import Model

/// How a frame becomes bytes: which values differ from the frame before, and of each of these the
/// bytes in which they differ. A key frame stands by itself: it is the difference from nothing. A partial
/// frame begins with the runs of slots that it says something of.
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
        var changes = Changes(count: values.count)
        for (index, value) in values.enumerated() {
            let before =
                index < previous.count ? previous[index].bitPattern : SampleValue.staleBits
            changes.add(value.bitPattern ^ before, at: index)
        }
        changes.write(to: &writer)
        return writer.bytes
    }

    /// The difference of a frame that says something of some slots only, which are in order. `previous`,
    /// what was said last of each slot, becomes what is said last after it.
    public static func encode(
        _ values: [Double], of slots: [Int], after previous: inout [Double]
    ) -> [UInt8] {
        var writer = ByteWriter()
        let runs = runs(slots)
        writer.number(runs.count)
        var end = 0
        for run in runs {
            writer.number(run.lowerBound - end)
            writer.number(run.count)
            end = run.upperBound
        }
        while previous.count < end { previous.append(SampleValue.stale) }
        var changes = Changes(count: values.count)
        for (index, (slot, value)) in zip(slots, values).enumerated() {
            changes.add(value.bitPattern ^ previous[slot].bitPattern, at: index)
            previous[slot] = value
        }
        changes.write(to: &writer)
        return writer.bytes
    }

    private static func runs(_ slots: [Int]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for slot in slots {
            if let last = runs.last, last.upperBound == slot {
                runs[runs.count - 1] = last.lowerBound..<slot + 1
            } else {
                runs.append(slot..<slot + 1)
            }
        }
        return runs
    }

    /// The frame that `bytes` makes of `previous`.
    public static func decode(_ bytes: [UInt8], after previous: [Double]) throws -> [Double] {
        var reader = ByteReader(bytes)
        do {
            let count = try reader.number()
            if count < 0 || count > maximumValues { throw Damaged() }
            var values = Array(previous.prefix(count))
            while values.count < count { values.append(SampleValue.stale) }
            try readChanges(of: count, from: &reader) { index, difference in
                values[index] = Double(bitPattern: values[index].bitPattern ^ difference)
            }
            if !reader.isAtEnd { throw Damaged() }
            return values
        } catch {
            throw Damaged()
        }
    }

    /// The slots of which a frame says something, and what; `previous` as for `encode`.
    public static func decode(
        _ bytes: [UInt8], after previous: inout [Double]
    ) throws(Damaged) -> (slots: [Int], values: [Double]) {
        var reader = ByteReader(bytes)
        do {
            var slots: [Int] = []
            for _ in 0..<(try reader.count(of: 2)) {
                let skipped = try reader.number()
                let count = try reader.number()
                let start = (slots.last ?? -1) + 1
                guard skipped >= 0, count > 0, skipped <= maximumValues, count <= maximumValues,
                    start + skipped + count <= maximumValues
                else { throw Damaged() }
                slots += start + skipped..<start + skipped + count
            }
            var said = previous
            while said.count <= slots.last ?? -1 { said.append(SampleValue.stale) }
            try readChanges(of: slots.count, from: &reader) { index, difference in
                let slot = slots[index]
                said[slot] = Double(bitPattern: said[slot].bitPattern ^ difference)
            }
            if !reader.isAtEnd { throw Damaged() }
            previous = said
            return (slots, slots.map { said[$0] })
        } catch {
            throw Damaged()
        }
    }

    private static func readChanges(
        of count: Int, from reader: inout ByteReader,
        _ apply: (_ index: Int, _ difference: UInt64) -> Void
    ) throws {
        let mask = Array(try reader.take((count + 7) / 8))
        for index in 0..<count where mask[index >> 3] & (1 << UInt8(index & 7)) != 0 {
            let shape = try reader.byte()
            let (trailing, length) = (Int(shape >> 4), Int(shape & 15))
            if trailing + length > 8 { throw Damaged() }
            var difference: UInt64 = 0
            for position in 0..<length {
                difference |= UInt64(try reader.byte()) << UInt64((trailing + position) * 8)
            }
            apply(index, difference)
        }
    }
}

/// Which of some values differ from those before, and of these the bytes in which they do.
private struct Changes {
    private var mask: [UInt8]
    private var differences = ByteWriter()

    init(count: Int) { mask = [UInt8](repeating: 0, count: (count + 7) / 8) }

    mutating func add(_ difference: UInt64, at index: Int) {
        if difference == 0 { return }
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

    func write(to writer: inout ByteWriter) {
        writer.append(mask)
        writer.append(differences.bytes)
    }
}
