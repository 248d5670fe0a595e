import Model
import Hummingbird
import NIOCore
import Synchronization

/// Sees that a client has gone, so that what it asked for can be given up: one per connection.
///
/// A client that closes its side of the connection counts as gone, as it does for Go's server.
final class ClientWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Never

    private struct State {
        var isGone = false
        var nextID = 0
        var callbacks: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { clientLeft() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        clientLeft()
        context.fireChannelInactive()
    }

    private func clientLeft() {
        let callbacks = state.locked { state in
            state.isGone = true
            defer { state.callbacks = [:] }
            return Array(state.callbacks.values)
        }
        for callback in callbacks { callback() }
    }

    /// Has `callback` called when the client goes; at once where it has gone. The number takes it back.
    func whenGone(_ callback: @escaping @Sendable () -> Void) -> Int {
        let id = state.locked { state -> Int? in
            if state.isGone { return nil }
            state.nextID += 1
            state.callbacks[state.nextID] = callback
            return state.nextID
        }
        if id == nil { callback() }
        return id ?? 0
    }

    /// The callback is not called any more.
    func forget(_ id: Int) {
        state.locked { state in state.callbacks[id] = nil }
    }
}

/// A request's context: it knows the connection that the request came by.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// The address that the connection came from, without its port.
    var peer: String { channel.remoteAddress?.ipAddress ?? "unknown" }

    /// Runs `body`, which is cancelled when the client goes.
    func whileConnected<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let watch = try? await channel.pipeline.handler(type: ClientWatch.self).get() else {
            return try await body()
        }
        let task = Task { try await body() }
        let id = watch.whenGone { task.cancel() }
        defer { watch.forget(id) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
