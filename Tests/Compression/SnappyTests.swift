import Compression
import Testing

/// Snappy blocks are read within a limit.
struct SnappyTests {
    private static let text = (0..<5000).flatMap { Array("up{a=\"\($0)\"} \($0 &* 7919)\n".utf8) }

    private static func failure(_ bytes: [UInt8], limit: Int = 1 << 20) -> SnappyError? {
        do throws(SnappyError) {
            _ = try Snappy.decompress(bytes, limit: limit)
            return nil
        } catch { return error }
    }

    @Test func whatIsPackedComesOutAgain() throws {
        let packed = try Snappy.compress(Self.text)
        #expect(packed.count < Self.text.count)
        #expect(try Snappy.decompress(packed, limit: Self.text.count) == Self.text)
        #expect(try Snappy.decompress(Snappy.compress([]), limit: 0).isEmpty)
        // Length 3, then three literal bytes.
        #expect(try Snappy.decompress([3, 8, 97, 98, 99], limit: 3) == Array("abc".utf8))
    }

    @Test func theLimitIsExact() throws {
        let packed = try Snappy.compress(Self.text)
        let limit = Self.text.count - 1
        #expect(Self.failure(packed, limit: limit) == .tooLarge(limit: limit))
        // Claims 4 GiB - 1.
        #expect(Self.failure([0xff, 0xff, 0xff, 0xff, 0x0f, 0]) == .tooLarge(limit: 1 << 20))
    }

    @Test func damageIsAnError() throws {
        let packed = try Snappy.compress(Self.text)
        #expect(Self.failure([]) == .corrupt)
        #expect(Self.failure(Array(packed.dropLast())) == .corrupt)
        #expect(Self.failure(packed + [0]) == .corrupt)
        #expect(Self.failure(Array("no snappy".utf8), limit: 1 << 40) == .corrupt)
    }
}
