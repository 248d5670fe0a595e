import Model

/// What `tocsin alerts` does, on a daemon or an Alertmanager.
public struct AlertCommands: Sendable {
    private let client: AlertmanagerClient

    /// For a client.
    public init(_ client: AlertmanagerClient) { self.client = client }

    /// Which alerts are asked for.
    public struct Query: Sendable {
        /// What is to be shown; none: active ones alone.
        public enum State: String, Sendable, CaseIterable {
            case active, silenced, inhibited, unprocessed
        }

        /// Those that these hold for.
        public var matchers: [Matcher] = []
        /// See `State`.
        public var states: Set<State> = []
        /// Those for receivers whose names match this expression.
        public var receiver: String?

        /// All active ones.
        public init() {}

        var parameters: [(String, String)] {
            let shown = states.isEmpty ? [.active] : states
            return matchers.map { ("filter", $0.description) }
                + State.allCases.map { ($0.rawValue, shown.contains($0) ? "true" : "false") }
                + (receiver.map { [("receiver", $0)] } ?? [])
        }
    }

    /// The alerts as text, the oldest first.
    public func query(_ query: Query, _ output: ClientOutput) async throws -> String {
        // Starts are written by the clocks of several zones.
        let alerts = try await client.alerts(query.parameters).map { alert in
            (start: Timestamp(rfc3339: alert.startsAt) ?? .distantPast, alert: alert)
        }
        return output.text(
            alerts.sorted { ($0.start, $0.alert.fingerprint) < ($1.start, $1.alert.fingerprint) }
                .map(\.alert))
    }

    /// Says an alert. Without an end it is over once nobody says it again for `resolve_timeout`.
    public func add(
        _ labels: Labels, annotations: Annotations = .empty, start: Timestamp? = nil,
        end: Timestamp? = nil, generatorURL: String? = nil
    ) async throws {
        if labels.isEmpty { throw ConsoleError("an alert needs at least one label") }
        try await client.add([
            AlertPost(
                labels: labels, annotations: annotations,
                startsAt: start?.rfc3339(alwaysMilliseconds: true),
                endsAt: end?.rfc3339(alwaysMilliseconds: true), generatorURL: generatorURL)
        ])
    }
}
