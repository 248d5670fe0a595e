import NIOCore
import NIOPosix
import Synchronization

/// A server of ZooKeeper's protocol with nodes in memory, on a port of its own. Watches are told once.
final class FakeZooKeeper: Sendable {
    private struct State {
        var nodes: [String: String] = [:]
        var watchers: [(path: String, channel: any Channel)] = []
        var connections: [any Channel] = []
        var refuses = false
        var garbage: [UInt8]?
    }

    private let state = Mutex(State())
    private let listener = Mutex<(any Channel)?>(nil)

    init(_ nodes: [String: String]) { state.withLock { $0.nodes = nodes } }

    /// Listens, and returns the address.
    func start() async throws -> String {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Connection(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        listener.withLock { $0 = channel }
        return "127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }

    func stop() {
        listener.withLock { $0 }?.close(promise: nil)
        dropConnections()
    }

    /// Every client loses its connection, and its watches.
    func dropConnections() {
        let channels = state.withLock { state in
            state.watchers = []
            return state.connections
        }
        for channel in channels { channel.close(promise: nil) }
    }

    /// No session is opened.
    func refuseSessions() { state.withLock { $0.refuses = true } }

    /// The next request is answered with these bytes.
    func answerNext(with bytes: [UInt8]) { state.withLock { $0.garbage = bytes } }

    /// Makes or changes a node, or removes it and all below it.
    func set(_ path: String, _ data: String?) {
        let told = state.withLock { state -> [(path: String, channel: any Channel)] in
            let isNew = state.nodes[path] == nil
            var changed = [path]
            if let data {
                state.nodes[path] = data
                if isNew { changed.append(parent(path)) }
            } else {
                let gone = state.nodes.keys.filter { $0 == path || $0.hasPrefix(path + "/") }
                for path in gone { state.nodes[path] = nil }
                changed += gone + [parent(path)]
            }
            let told = state.watchers.filter { changed.contains($0.path) }
            state.watchers.removeAll { changed.contains($0.path) }
            return told
        }
        for (path, channel) in told {
            let text = Array(path.utf8)
            let event = bytes(-1) + bytes(0) + bytes(0) + bytes(0) + bytes(3) + bytes(3)
            send(event + bytes(Int32(text.count)) + text, over: channel)
        }
    }

    private func parent(_ path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    fileprivate func opened(_ channel: any Channel) {
        state.withLock { $0.connections.append(channel) }
    }

    fileprivate func receive(_ message: [UInt8], isFirst: Bool, over channel: any Channel) {
        if isFirst {
            let refuses = state.withLock { $0.refuses }
            let session = bytes(0) + bytes(1) + bytes(16) + [UInt8](repeating: 7, count: 16) + [0]
            return send(bytes(0) + bytes(refuses ? 0 : 10_000) + session, over: channel)
        }
        let (id, operation) = (number(message, 0), number(message, 4))
        if id == -2 { return send(bytes(-2) + bytes(0) + bytes(0) + bytes(0), over: channel) }
        let path = String(decoding: message[12..<(12 + Int(number(message, 8)))], as: UTF8.self)
        let (answer, garbage) = state.withLock { state in
            defer { state.garbage = nil }
            return (self.answer(operation, path, channel, &state), state.garbage)
        }
        if let garbage { return channel.writeAndFlush(ByteBuffer(bytes: garbage), promise: nil) }
        send(
            bytes(id) + bytes(0) + bytes(9) + bytes(answer == nil ? -101 : 0) + (answer ?? []),
            over: channel)
    }

    private func answer(
        _ operation: Int32, _ path: String, _ channel: any Channel, _ state: inout State
    ) -> [UInt8]? {
        guard let data = state.nodes[path] else {
            if operation == 3 { state.watchers.append((path, channel)) }
            return nil
        }
        state.watchers.append((path, channel))
        let status = [UInt8](repeating: 0, count: 68)
        switch operation {
        case 4: return bytes(Int32(data.utf8.count)) + Array(data.utf8) + status
        case 8:
            let names = state.nodes.keys.filter { $0 != path && parent($0) == path }
                .map { Array($0.utf8.dropFirst(path.utf8.count + 1)) }
            return bytes(Int32(names.count)) + names.flatMap { bytes(Int32($0.count)) + $0 }
        default: return status
        }
    }

    private func send(_ message: [UInt8], over channel: any Channel) {
        channel.writeAndFlush(
            ByteBuffer(bytes: bytes(Int32(message.count)) + message), promise: nil)
    }

    private func bytes(_ number: Int32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    fileprivate func number(_ message: [UInt8], _ start: Int) -> Int32 {
        message[start..<(start + 4)].reduce(0) { $0 << 8 | Int32($1) }
    }

    /// Puts messages together.
    private final class Connection: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let server: FakeZooKeeper
        private var buffer: [UInt8] = []
        private var isFirst = true

        init(_ server: FakeZooKeeper) { self.server = server }

        func channelActive(context: ChannelHandlerContext) { server.opened(context.channel) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            buffer += unwrapInboundIn(data).readableBytesView
            while buffer.count >= 4 {
                let end = 4 + Int(server.number(buffer, 0))
                guard buffer.count >= end else { return }
                server.receive(
                    Array(buffer[4..<end]), isFirst: isFirst, over: context.channel)
                buffer.removeFirst(end)
                isFirst = false
            }
        }
    }
}
