import Model
import NIOCore
import NIOPosix
import Synchronization

/// A session with a server of ZooKeeper: requests one after the other, and news of what they watch.
struct ZooKeeperSession: ~Copyable {
    /// Paths of nodes that have changed.
    let changes: AsyncStream<String>
    private let writer: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var answers: AsyncStream<[UInt8]>.Iterator
    private var isOpen = false
    private var count: Int32 = 0

    private init(
        _ writer: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ answers: AsyncStream<[UInt8]>,
        _ changes: AsyncStream<String>
    ) {
        self.writer = writer
        self.answers = answers.makeAsyncIterator()
        self.changes = changes
    }

    // MARK: Requests

    /// The node's bytes; nil where there is no such node. Its next change is told.
    mutating func data(_ path: String) async throws -> [UInt8]? {
        guard let answer = try await ask(.data, path) else { return nil }
        var reader = ZooKeeperReader(answer)
        return try reader.bytes()
    }

    /// The names of the node's children; nil where there is no such node. Their next change is told.
    mutating func children(_ path: String) async throws -> [String]? {
        guard let answer = try await ask(.children, path) else { return nil }
        var reader = ZooKeeperReader(answer)
        return try reader.texts()
    }

    /// Whether there is such a node. It is told when it is made.
    mutating func exists(_ path: String) async throws -> Bool {
        try await ask(.exists, path) != nil
    }

    private mutating func ask(
        _ operation: ZooKeeperRequest.Operation, _ path: String
    ) async throws -> [UInt8]? {
        count = count == .max ? 1 : count + 1
        try await writer.write(
            ByteBuffer(bytes: ZooKeeperRequest.ask(operation, path, number: count)))
        switch try ZooKeeperReply(try await next()) {
        case .answer(let bytes): return bytes
        case .refusal(let code): throw APIError("\(path): the server refuses with code \(code)")
        case .change, .pong: throw APIError("\(path): the server answers out of order")
        }
    }

    private mutating func open(timeout: Milliseconds) async throws {
        let request = ZooKeeperRequest.open(timeout: Int32(clamping: timeout.value))
        try await writer.write(ByteBuffer(bytes: request))
        if try !ZooKeeperReply.opens(try await next()) {
            throw APIError("the server opens no session")
        }
    }

    private mutating func next() async throws -> [UInt8] {
        guard let message = await answers.next(isolation: nil) else {
            throw APIError("the server closed the connection")
        }
        return message
    }

    // MARK: Connections

    /// How long a connection may take.
    private static let connectTimeout = TimeAmount.seconds(5)
    private static let standardPort = 2181
    /// The shortest time-out of a session; servers do not grant much less.
    private static let shortestTimeout = Milliseconds.seconds(1)
    /// How often we say that we are there, at least.
    private static let longestPause: Duration = .seconds(3)

    /// Connects, and hands a session to `body`. It ends with `body`, with the connection, or where the
    /// server is silent for two thirds of the session's time-out.
    static func with(
        _ server: String, timeout: Milliseconds,
        _ body: @escaping @Sendable (inout ZooKeeperSession) async throws -> Void
    ) async throws {
        let (host, port) = try address(server)
        let timeout = max(timeout, shortestTimeout)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(connectTimeout)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            let (changes, changed) = AsyncStream<String>.makeStream()
            let (answers, answered) = AsyncStream<[UInt8]>.makeStream()
            let heard = Heard()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { answered.finish() }
                    var frames = ZooKeeperFrames()
                    var isOpen = false
                    for try await piece in inbound {
                        heard.now()
                        for message in try frames.append(piece.readableBytesView) {
                            if isOpen, case .change(let path) = try ZooKeeperReply(message) {
                                changed.yield(path)
                            } else if try !isOpen || ZooKeeperReply(message) != .pong {
                                answered.yield(message)
                            }
                            isOpen = true
                        }
                    }
                    throw APIError("the server closed the connection")
                }
                group.addTask { try await stayAwake(outbound, heard, timeout.duration) }
                group.addTask {
                    var session = ZooKeeperSession(outbound, answers, changes)
                    try await session.open(timeout: timeout)
                    try await body(&session)
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    /// When something was last heard.
    private final class Heard: Sendable {
        private let moment = Mutex(ContinuousClock.now)

        func now() { moment.locked { $0 = .now } }

        var silence: Duration { moment.locked { .now - $0 } }
    }

    private static func stayAwake(
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ heard: Heard,
        _ timeout: Duration
    ) async throws {
        while true {
            try await Task.sleep(for: min(timeout / 3, longestPause))
            if heard.silence > timeout / 3 * 2 { throw APIError("the server is silent") }
            try await outbound.write(ByteBuffer(bytes: ZooKeeperRequest.ping))
        }
    }

    private static func address(_ server: String) throws(APIError) -> (host: String, port: Int) {
        guard let url = try? ParsedURL("tcp://" + server), !url.host.isEmpty else {
            throw APIError("expected a host and a port, such as zk1:2181")
        }
        return (url.host, Int(url.port) ?? standardPort)
    }
}
