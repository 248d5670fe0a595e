import Compression
import Hummingbird
import Model
import PromQL
import Scrape

/// Why what is pushed or written is answered with something else than it asks for.
struct PushFailure: Error {
    let status: HTTPResponse.Status
    let message: String

    init(status: HTTPResponse.Status, message: String) {
        self.status = status
        self.message = message
    }

    init(_ failure: WriteFailure) {
        switch failure {
        case .malformed(let text): self.init(status: .badRequest, message: text)
        case .tooLarge(let text): self.init(status: .contentTooLarge, message: text)
        case .busy(let text): self.init(status: .serviceUnavailable, message: text)
        }
    }

    /// The answer.
    var response: Response {
        var response = APIResponse.text(status, message + "\n")
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }
}

/// Reads the bodies of requests that push or write, within the memory that there is for all of them.
struct PushBodies: Sendable {
    /// What they are called in errors.
    let what: String

    /// What they may take together, in bodies of the largest size.
    private static let inMemory = 4
    private let memory = QueryMemory()

    init(of what: String) { self.what = what }

    /// The body as it is sent, and the memory that it takes: as much as has come, so that who sends slowly
    /// holds little.
    func read(
        _ request: Request, _ limits: WriteLimits
    ) async throws(PushFailure) -> (bytes: [UInt8], memory: MemoryReservation) {
        let limit = limits.bodySize
        let total = PushBodies.inMemory * limit
        let memory = MemoryReservation(memory, MemoryLimits(total: total, perQuery: total))
        let tooLarge = PushFailure(limits.bodyTooLarge)
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw tooLarge
        }
        var bytes: [UInt8] = []
        do {
            for try await buffer in request.body {
                if buffer.readableBytes > limit - bytes.count { throw tooLarge }
                try take(buffer.readableBytes, of: memory)
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch let error as PushFailure {
            throw error
        } catch {
            throw PushFailure(status: .badRequest, message: "the body ends too early: \(error)")
        }
        return (bytes, memory)
    }

    /// Takes memory for what becomes of a body.
    func take(_ bytes: Int, of memory: MemoryReservation) throws(PushFailure) {
        do throws(QueryError) {
            try memory.take(bytes)
        } catch {
            throw PushFailure(
                status: .serviceUnavailable,
                message: "the bodies of other \(what) take the memory that there is for them "
                    + "(\(PushBodies.inMemory) times push.max_body_size): try again")
        }
    }

    /// Whether the body is compressed by gzip; `refusal` is what is said of other encodings.
    static func isGzip(
        _ request: Request, refusal: (_ encoding: String) -> String
    ) throws(PushFailure) -> Bool {
        switch request.headers[.contentEncoding]?.lowercased() {
        case nil, "", "identity": return false
        case "gzip": return true
        case .some(let other):
            throw PushFailure(status: .unsupportedMediaType, message: refusal(other))
        }
    }

    /// What a body says that is compressed by gzip.
    static func inflated(
        _ body: [UInt8], _ limits: WriteLimits
    ) throws(WriteFailure) -> [UInt8] {
        do {
            return try Gzip.decompress(body, limit: limits.bodySize)
        } catch {
            if case .tooLarge = error { throw limits.bodyTooLarge }
            throw .malformed("the body is no gzip: \(error)")
        }
    }
}
