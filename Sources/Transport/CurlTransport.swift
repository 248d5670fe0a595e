import CCurl
import Synchronization

/// HTTP and mail through libcurl: thousands of transfers on one thread of our own.
///
/// Connections are kept and reused. A transfer that hangs, drips or floods costs nobody but itself:
/// every one is bounded in time and size. Proxies of the environment count only where a request
/// asks for them. Mail goes another way: see `MailSender`.
public final class CurlTransport: Transporting {
    /// What all transfers share.
    public struct Options: Sendable {
        /// The `User-Agent` of requests that have none.
        public var userAgent = "Tocsin"
        /// How many idle connections are kept; nil for half of the open files allowed.
        public var idleConnections: Int?

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private let requests: CurlLoop
    private let mail = MailSender()

    /// A transport; its threads start with the first transfer and end with it.
    public init(_ options: Options = Options()) {
        self.options = options
        requests = CurlLoop(idleConnections: options.idleConnections)
    }

    deinit { shutdown() }

    /// Ends everything under way with `cancelled`; nothing can be sent afterwards.
    public func shutdown() {
        requests.shutdown()
        mail.shutdown()
    }

    public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        try RequestCheck.check(request)
        let outcome = await requests.perform(.http(request, userAgent: options.userAgent))
        let received = try outcome.get()
        return HTTPResponse(
            status: received.code, reason: received.reason, headers: received.headers,
            body: received.body, transferredBytes: received.packedBytes,
            timing: received.timing)
    }

    public func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream {
        try RequestCheck.check(request)
        let handle = try requests.open(.http(request, userAgent: options.userAgent))
        let head = try await handle.mailbox.head()
        return HTTPStream(status: head.status, reason: head.reason, headers: head.headers) {
            () throws(TransportError) in try await handle.next()
        }
    }

    public func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        try RequestCheck.check(mail)
        let received = try await self.mail.send(mail).get()
        return MailReceipt(code: received.code, reply: received.reason)
    }
}

/// What one transfer is to do.
enum TransferTask: Sendable {
    case http(HTTPRequest, userAgent: String)
    case mail(MailMessage, MailStep)
}

/// How far a mail goes.
enum MailStep: Sendable {
    /// EHLO, and STARTTLS where it is wanted: to hear what the server offers.
    case hello
    /// The whole message, logged in by this mechanism.
    case message(MailCredentials.Mechanism?)
}

/// What came back.
struct Received: Sendable {
    var code = 0
    var reason = ""
    var headers: [HTTPRequest.Header] = []
    var body: [UInt8] = []
    /// The size of the body before it was decompressed; nil where it was not compressed.
    var packedBytes: Int?
    var timing = TransferTiming()
    /// What an SMTP server says behind `AUTH`; nil where it does not.
    var mechanisms: [String]?
}

/// What is refused before anything is sent.
enum RequestCheck {
    static func check(_ request: HTTPRequest) throws(TransportError) {
        try singleLine(request.url, "the URL")
        try singleLine(request.method, "the method")
        for header in request.headers + request.proxyHeaders {
            try singleLine(header.name, "a header's name")
            try singleLine(header.value, "the header \(header.name)")
        }
        switch request.authorization {
        case .bearer(let token): try singleLine(token, "the bearer token")
        case .scheme(let name, let credentials):
            try singleLine(name, "the authorization scheme")
            try singleLine(credentials, "the credentials")
        case .basic, nil: break
        }
    }

    static func check(_ mail: MailMessage) throws(TransportError) {
        for address in [mail.from] + mail.to { try singleLine(address, "an address") }
        try singleLine(mail.host, "the server's name")
        guard !mail.to.isEmpty else {
            throw TransportError(.invalidRequest, "the mail has no recipient")
        }
        guard (1...65_535).contains(mail.port) else {
            throw TransportError(.invalidRequest, "port \(mail.port) is not between 1 and 65535")
        }
        func isHostByte(_ byte: UInt8) -> Bool {
            (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x30...0x3a).contains(byte) || byte == 0x2d || byte == 0x2e || byte == 0x5f
                || byte == 0x5b || byte == 0x5d
        }
        for (text, what) in [(mail.host, "server"), (mail.helloName ?? "x", "hello name")] {
            guard !text.isEmpty, text.utf8.allSatisfy(isHostByte) else {
                throw TransportError(.invalidRequest, "the \(what) is not a host's name")
            }
        }
    }

    private static func singleLine(_ text: String, _ what: String) throws(TransportError) {
        if text.utf8.contains(where: { $0 == 0 || $0 == 0x0a || $0 == 0x0d }) {
            throw TransportError(.invalidRequest, "\(what) contains a line break")
        }
    }
}
