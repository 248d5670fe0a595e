/// A listening socket that threads share.
final class Listener: Sendable {
    private let socket: Socket

    init(port: UInt16, number: UInt32) throws {
        socket = try Socket.listen(port: port, number: number)
    }

    func accept() -> Connection? {
        do { return Connection(try socket.accept()) } catch { return nil }
    }
}

/// A connection and the thread that owns it.
final class Connection: Sendable {
    private let socket: Socket

    init(_ socket: consuming Socket) { self.socket = socket }

    /// Waits for a request's head; false at the end. Requests have no body.
    func receiveRequest() -> Bool {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
            if !socket.receive(into: &bytes) { return false }
        }
        return true
    }

    func send(_ bytes: [UInt8]) -> Bool { socket.send(bytes) }
}
