import Model
import Synchronization

/// A response whose body is handed over as it arrives. One task takes it.
///
/// What has arrived and is not taken waits in a bounded buffer; then the other side waits. Letting go of
/// the stream ends the transfer.
public struct HTTPStream: Sendable {
    /// The status, e.g. 200.
    public var status: Int
    /// The text after the status, e.g. `OK`; HTTP/2 has none.
    public var reason: String
    /// The header lines of the last response (after redirects) in their order.
    public var headers: [HTTPRequest.Header]
    private let take: @Sendable () async throws(TransportError) -> [UInt8]?

    /// A stream whose pieces `next` gives; nil is the end.
    public init(
        status: Int, reason: String = "", headers: [HTTPRequest.Header] = [],
        next: @escaping @Sendable () async throws(TransportError) -> [UInt8]?
    ) {
        self.status = status
        self.reason = reason
        self.headers = headers
        take = next
    }

    /// A stream of a body that is there as a whole.
    public init(_ response: HTTPResponse) {
        let rest = WholeBody(response.body)
        self.init(
            status: response.status, reason: response.reason, headers: response.headers
        ) { () throws(TransportError) in rest.take() }
    }

    /// What has arrived since the last call, decompressed, at least a byte; waits for it, and is nil at the
    /// end of the body. Cancelling the task ends the transfer with `TransportError.Kind.cancelled`.
    public func next() async throws(TransportError) -> [UInt8]? { try await take() }

    /// What is left of the body, if it is at most `limit` bytes.
    public func rest(limit: Int) async throws(TransportError) -> [UInt8] {
        var body: [UInt8] = []
        while let piece = try await next() {
            guard body.count + piece.count <= limit else { throw .tooLarge(limit: limit) }
            body += piece
        }
        return body
    }
}

/// A body that is handed over once.
private final class WholeBody: Sendable {
    private let body: Mutex<[UInt8]?>

    init(_ body: [UInt8]) { self.body = Mutex(body.isEmpty ? nil : body) }

    func take() -> [UInt8]? {
        body.locked { body in
            defer { body = nil }
            return body
        }
    }
}

/// Cuts a stream of pieces into lines. A line, such as an event of a watch, may come in any number of
/// pieces, but may not be longer than a limit.
public struct LineSplitter: Sendable {
    /// What a line may be, in bytes.
    public let maximumLineBytes: Int
    private var begun: [UInt8] = []

    /// Of nothing yet.
    public init(maximumLineBytes: Int) { self.maximumLineBytes = maximumLineBytes }

    /// The lines that end in `piece`, without the line feed, empty ones left out.
    public mutating func take(_ piece: [UInt8]) throws(TransportError) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = piece[...]
        while let end = rest.firstIndex(of: 0x0a) {
            try keep(rest[..<end])
            rest = rest[(end + 1)...]
            if !begun.isEmpty { lines.append(begun) }
            begun = []
        }
        try keep(rest)
        return lines
    }

    /// The line that no line feed ended, if there is one.
    public mutating func finish() -> [UInt8]? {
        defer { begun = [] }
        return begun.isEmpty ? nil : begun
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) throws(TransportError) {
        guard begun.count + bytes.count <= maximumLineBytes else {
            throw TransportError(
                .tooLarge(limit: maximumLineBytes),
                "a line is longer than \(maximumLineBytes) bytes (maximumLineBytes)")
        }
        begun += bytes
    }
}
