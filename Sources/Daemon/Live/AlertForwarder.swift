import Notify

/// Hands rules' alerts to the Alertmanagers in the order in which they were computed, each once our own
/// notifier has it.
final class AlertForwarder: Sendable {
    private let alerts: AsyncStream<[Alert]>.Continuation
    private let task: Task<Void, Never>

    init(from notifications: NotificationPipeline, to sender: AlertmanagerSender) {
        let (stream, alerts) = AsyncStream<[Alert]>.makeStream()
        self.alerts = alerts
        task = Task {
            for await batch in stream {
                await notifications.receive()
                await sender.send(batch)
            }
        }
    }

    deinit { alerts.finish() }

    func forward(_ batch: [Alert]) { if !batch.isEmpty { alerts.yield(batch) } }

    /// Returns when all that was forwarded is handed over. Nothing is taken any more.
    func finish() async {
        alerts.finish()
        await task.value
    }
}
