import Model
import Persistence
import TestSupport
import Testing

@Suite struct FrameCodecTests {
    private func frame(_ random: inout SeededRandom, like previous: [Double]) -> [Double] {
        let count = max(0, previous.count + Int.random(in: -3...10, using: &random))
        return (0..<count).map { index in
            switch Int.random(in: 0..<8, using: &random) {
            case 0: SampleValue.stale
            case 1: SampleValue.nan
            case 2: Double(bitPattern: random.next())
            case 3: -.infinity
            case 4: Double(Int.random(in: 0..<1000, using: &random))
            default: index < previous.count ? previous[index] : 0
            }
        }
    }

    @Test func randomChainsComeBackBitByBit() throws {
        var random = SeededRandom(seed: 7)
        var previous: [Double] = []
        for step in 0..<300 {
            let next = frame(&random, like: step % 40 == 0 ? [] : previous)
            let bytes = FrameCodec.encode(next, after: previous)
            let back = try FrameCodec.decode(bytes, after: previous)
            #expect(back.map(\.bitPattern) == next.map(\.bitPattern))
            previous = next
        }
        #expect(FrameCodec.encode(previous, after: previous).count <= previous.count / 8 + 4)
    }

    @Test func damagedBytesAreRefusedOrReadButNeverTrap() {
        var random = SeededRandom(seed: 8)
        var refused = 0
        for _ in 0..<3000 {
            let next = frame(&random, like: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
            var bytes = FrameCodec.encode(next, after: [1, 2, 3])
            for _ in 0..<3 {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            do { _ = try FrameCodec.decode(bytes, after: [1, 2, 3]) } catch { refused += 1 }
        }
        #expect(refused > 1000)
        #expect(throws: FrameCodec.Damaged.self) {
            try FrameCodec.decode(
                [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], after: [])
        }
    }
}
