import CZlib
import Hummingbird

/// Sends answers as gzip to clients that say they take it.
struct Compression: RouterMiddleware {
    typealias Context = APIContext

    /// What is shorter than this is sent as it is, as by Prometheus: it would come out no shorter.
    static let minimumBytes = 1024

    func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard let length = response.body.contentLength, length >= Compression.minimumBytes,
            response.headers[.contentEncoding] == nil
        else { return response }
        response.headers[values: .vary].append("Accept-Encoding")
        guard Compression.accepts(request.headers[values: .acceptEncoding]) else {
            return response
        }
        let plain = response.body
        response.headers[.contentEncoding] = "gzip"
        response.body = ResponseBody { writer in
            try await plain.write(GzipWriter(writer))
        }
        return response
    }

    /// Whether one of the headers' values names gzip with a quality that is not 0.
    private static func accepts(_ values: [String]) -> Bool {
        var star = false
        for part in values.joined(separator: ",").split(separator: ",") {
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            let quality = pieces.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            let isWanted = quality.map { Double($0) ?? 0 > 0 } ?? true
            if pieces.first == "gzip" { return isWanted }
            if pieces.first == "*" { star = isWanted }
        }
        return star
    }
}

/// Compresses what is written and passes it on piece by piece.
private struct GzipWriter: ResponseBodyWriter {
    private var next: any ResponseBodyWriter
    private let deflater = Deflater()

    /// How much is compressed before other tasks have their turn.
    static let pieceBytes = 256 << 10

    init(_ next: any ResponseBodyWriter) { self.next = next }

    mutating func write(_ buffer: ByteBuffer) async throws {
        var buffer = buffer
        while let piece = buffer.readBytes(length: min(buffer.readableBytes, Self.pieceBytes)),
            !piece.isEmpty
        {
            let bytes = try deflater.deflate(piece, isLast: false)
            if !bytes.isEmpty { try await next.write(ByteBuffer(bytes: bytes)) }
            await Task.yield()
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        let bytes = try deflater.deflate([], isLast: true)
        var next = next
        try await next.write(ByteBuffer(bytes: bytes))
        try await next.finish(trailingHeaders)
    }
}

/// Compresses a stream to gzip.
@safe private final class Deflater {
    // zlib keeps a pointer to its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    struct Failure: Error {}

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // The fastest level: APIs are mostly asked over short ways. 16 more than the window's bits: gzip.
        let code = unsafe deflateInit2_(
            stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        isReady = code == Z_OK
    }

    deinit {
        if isReady { unsafe deflateEnd(stream) }
        unsafe stream.deallocate()
    }

    /// What zlib gives out for these bytes, which may be nothing before the last.
    func deflate(_ bytes: [UInt8], isLast: Bool) throws -> [UInt8] {
        guard isReady, bytes.count <= Int(UInt32.max) else { throw Failure() }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let size = chunk.count
        try unsafe bytes.withUnsafeBufferPointer { input in
            // zlib only reads through this pointer.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(input.count)
            var left = 0
            repeat {
                let code = unsafe chunk.withUnsafeMutableBufferPointer { out in
                    unsafe stream.pointee.next_out = out.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(size)
                    return unsafe CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                }
                // Z_BUF_ERROR says that there was nothing to do.
                guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
                    throw Failure()
                }
                left = Int(unsafe stream.pointee.avail_out)
                output.append(contentsOf: chunk[..<(size - left)])
            } while left == 0
        }
        return output
    }
}
