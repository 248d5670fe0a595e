import Model

/// What the notifier counts of its own work.
public struct NotificationCounters: Sendable, Hashable {
    /// Why an attempt was not acknowledged.
    public enum FailureReason: String, Sendable, Hashable, CaseIterable {
        /// No connection, 429, 5xx: tried again soon.
        case temporary
        /// Another 4xx: tried again at the next interval.
        case refused
        /// A missing secret, a bad address, a template that says where to and fails.
        case unmade
        /// Nobody took it for too long.
        case expired
        /// The integration does not exist any more.
        case removed
    }

    /// A failure's labels.
    public struct Failure: Sendable, Hashable {
        /// The integration's kind.
        public var integration: String
        /// Why.
        public var reason: FailureReason

        /// Of this kind, for this reason.
        public init(integration: String, reason: FailureReason) {
            self.integration = integration
            self.reason = reason
        }
    }

    /// Attempts by integration kind.
    public internal(set) var total: [String: Int] = [:]
    /// Failed attempts.
    public internal(set) var failed: [Failure: Int] = [:]
    /// When each receiver last took something.
    public internal(set) var lastSuccess: [String: Timestamp] = [:]

    mutating func count(_ report: DeliveryReport, at moment: Timestamp) {
        let reason: FailureReason? =
            switch report.result {
            case .delivered, .stale: nil
            case .willRetry: .temporary
            case .refused: .refused
            case .unmade: .unmade
            case .gaveUp: .expired
            }
        total[report.key.integration, default: 0] += 1
        if report.result == .delivered { lastSuccess[report.key.receiver] = moment }
        if let reason { countFailure(report.key.integration, reason) }
    }

    mutating func countFailure(_ integration: String, _ reason: FailureReason) {
        failed[Failure(integration: integration, reason: reason), default: 0] += 1
    }
}
