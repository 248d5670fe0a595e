/// A whole response.
public struct HTTPResponse: Sendable {
    /// The status, e.g. 200.
    public var status: Int
    /// The text after the status, e.g. `OK`; HTTP/2 has none.
    public var reason: String
    /// The header lines of the last response (after redirects) in their order.
    public var headers: [HTTPRequest.Header]
    /// The body, decompressed.
    public var body: [UInt8]
    /// The bytes of the body as they came, compressed or not.
    public var transferredBytes: Int
    /// How long its parts took.
    public var timing: TransferTiming

    /// A response. `transferredBytes` is the body's size where nothing else is said.
    public init(
        status: Int, reason: String = "", headers: [HTTPRequest.Header] = [],
        body: [UInt8] = [], transferredBytes: Int? = nil,
        timing: TransferTiming = TransferTiming()
    ) {
        self.transferredBytes = transferredBytes ?? body.count
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
        self.timing = timing
    }

    /// The value of the first header called `name`, in whatever case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

/// How long the parts of a transfer took, each counted from its start.
public struct TransferTiming: Sendable, Hashable {
    /// Until the name was resolved.
    public var nameLookup: Duration = .zero
    /// Until the connection stood.
    public var connect: Duration = .zero
    /// Until the first byte came.
    public var firstByte: Duration = .zero
    /// Until all was done.
    public var total: Duration = .zero

    /// All zero.
    public init() {}
}
