import NIOCore
import NIOPosix

/// A mail server on a free port of loopback that takes every message and hands it on.
final class MailSink: Sendable {
    private let channel: any Channel

    /// The longest message that is taken.
    static let maximumMessageBytes = 4 << 20

    init(received: @escaping @Sendable (String) -> Void) throws {
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        MailConversation(received: received))
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    func run() async throws {
        try await withTaskCancellationHandler {
            try await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}

/// The server's side of one SMTP conversation (RFC 5321), as far as a sender without TLS needs it.
private final class MailConversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let received: @Sendable (String) -> Void
    private var pending: [UInt8] = []
    private var message: [UInt8]?

    init(received: @escaping @Sendable (String) -> Void) { self.received = received }

    func channelActive(context: ChannelHandlerContext) {
        reply("220 demo inbox", context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pending.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        while let end = pending.firstIndex(of: 0x0a) {
            var line = Array(pending[..<end])
            pending.removeFirst(end + 1)
            if line.last == 0x0d { line.removeLast() }
            take(line, context)
        }
        if pending.count + (message?.count ?? 0) > MailSink.maximumMessageBytes {
            reply("552 message too large", context)
            context.close(promise: nil)
        }
    }

    private func take(_ line: [UInt8], _ context: ChannelHandlerContext) {
        guard var body = message else {
            command(String(decoding: line, as: UTF8.self), context)
            return
        }
        if line == [0x2e] {
            message = nil
            received(String(decoding: body, as: UTF8.self))
            reply("250 taken", context)
        } else {
            body.append(contentsOf: line.first == 0x2e ? line[1...] : line[...])
            body.append(0x0a)
            message = body
        }
    }

    private func command(_ line: String, _ context: ChannelHandlerContext) {
        switch line.prefix(4).uppercased() {
        case "EHLO", "HELO": reply("250 demo inbox", context)
        case "DATA":
            message = []
            reply("354 go on", context)
        case "QUIT":
            reply("221 bye", context)
            context.close(promise: nil)
        default: reply("250 ok", context)
        }
    }

    private func reply(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
    }
}
