import Compression
import Hummingbird

/// Sends answers as gzip to clients that say they take it.
struct CompressedAnswers: RouterMiddleware {
    typealias Context = APIContext

    /// What is shorter than this is sent as it is, as by Prometheus: it would come out no shorter.
    static let minimumBytes = 1024

    func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard let length = response.body.contentLength, length >= CompressedAnswers.minimumBytes,
            response.headers[.contentEncoding] == nil
        else { return response }
        response.headers[values: .vary].append("Accept-Encoding")
        guard CompressedAnswers.accepts(request.headers[values: .acceptEncoding]) else {
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
    private let gzip = GzipStream()

    /// How much is compressed before other tasks have their turn.
    static let pieceBytes = 256 << 10

    init(_ next: any ResponseBodyWriter) { self.next = next }

    mutating func write(_ buffer: ByteBuffer) async throws {
        var buffer = buffer
        while let piece = buffer.readBytes(length: min(buffer.readableBytes, Self.pieceBytes)),
            !piece.isEmpty
        {
            let bytes = try gzip.compress(piece, isLast: false)
            if !bytes.isEmpty { try await next.write(ByteBuffer(bytes: bytes)) }
            await Task.yield()
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        let bytes = try gzip.compress([], isLast: true)
        var next = next
        try await next.write(ByteBuffer(bytes: bytes))
        try await next.finish(trailingHeaders)
    }
}
