import Model
import Transport

/// Stands where an integration would be and sends nothing: every notification is rendered and handed
/// to `sink`. It is what a replay with `--notifications` delivers to.
public struct RecordingIntegration: Integration {
    /// Takes what would have been sent, or why it could not be rendered.
    public typealias Sink =
        @Sendable (NotificationData, Result<RenderedNotification, any Error>) -> Void

    private let base: any Integration
    private let sink: Sink

    /// Stands in for `base`.
    public init(_ base: any Integration, sink: @escaping Sink) {
        self.base = base
        self.sink = sink
    }

    public var name: String { base.name }
    public var sendResolved: Bool { base.sendResolved }

    public func render(_ data: NotificationData) throws -> RenderedNotification {
        try base.render(data)
    }

    public func deliver(
        _ data: NotificationData, transport: any Transporting
    ) async -> DeliveryOutcome {
        do {
            sink(data, .success(try base.render(data)))
            return .delivered()
        } catch {
            sink(data, .failure(error))
            return .unmade(reason: "\(error)")
        }
    }
}
