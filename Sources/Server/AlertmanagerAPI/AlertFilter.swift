import Model
import Notify

/// Which alerts a request wants to see.
struct AlertFilter {
    private let matchers: [Matcher]
    private let receiver: LinearRegex?
    private let wantsActive: Bool
    private let wantsSilenced: Bool
    private let wantsInhibited: Bool
    /// Whether groups that a time interval mutes are wanted.
    let wantsMuted: Bool

    init(_ parameters: Parameters, matchers: [Matcher]) throws(AlertmanagerFailure) {
        self.matchers = matchers
        if let text = parameters["receiver"] {
            do {
                receiver = try LinearRegex("^(?:\(text))$")
            } catch {
                throw AlertmanagerFailure(
                    400,
                    "failed to parse receiver param: error parsing regexp: \(error.description)")
            }
        } else {
            receiver = nil
        }
        wantsActive = AlertFilter.truth(parameters["active"])
        wantsSilenced = AlertFilter.truth(parameters["silenced"])
        wantsInhibited = AlertFilter.truth(parameters["inhibited"])
        wantsMuted = AlertFilter.truth(parameters["muted"])
    }

    /// What Go's OpenAPI runtime takes for true; true where nothing is said.
    private static func truth(_ text: String?) -> Bool {
        guard let text else { return true }
        return [
            "true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled",
        ].contains(text.lowercased())
    }

    func admits(receiver name: String) -> Bool { receiver?.matchesWhole(name) ?? true }

    /// Whether an alert is wanted, receivers aside. Those that are over never are.
    func admits(_ snapshot: AlertSnapshot, at now: Timestamp) -> Bool {
        let (alert, muted) = (snapshot.alert, snapshot.muted)
        if let end = alert.endsAt, end < now { return false }
        let isActive = muted.silencedBy.isEmpty && muted.inhibitedBy.isEmpty
        if isActive && !wantsActive { return false }
        if !muted.silencedBy.isEmpty && !wantsSilenced { return false }
        if !muted.inhibitedBy.isEmpty && !wantsInhibited { return false }
        return matchers.allSatisfy { AlertFilter.matches($0, alert.labels) }
    }

    /// As Alertmanager's: an empty value asks whether the label is there.
    private static func matches(_ matcher: Matcher, _ labels: Labels) -> Bool {
        if matcher.value.isEmpty {
            let isNegative = matcher.kind == .notEqual || matcher.kind == .notMatches
            if isNegative == (labels[matcher.name] != nil) { return true }
        }
        return matcher.matches(labels)
    }
}
