import Fleet

/// One side of a connection that stays open for many requests, whose bodies say their length.
final class HTTPConnection: Sendable {
    struct Message {
        /// The first line and the header fields.
        var head: String
        var body: [UInt8]
    }

    private let socket: Socket

    init(_ socket: consuming Socket) { self.socket = socket }

    /// Connects to a program on this machine.
    convenience init(port: UInt16) throws { self.init(try Socket.connect(port: port)) }

    /// The next message; nil at the end. Nobody sends one before the last was answered.
    func receive() -> Message? {
        var bytes: [UInt8] = []
        let separator: [UInt8] = [13, 10, 13, 10]
        var end: Range<Int>?
        while end == nil {
            let searched = max(0, bytes.count - 3)
            guard socket.receive(into: &bytes) else { return nil }
            end = bytes[searched...].firstRange(of: separator)
        }
        guard let end else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let length =
            head.split(whereSeparator: \.isNewline).first {
                $0.lowercased().hasPrefix("content-length:")
            }.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
        while bytes.count < end.upperBound + length {
            guard socket.receive(into: &bytes) else { return nil }
        }
        return Message(head: head, body: Array(bytes[end.upperBound...]))
    }

    func send(_ bytes: [UInt8]) -> Bool { socket.send(bytes) }

    /// Posts JSON, and throws unless it was taken.
    func post(_ path: String, _ body: String) throws {
        let head =
            "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n"
        guard send(Array((head + body).utf8)), let answer = receive() else {
            throw HTTP.Failure(description: "\(path): the other side is gone")
        }
        guard answer.head.split(separator: " ").dropFirst().first == "200" else {
            let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
            throw HTTP.Failure(description: "\(path): \(answer.head) \(text)")
        }
    }
}
