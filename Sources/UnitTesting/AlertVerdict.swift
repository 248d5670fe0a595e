import Configuration
import Model
import Rules
import TestScripts

/// Compares the alerts that fire with those that must.
struct AlertVerdict {
    private let question: UnitTestGroup.AlertTest
    private let test: String

    init(_ question: UnitTestGroup.AlertTest, _ test: String) {
        self.question = question
        self.test = test
    }

    func judge(_ groups: [RuleGroup]) -> TestCase {
        let found = groups.flatMap { group in
            group.status.rules.filter { $0.kind == .alerting && $0.name == question.name }
        }
        let fires = found.flatMap { rule in
            rule.alerts.filter { $0.state == .firing }.map {
                UnitTestGroup.Alert(labels: $0.labels, annotations: $0.annotations)
            }
        }
        let expected = question.alerts.map { alert in
            UnitTestGroup.Alert(
                labels: alert.labels.setting(Rules.alertNameLabel, question.name),
                annotations: alert.annotations)
        }
        var result = TestCase(
            name: "\(test): alert \(question.name) at \(question.time)", line: question.place.line)
        let difference = AlertDiff.lines(expected: expected, got: fires)
        if difference.isEmpty { return result }
        var title = "other alerts fire"
        if found.isEmpty {
            let names = groups.flatMap { $0.status.rules.map(\.name) }
            title = "there is no alerting rule \(question.name)"
            if let near = Suggestion.nearest(to: question.name, among: names) {
                title += "; did you mean \(near)?"
            }
        }
        result.failures = [([title] + difference).joined(separator: "\n")]
        return result
    }
}

/// What differs between two lists of alerts: `-` is missing, `+` too much. Of alerts that are there
/// with other annotations, only those annotations are shown.
enum AlertDiff {
    static func lines(
        expected: [UnitTestGroup.Alert], got: [UnitTestGroup.Alert]
    ) -> [String] {
        var missing = expected.sorted { ($0.labels, $0.annotations) < ($1.labels, $1.annotations) }
        var surplus: [UnitTestGroup.Alert] = []
        for alert in got.sorted(by: { ($0.labels, $0.annotations) < ($1.labels, $1.annotations) }) {
            if let index = missing.firstIndex(of: alert) {
                missing.remove(at: index)
            } else {
                surplus.append(alert)
            }
        }
        var lines: [String] = []
        for alert in missing {
            guard let index = surplus.firstIndex(where: { $0.labels == alert.labels }) else {
                lines += block("- ", alert)
                continue
            }
            let other = surplus.remove(at: index)
            lines.append("  \(alert.labels)")
            for annotation in alert.annotations.sorted
            where !other.annotations.sorted.contains(annotation) {
                lines.append("-     \(annotation.name): \(annotation.value.goQuoted)")
            }
            for annotation in other.annotations.sorted
            where !alert.annotations.sorted.contains(annotation) {
                lines.append("+     \(annotation.name): \(annotation.value.goQuoted)")
            }
        }
        return lines + surplus.flatMap { block("+ ", $0) }
    }

    private static func block(_ mark: String, _ alert: UnitTestGroup.Alert) -> [String] {
        ["\(mark)\(alert.labels)"]
            + alert.annotations.sorted.map { "\(mark)    \($0.name): \($0.value.goQuoted)" }
    }
}
