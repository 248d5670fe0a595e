import Compression
import Testing

/// Whole gzip bodies are decompressed within a limit.
struct GzipTests {
    private static let text = (0..<5000).flatMap { Array("up{a=\"\($0)\"} \($0 &* 7919)\n".utf8) }

    private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        try GzipStream().compress(bytes, isLast: true)
    }

    private static func failure(_ bytes: [UInt8], limit: Int = 1 << 20) -> GzipError? {
        do throws(GzipError) {
            _ = try Gzip.decompress(bytes, limit: limit)
            return nil
        } catch { return error }
    }

    @Test func piecesComeOutAsOne() throws {
        let stream = GzipStream()
        let packed =
            try stream.compress(Array(Self.text[..<70_000]), isLast: false)
            + stream.compress(Array(Self.text[70_000...]), isLast: false)
            + stream.compress([], isLast: true)
        #expect(packed.count < Self.text.count / 2)
        #expect(try Gzip.decompress(packed, limit: 1 << 20) == Self.text)
    }

    @Test func membersComeOneBehindTheOther() throws {
        let packed = try Self.gzip(Self.text) + Self.gzip([]) + Self.gzip(Array("end".utf8))
        #expect(try Gzip.decompress(packed, limit: 1 << 20) == Self.text + Array("end".utf8))
    }

    @Test func theLimitIsExact() throws {
        let packed = try Self.gzip(Self.text)
        let size = Self.text.count
        #expect(try Gzip.decompress(packed, limit: size).count == size)
        #expect(Self.failure(packed, limit: size - 1) == .tooLarge(limit: size - 1))
        #expect(try Gzip.decompress(Self.gzip([]), limit: 0).isEmpty)
        #expect(Self.failure(try Self.gzip([1]), limit: 0) == .tooLarge(limit: 0))
        let two = packed + packed
        #expect(Self.failure(two, limit: size + 5) == .tooLarge(limit: size + 5))
    }

    @Test func whatItClaimsToHoldIsNotBelieved() throws {
        var packed = try Self.gzip(Self.text)
        packed.replaceSubrange(packed.count - 4..<packed.count, with: [255, 255, 255, 255])
        #expect(Self.failure(packed) == .invalidData)
        packed.replaceSubrange(packed.count - 4..<packed.count, with: [0, 0, 0, 0])
        #expect(Self.failure(packed) == .invalidData)
    }

    @Test(arguments: [1, 4, 8, 9, 100]) func whatIsCutShortIsAnError(missing: Int) throws {
        #expect(Self.failure(try Self.gzip(Self.text).dropLast(missing)) == .unexpectedEnd)
    }

    @Test func nothingIsAnError() { #expect(Self.failure([]) == .unexpectedEnd) }

    @Test func whatIsNoGzipIsAnError() throws {
        #expect(Self.failure(Array("up 1\n".utf8)) == .invalidData)
        let packed = try Self.gzip(Self.text)
        #expect(Self.failure(packed + Array("behind it".utf8)) == .invalidData)
        #expect(Self.failure(packed + [0, 0]) == .invalidData)
        var broken = packed
        broken[packed.count - 6] ^= 1
        #expect(Self.failure(broken) == .invalidData)
    }
}
