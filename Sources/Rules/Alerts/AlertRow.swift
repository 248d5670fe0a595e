import Foundation
import Model

/// A row of `rule_alerts`: the facts of an alert that must survive a restart.
///
/// The key names the rule and the alert without regard to order, so that a rule may move within its
/// group while the daemon is down.
struct AlertRow: Codable {
    var rule: String
    var labels: Labels
    var annotations: Annotations
    var state: AlertState
    var value: String
    var activeAt: Timestamp
    var firedAt: Timestamp?
    var keepFiringSince: Timestamp?
    var generatorURL: String

    init(_ alert: ActiveAlert, rule: String, generatorURL: String) {
        self.rule = rule
        labels = alert.labels
        annotations = alert.annotations
        state = alert.state
        value = GoFloat.fixed(alert.value)
        activeAt = alert.activeAt
        firedAt = alert.firedAt
        keepFiringSince = alert.keepFiringSince
        self.generatorURL = generatorURL
    }

    /// The alert again, known up to `lastEvaluation`.
    func alert(lastEvaluation: Timestamp) -> ActiveAlert {
        var alert = ActiveAlert(
            labels: labels, annotations: annotations,
            value: GoFloat.parse(value) ?? SampleValue.nan, activeAt: activeAt)
        alert.state = state
        alert.firedAt = firedAt
        alert.keepFiringSince = keepFiringSince
        alert.restoredFrom = lastEvaluation
        return alert
    }

    /// The row's own key.
    var key: String { AlertRow.key(rule: rule, labels: labels) }

    static func key(rule: String, labels: Labels) -> String {
        rule + ";" + Fingerprint(labels).description
    }

    static func decode(_ bytes: [UInt8]) -> AlertRow? {
        try? JSONDecoder().decode(AlertRow.self, from: Data(bytes))
    }

    func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings, integers and dictionaries of strings always encode.
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }
}
