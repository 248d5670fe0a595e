import Fleet
import Foundation
import Synchronization

/// Takes what webhooks post, notes when it had come, and looks into it only afterwards.
final class WebhookReceiver: Sendable {
    struct Post: Sendable {
        var at: ContinuousClock.Instant
        var body: [UInt8]
    }

    private let posts = Mutex<[Post]>([])

    /// Listens, and serves each connection on a thread of its own.
    init(port: UInt16) throws {
        let listener = try Listener(port: port)
        Thread.detachNewThread { [self] in
            while let connection = listener.accept() {
                Thread.detachNewThread { self.serve(connection) }
            }
        }
    }

    /// What came since it was last asked.
    func take() -> [Post] {
        posts.withLock { posts in
            defer { posts = [] }
            return posts
        }
    }

    private func serve(_ connection: HTTPConnection) {
        let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
        while let message = connection.receive() {
            let post = Post(at: .now, body: message.body)
            posts.withLock { $0.append(post) }
            if !connection.send(answer) { return }
        }
    }

    private final class Listener: Sendable {
        private let socket: Socket

        init(port: UInt16) throws { socket = try Socket.listen(port: port) }

        func accept() -> HTTPConnection? {
            do { return HTTPConnection(try socket.accept()) } catch { return nil }
        }
    }
}
