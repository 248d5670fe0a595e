import Foundation

/// A request as the test's servers see it.
public struct Request: Sendable {
    public var method: String
    public var path: String
    public var headers: [String: String]
    public var body: [UInt8]

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// A message's head, lines of which end in CRLF.
struct Head {
    var first: String
    var headers: [String: String]
    /// What came behind it already.
    var rest: [UInt8]

    /// Reads up to the empty line; nil where the connection ends before.
    init?(_ connection: Connection) {
        var bytes: [UInt8] = []
        let end: [UInt8] = [13, 10, 13, 10]
        while true {
            if let range = bytes.firstRange(of: end) {
                let lines = String(decoding: bytes[..<range.lowerBound], as: UTF8.self)
                    .split(separator: "\r\n", omittingEmptySubsequences: false)
                first = String(lines.first ?? "")
                headers = [:]
                for line in lines.dropFirst() {
                    guard let colon = line.firstIndex(of: ":") else { continue }
                    headers[line[..<colon].lowercased()] =
                        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                }
                rest = Array(bytes[range.upperBound...])
                return
            }
            let some = connection.read()
            if some.isEmpty || bytes.count > 1 << 20 { return nil }
            bytes += some
        }
    }
}

/// What a test's server does with a request.
public enum Answer: Sendable {
    case respond(status: Int = 200, headers: [String: String] = [:], body: [UInt8] = [])
    /// Says nothing for as long as the client waits.
    case hang
    /// Ends the connection without a word.
    case close
    /// Writes what it wants, head included.
    case stream(@Sendable (Connection) -> Void)
}

/// An HTTP server on loopback.
public final class HTTPServer: Sendable {
    private let listener: Listener

    /// Answers each request by `answer`, on a free port unless one is named.
    public init(port: Int = 0, _ answer: @escaping @Sendable (Request) -> Answer) throws {
        listener = try Listener(port: port) { connection in
            guard let request = HTTPServer.read(connection) else { return }
            switch answer(request) {
            case .respond(let status, let headers, let body):
                var head = "HTTP/1.1 \(status) Scripted\r\nConnection: close\r\n"
                head += "Content-Length: \(body.count)\r\n"
                for (name, value) in headers { head += "\(name): \(value)\r\n" }
                connection.write(Array((head + "\r\n").utf8) + body)
            case .hang: _ = connection.readToEnd()
            case .close: break
            case .stream(let write): write(connection)
            }
        }
    }

    /// The port.
    public var port: Int { listener.port }

    /// Takes no further connection.
    public func stop() { listener.stop() }

    /// `127.0.0.1:PORT`.
    public var address: String { "127.0.0.1:\(port)" }

    private static func read(_ connection: Connection) -> Request? {
        guard let head = Head(connection) else { return nil }
        let words = head.first.split(separator: " ").map(String.init)
        guard words.count >= 2 else { return nil }
        var body = head.rest
        let length = head.headers["content-length"].flatMap { Int($0) } ?? 0
        if head.headers["expect"] != nil {
            connection.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        while body.count < length {
            let some = connection.read()
            if some.isEmpty { return nil }
            body += some
        }
        return Request(method: words[0], path: words[1], headers: head.headers, body: body)
    }
}

/// A client of loopback, one connection a request.
public struct HTTPClient: Sendable {
    /// An answer.
    public struct Response: Sendable {
        public var status: Int
        public var body: [UInt8]
        /// By their names in small letters.
        public var headers: [String: String] = [:]

        /// The body as text.
        public var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// The port.
    public let port: Int

    /// A client of a port.
    public init(port: Int) { self.port = port }

    /// Asks; nil where nobody answers.
    public func request(
        _ method: String, _ path: String, form: [(String, String)] = [],
        headers: [(String, String)] = []
    ) -> Response? {
        let body = Array(form.map { "\($0.0)=\(escaped($0.1))" }.joined(separator: "&").utf8)
        let type = ("Content-Type", "application/x-www-form-urlencoded")
        return request(
            method, path, body: body, headers: form.isEmpty ? headers : [type] + headers)
    }

    /// Asks, with a body of any kind; nil where nobody answers.
    public func request(
        _ method: String, _ path: String, body: [UInt8], headers: [(String, String)]
    ) -> Response? {
        guard let connection = Connection(port: port) else { return nil }
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
        head += "Content-Length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        guard connection.write(Array((head + "\r\n").utf8) + body),
            let answer = Head(connection)
        else { return nil }
        let words = answer.first.split(separator: " ")
        guard words.count >= 2, let status = Int(words[1]) else { return nil }
        // Not every server closes the connection when it was asked to.
        var bytes = answer.rest
        let length = answer.headers["content-length"].flatMap { Int($0) } ?? .max
        while bytes.count < length {
            let some = connection.read()
            if some.isEmpty { break }
            bytes += some
        }
        if answer.headers["transfer-encoding"]?.lowercased() == "chunked" {
            bytes = dechunked(bytes)
        }
        return Response(status: status, body: bytes, headers: answer.headers)
    }

    /// GET.
    public func get(_ path: String) -> Response? { request("GET", path) }

    private func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    private func dechunked(_ bytes: [UInt8]) -> [UInt8] {
        var (result, rest) = ([UInt8](), bytes[...])
        while let line = rest.firstRange(of: [13, 10]) {
            let size = String(decoding: rest[..<line.lowerBound], as: UTF8.self)
            guard let count = Int(size, radix: 16), count > 0 else { return result }
            let body = rest[line.upperBound...]
            result += body.prefix(count)
            rest = body.dropFirst(count + 2)
        }
        return result
    }
}
