import Model
import Persistence
import Store
import TestSupport
import Testing

@Suite struct SideCodecTests {
    static func histogram(_ random: inout SeededRandom) -> FloatHistogram {
        var histogram = FloatHistogram()
        if Bool.random(using: &random) {
            histogram.schema = Int32.random(in: -4...8, using: &random)
            histogram.zeroThreshold = 0.001
            histogram.zeroCount = Double(Int.random(in: 0...9, using: &random))
            histogram.negativeSpans = [.init(offset: -7, length: 2), .init(offset: 3, length: 1)]
            histogram.negativeBuckets = (0..<3).map { _ in Double.random(in: 0...5, using: &random)
            }
        } else {
            histogram.schema = FloatHistogram.customSchema
            histogram.customValues = [-1, 0.5, 10]
        }
        histogram.positiveSpans = [.init(offset: 0, length: 2)]
        histogram.positiveBuckets = [1, Double(Int.random(in: 0...99, using: &random))]
        histogram.count = 3.5
        histogram.sum = .nan
        histogram.resetHint = Bool.random(using: &random) ? .gauge : .unknown
        return histogram
    }

    private func sides(_ random: inout SeededRandom) -> ([SlotHistogram], [SlotStartTime]) {
        let histograms = (0..<Int.random(in: 1...5, using: &random)).map { slot in
            SlotHistogram(slot: slot * 100_000, histogram: Self.histogram(&random))
        }
        let starts = [SlotStartTime(slot: 3, start: Timestamp(milliseconds: -5))]
        return (histograms, starts)
    }

    @Test func sidesComeBack() throws {
        var random = SeededRandom(seed: 3)
        for _ in 0..<200 {
            let (histograms, starts) = sides(&random)
            let back = try SideCodec.decode(SideCodec.encode(histograms, starts))
            #expect(back.histograms.map(\.slot) == histograms.map(\.slot))
            for (read, written) in zip(back.histograms, histograms) {
                #expect(read.histogram.isIdentical(to: written.histogram))
                #expect(read.histogram.resetHint == written.histogram.resetHint)
            }
            #expect(back.startTimes.map(\.start) == starts.map(\.start))
        }
        #expect(SideCodec.encode([], []) == nil)
        #expect(try SideCodec.decode(nil).histograms.isEmpty)
    }

    @Test func damagedBytesAreRefusedOrReadButNeverTrap() throws {
        var random = SeededRandom(seed: 4)
        var refused = 0
        for _ in 0..<3000 {
            let (histograms, starts) = sides(&random)
            var bytes = try #require(SideCodec.encode(histograms, starts))
            for _ in 0..<3 {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            do { _ = try SideCodec.decode(bytes) } catch { refused += 1 }
        }
        #expect(refused > 1000)
    }
}
