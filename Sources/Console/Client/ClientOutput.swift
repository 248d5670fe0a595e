import Foundation
import Model

/// How what a daemon says is shown; amtool's three ways.
public enum ClientOutput: String, Sendable, CaseIterable {
    /// What a person wants first.
    case simple
    /// All there is.
    case extended
    /// For programs.
    case json

    func text(_ silences: [SilenceDocument]) -> String {
        if self == .json { return JSONLine.of(silences) }
        var table = TextTable()
        switch self {
        case .extended:
            table.add([
                "ID", "Matchers", "Starts At", "Ends At", "Updated At", "State", "Created By",
                "Comment",
            ])
        default: table.add(["ID", "Matchers", "Ends At", "Created By", "Comment"])
        }
        for silence in silences {
            let matchers = silence.matchers.map(\.text)
            let id = silence.id ?? ""
            switch self {
            case .extended:
                table.add([
                    id, "{" + matchers.joined(separator: ",") + "}", shown(silence.startsAt),
                    shown(silence.endsAt), shown(silence.updatedAt ?? ""),
                    silence.status?.state ?? "", silence.createdBy, line(silence.comment),
                ])
            default:
                table.add([
                    id, matchers.joined(separator: " "), shown(silence.endsAt), silence.createdBy,
                    line(silence.comment),
                ])
            }
        }
        return table.text
    }

    func text(_ alerts: [AlertDocument]) -> String {
        if self == .json { return JSONLine.of(alerts) }
        var table = TextTable()
        switch self {
        case .extended:
            table.add([
                "Labels", "Annotations", "Starts At", "Ends At", "Generator URL", "State",
                "Receivers",
            ])
        default: table.add(["Alertname", "Starts At", "Summary", "State"])
        }
        for alert in alerts {
            switch self {
            case .extended:
                table.add([
                    pairs(alert.labels), pairs(alert.annotations), shown(alert.startsAt),
                    shown(alert.endsAt), alert.generatorURL ?? "", alert.status.state,
                    alert.receivers.map(\.name).joined(separator: ", "),
                ])
            default:
                table.add([
                    alert.labels["alertname"] ?? "", shown(alert.startsAt),
                    line(alert.annotations["summary"] ?? ""), alert.status.state,
                ])
            }
        }
        return table.text
    }

    private func pairs(_ labels: [String: String]) -> String {
        Labels(labels).sorted.map { "\($0.name)=\($0.value.goQuoted)" }.joined(separator: " ")
    }

    /// A time to the second, as amtool shows it.
    private func shown(_ time: String) -> String {
        guard let moment = Timestamp(rfc3339: time) else { return time }
        return moment.rfc3339(alwaysMilliseconds: true).prefix(19).replacing("T", with: " ")
            + " UTC"
    }

    /// A text that may have several, in one.
    private func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

/// Values as one line of JSON.
private enum JSONLine {
    static func of(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts, numbers and their lists and mappings always encode.
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
