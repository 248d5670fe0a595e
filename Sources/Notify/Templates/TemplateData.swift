import GoTemplate
import Model

/// A notification as templates see it: `.Status`, `.Alerts.Firing`, `.CommonLabels` and so on, with
/// Alertmanager's names.
struct TemplateData: TemplateObject, JSONRepresentable {
    let notification: NotificationData
    private let alerts: TemplateAlerts
    /// What it holds, by which limits grow.
    let size: Size
    let commonLabels: Labels
    private let commonAnnotations: Labels

    /// The first `maximumAlerts` alerts of a notification (0: all of them).
    init(_ notification: NotificationData, maximumAlerts: Int = 0) {
        var shown = notification
        if maximumAlerts > 0 { shown.alerts = Array(shown.alerts.prefix(maximumAlerts)) }
        self.notification = shown
        alerts = TemplateAlerts(shown.alerts)
        size = Size(shown.alerts)
        commonLabels = TemplateData.common(shown.alerts.map(\.labels))
        commonAnnotations = TemplateData.common(shown.alerts.map(\.annotations.pairs))
    }

    /// How much there is to be told.
    struct Size {
        /// What an alert has beside its texts.
        private static let alertBytes = 128

        var alerts: Int
        var bytes: Int

        init(_ alerts: [Alert]) {
            self.alerts = alerts.count
            bytes = alerts.reduce(0) { sum, alert in
                sum + Size.alertBytes + alert.generatorURL.utf8.count + Size.bytes(alert.labels)
                    + Size.bytes(alert.annotations.pairs)
            }
        }

        private static func bytes(_ labels: Labels) -> Int {
            labels.sorted.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        }
    }

    /// How many alerts there are of either kind.
    var firingCount: Int { alerts.firing.elements.count }
    var resolvedCount: Int { alerts.resolved.elements.count }

    /// The labels that all have with the same value.
    private static func common(_ sets: [Labels]) -> Labels {
        guard let first = sets.first else { return .empty }
        return Labels(
            keepingEmpty: first.sorted.filter { label in
                sets.dropFirst().allSatisfy { set in
                    set[label.name].map { $0.bytesEqual(label.value) } ?? false
                }
            })
    }

    /// Alertmanager gives the name quoted for regular expressions.
    var receiver: String {
        var quoted = ""
        for scalar in notification.receiver.unicodeScalars {
            if "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted
    }

    private var reason: NotificationReason {
        // What needs no update and is sent all the same is put right.
        notification.reason.flatMap { $0 == .noNews ? nil : $0 } ?? .unknown
    }

    var typeName: String { "template.Data" }

    var fields: [(name: String, value: TemplateValue)] {
        [
            ("Receiver", .string(receiver)),
            ("Status", .string(notification.status.rawValue)),
            ("Alerts", .object(alerts)),
            ("NotificationReason", .string(reason.rawValue)),
            ("GroupLabels", .object(KeyValues(notification.groupLabels))),
            ("CommonLabels", .object(KeyValues(commonLabels))),
            ("CommonAnnotations", .object(KeyValues(commonAnnotations))),
            ("ExternalURL", .string(notification.externalURL)),
        ]
    }

    var json: JSONValue { .object(jsonFields) }

    /// The parts in the order of Alertmanager's webhook.
    var jsonFields: [(String, JSONValue)] {
        [
            ("receiver", .string(receiver)),
            ("status", .string(notification.status.rawValue)),
            ("alerts", alerts.json),
            ("notification_reason", .string(reason.rawValue)),
            ("groupLabels", .labels(notification.groupLabels)),
            ("commonLabels", .labels(commonLabels)),
            ("commonAnnotations", .labels(commonAnnotations)),
            ("externalURL", .string(notification.externalURL)),
        ]
    }
}

/// `.Alerts`: a list with `Firing` and `Resolved`.
private struct TemplateAlerts: TemplateObject, JSONRepresentable {
    let alerts: [TemplateAlert]
    let firing: TemplateList
    let resolved: TemplateList
    /// Made once: templates ask for them again and again.
    private let all: TemplateList

    init(_ alerts: [Alert]) {
        func list(_ alerts: [TemplateAlert], _ typeName: String) -> TemplateList {
            TemplateList(alerts.map { .object($0) }, typeName: typeName)
        }
        let shown = alerts.map(TemplateAlert.init)
        self.alerts = shown
        all = list(shown, "template.Alerts")
        firing = list(shown.filter(\.isFiring), "[]template.Alert")
        resolved = list(shown.filter { !$0.isFiring }, "[]template.Alert")
    }

    var typeName: String { "template.Alerts" }
    var underlying: TemplateValue? { .list(all) }

    func method(_ name: String) -> TemplateFunction? {
        let found: TemplateList
        switch name {
        case "Firing": found = firing
        case "Resolved": found = resolved
        default: return nil
        }
        return TemplateFunction { _ in .list(found) }
    }

    var json: JSONValue { .array(alerts.map(\.json)) }
}

/// One of `.Alerts`.
private struct TemplateAlert: TemplateObject, JSONRepresentable {
    let alert: Alert

    init(_ alert: Alert) { self.alert = alert }

    var isFiring: Bool { alert.endsAt == nil }
    private var status: String { isFiring ? "firing" : "resolved" }
    private var startsAt: TemplateTime { TemplateTime(alert.writtenStart) }
    private var endsAt: TemplateTime { alert.writtenEnd.map { TemplateTime($0) } ?? .zero }

    var typeName: String { "template.Alert" }

    private static let fieldNames = [
        "Status", "Labels", "Annotations", "StartsAt", "EndsAt", "GeneratorURL", "Fingerprint",
    ]

    var fields: [(name: String, value: TemplateValue)] {
        TemplateAlert.fieldNames.compactMap { name in field(name).map { (name, $0) } }
    }

    func field(_ name: String) -> TemplateValue? {
        switch name {
        case "Status": .string(status)
        case "Labels": .object(KeyValues(alert.labels))
        case "Annotations": .object(KeyValues(alert.annotations.pairs))
        case "StartsAt": .object(startsAt)
        case "EndsAt": .object(endsAt)
        case "GeneratorURL": .string(alert.generatorURL)
        case "Fingerprint": .string(alert.fingerprint.description)
        default: nil
        }
    }

    var json: JSONValue {
        .object([
            ("status", .string(status)),
            ("labels", .labels(alert.labels)),
            ("annotations", .labels(alert.annotations.pairs)),
            ("startsAt", .string(startsAt.rfc3339)),
            ("endsAt", .string(endsAt.rfc3339)),
            ("generatorURL", .string(alert.generatorURL)),
            ("fingerprint", .string(alert.fingerprint.description)),
        ])
    }
}

/// A set of names and values: a map with methods.
struct KeyValues: TemplateObject, JSONRepresentable {
    let labels: Labels

    init(_ labels: Labels) { self.labels = labels }

    var typeName: String { "template.KV" }
    var underlying: TemplateValue? { .labels(labels) }
    var formatted: String? { pairs.formatted }
    var json: JSONValue { .labels(labels) }

    /// By name, `alertname` first.
    private var pairs: Pairs {
        let name = labels.sorted.filter { $0.name == "alertname" }
        return Pairs(name + labels.sorted.filter { $0.name != "alertname" })
    }

    func method(_ name: String) -> TemplateFunction? {
        switch name {
        case "SortedPairs":
            let pairs = pairs
            return TemplateFunction { _ in .object(pairs) }
        case "Names", "Values", "String": return pairs.method(name)
        case "Remove":
            let labels = labels
            return TemplateFunction([.named("[]string")]) { call in
                .object(KeyValues(labels.dropping(call.strings(0))))
            }
        default: return nil
        }
    }
}

/// A list of names and values.
private struct Pairs: TemplateObject, JSONRepresentable {
    let labels: [Label]

    init(_ labels: [Label]) { self.labels = labels }

    var typeName: String { "template.Pairs" }

    var underlying: TemplateValue? {
        .list(TemplateList(labels.map { .object(Pair($0)) }, typeName: typeName))
    }

    var formatted: String? { labels.map { "\($0.name)=\($0.value)" }.joined(separator: ", ") }

    func method(_ name: String) -> TemplateFunction? {
        let result: TemplateValue
        switch name {
        case "Names": result = .strings(labels.map(\.name))
        case "Values": result = .strings(labels.map(\.value))
        case "String": result = .string(formatted ?? "")
        default: return nil
        }
        return TemplateFunction { _ in result }
    }

    var json: JSONValue { .array(labels.map { Pair($0).json }) }
}

/// A name and a value.
private struct Pair: TemplateObject, JSONRepresentable {
    let label: Label

    init(_ label: Label) { self.label = label }

    var typeName: String { "template.Pair" }

    var fields: [(name: String, value: TemplateValue)] {
        [("Name", .string(label.name)), ("Value", .string(label.value))]
    }

    var json: JSONValue {
        .object([("Name", .string(label.name)), ("Value", .string(label.value))])
    }
}
