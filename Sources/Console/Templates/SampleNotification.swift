import Model
import Notify

/// A notification to try templates and receivers with.
public enum SampleNotification {
    /// What every alert of a sample has where nothing else is said.
    public static let labels = Labels([
        "alertname": "TocsinTest", "instance": "test.example:9100", "job": "test",
        "severity": "warning",
    ])
    /// See `labels`.
    public static let annotations = Annotations([
        "summary": "This is a test of Tocsin",
        "description": "Somebody wanted to see whether this arrives. Nothing is wrong.",
    ])
    private static let externalURL = "http://127.0.0.1:9090"

    /// Two alerts that fire and one that is over: what templates have to tell apart.
    public static func mixed(at now: Timestamp, externalURL: String? = nil) -> NotificationData {
        let alerts = [("a", nil), ("b", nil), ("c", now - .minutes(1))].map { name, end in
            alert(
                labels.setting("instance", "\(name).example:9100"), annotations, endsAt: end,
                at: now, externalURL ?? SampleNotification.externalURL)
        }
        return data(alerts, receiver: "test", at: now, externalURL)
    }

    /// One alert, for a test message.
    public static func single(
        labels: Labels, annotations: Annotations, isResolved: Bool, receiver: String,
        at now: Timestamp, externalURL: String? = nil
    ) -> NotificationData {
        let one = alert(
            labels, annotations, endsAt: isResolved ? now : nil, at: now,
            externalURL ?? SampleNotification.externalURL)
        return data([one], receiver: receiver, at: now, externalURL)
    }

    private static func alert(
        _ labels: Labels, _ annotations: Annotations, endsAt end: Timestamp?, at now: Timestamp,
        _ externalURL: String
    ) -> Alert {
        Alert(
            labels: labels, annotations: annotations, startsAt: now - .minutes(5), endsAt: end,
            generatorURL: externalURL + "/graph?g0.expr=up+%3D%3D+0&g0.tab=1", updatedAt: now)
    }

    private static func data(
        _ alerts: [Alert], receiver: String, at now: Timestamp, _ externalURL: String?
    ) -> NotificationData {
        let group = alerts.first?.labels.keeping(["alertname"]) ?? .empty
        let shown = group.sorted.map { "\($0.name)=\($0.value.goQuoted)" }
        return NotificationData(
            receiver: receiver, integration: "", index: 0,
            groupKey: "{}:{\(shown.joined(separator: ", "))}", groupLabels: group, alerts: alerts,
            externalURL: externalURL ?? SampleNotification.externalURL, now: now)
    }
}
