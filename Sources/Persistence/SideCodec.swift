import Model
import Store

/// How what a frame has beside its numbers becomes bytes: native histograms, start timestamps, and times
/// that are not the frame's.
/// Each frame's stand by themselves.
public enum SideCodec {
    /// The bytes are not those of a frame's sides.
    public struct Damaged: Error {
        init() {}
    }

    /// The bytes, or nil where the frame has numbers only.
    ///
    /// `time` is the frame's: own times are written as how far they are from it.
    public static func encode(
        _ histograms: [SlotHistogram], _ startTimes: [SlotStartTime],
        _ ownTimes: [SlotTime] = [], at time: Timestamp = .distantPast
    ) -> [UInt8]? {
        if histograms.isEmpty && startTimes.isEmpty && ownTimes.isEmpty { return nil }
        var writer = ByteWriter()
        writer.number(histograms.count)
        for sample in histograms {
            writer.number(sample.slot)
            writer.histogram(sample.histogram)
        }
        writer.number(startTimes.count)
        for start in startTimes {
            writer.number(start.slot)
            writer.signed(Int(start.start.milliseconds))
        }
        // What was written before there were own times ends here.
        if !ownTimes.isEmpty { writer.write(ownTimes, at: time) }
        return writer.bytes
    }

    /// What `bytes` say; nil says that there are numbers only.
    public static func decode(
        _ bytes: [UInt8]?, at time: Timestamp = .distantPast
    ) throws(Damaged) -> (
        histograms: [SlotHistogram], startTimes: [SlotStartTime], ownTimes: [SlotTime]
    ) {
        guard let bytes else { return ([], [], []) }
        var reader = ByteReader(bytes)
        do {
            var histograms: [SlotHistogram] = []
            for _ in 0..<(try reader.count(of: 1)) {
                let slot = try reader.number()
                histograms.append(SlotHistogram(slot: slot, histogram: try reader.histogram()))
            }
            var starts: [SlotStartTime] = []
            for _ in 0..<(try reader.count(of: 2)) {
                let slot = try reader.number()
                let start = Timestamp(milliseconds: Int64(try reader.signed()))
                starts.append(SlotStartTime(slot: slot, start: start))
            }
            let ownTimes = reader.isAtEnd ? [] : try reader.ownTimes(at: time)
            if !reader.isAtEnd { throw ByteReader.Damaged() }
            return (histograms, starts, ownTimes)
        } catch {
            throw Damaged()
        }
    }
}

extension ByteWriter {
    /// Runs of slots, each with how far its time is from the frame's: series of one origin mostly have one.
    fileprivate mutating func write(_ ownTimes: [SlotTime], at time: Timestamp) {
        var runs: [(slots: Range<Int>, offset: Int64)] = []
        for item in ownTimes.sorted(by: { $0.slot < $1.slot }) {
            let offset = item.time.milliseconds &- time.milliseconds
            if let last = runs.last, last.slots.upperBound == item.slot, last.offset == offset {
                runs[runs.count - 1].slots = last.slots.lowerBound..<item.slot + 1
            } else {
                runs.append((item.slot..<item.slot + 1, offset))
            }
        }
        number(runs.count)
        var (end, offset) = (0, Int64(0))
        for run in runs {
            number(run.slots.lowerBound - end)
            number(run.slots.count)
            signed(Int(run.offset &- offset))
            (end, offset) = (run.slots.upperBound, run.offset)
        }
    }

    fileprivate mutating func double(_ value: Double) {
        var rest = value.bitPattern
        for _ in 0..<8 {
            byte(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    fileprivate mutating func doubles(_ values: [Double]) {
        number(values.count)
        for value in values { double(value) }
    }

    fileprivate mutating func spans(_ spans: [FloatHistogram.Span]) {
        number(spans.count)
        for span in spans {
            signed(Int(span.offset))
            number(Int(span.length))
        }
    }

    fileprivate mutating func histogram(_ histogram: FloatHistogram) {
        byte(histogram.resetHint.rawValue)
        signed(Int(histogram.schema))
        for value in [
            histogram.zeroThreshold, histogram.zeroCount, histogram.count, histogram.sum,
        ] {
            double(value)
        }
        spans(histogram.positiveSpans)
        spans(histogram.negativeSpans)
        doubles(histogram.positiveBuckets)
        doubles(histogram.negativeBuckets)
        doubles(histogram.customValues)
    }
}

extension ByteReader {
    fileprivate mutating func ownTimes(at time: Timestamp) throws -> [SlotTime] {
        var times: [SlotTime] = []
        var (end, offset) = (0, Int64(0))
        for _ in 0..<(try count(of: 3)) {
            let skipped = try number()
            let count = try number()
            offset &+= Int64(try signed())
            guard skipped >= 0, count > 0, skipped <= FrameCodec.maximumValues,
                count <= FrameCodec.maximumValues,
                end + skipped + count <= FrameCodec.maximumValues
            else { throw Damaged() }
            let own = Timestamp(milliseconds: time.milliseconds &+ offset)
            for slot in end + skipped..<end + skipped + count {
                times.append(SlotTime(slot: slot, time: own))
            }
            end += skipped + count
        }
        return times
    }

    fileprivate mutating func double() throws -> Double {
        var bits: UInt64 = 0
        for (index, byte) in try take(8).enumerated() { bits |= UInt64(byte) << UInt64(index * 8) }
        return Double(bitPattern: bits)
    }

    fileprivate mutating func doubles() throws -> [Double] {
        var values: [Double] = []
        for _ in 0..<(try count(of: 8)) { values.append(try double()) }
        return values
    }

    fileprivate mutating func spans() throws -> [FloatHistogram.Span] {
        var spans: [FloatHistogram.Span] = []
        for _ in 0..<(try count(of: 2)) {
            guard let offset = Int32(exactly: try signed()),
                let length = UInt32(exactly: try number())
            else { throw Damaged() }
            spans.append(FloatHistogram.Span(offset: offset, length: length))
        }
        return spans
    }

    fileprivate mutating func histogram() throws -> FloatHistogram {
        var histogram = FloatHistogram()
        guard let hint = FloatHistogram.ResetHint(rawValue: try byte()),
            let schema = Int32(exactly: try signed())
        else { throw Damaged() }
        histogram.resetHint = hint
        histogram.schema = schema
        histogram.zeroThreshold = try double()
        histogram.zeroCount = try double()
        histogram.count = try double()
        histogram.sum = try double()
        histogram.positiveSpans = try spans()
        histogram.negativeSpans = try spans()
        histogram.positiveBuckets = try doubles()
        histogram.negativeBuckets = try doubles()
        histogram.customValues = try doubles()
        guard histogram.isWellFormed else { throw Damaged() }
        return histogram
    }
}

extension FloatHistogram {
    /// Whether its spans name as many buckets as there are. Counts may be anything: a rule's result may
    /// be negative.
    fileprivate var isWellFormed: Bool {
        func agree(_ spans: [Span], _ buckets: [Double]) -> Bool {
            var length = 0
            for span in spans { length += Int(span.length) }
            return length == buckets.count && spans.dropFirst().allSatisfy { $0.offset >= 0 }
        }
        return agree(positiveSpans, positiveBuckets) && agree(negativeSpans, negativeBuckets)
            && (usesCustomBuckets || (-4...8).contains(schema))
    }
}
