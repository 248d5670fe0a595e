import Model

/// A silence as version 2 of Alertmanager's API writes it.
public struct SilenceDocument: Sendable, Hashable, Codable {
    /// One of its matchers.
    public struct Condition: Sendable, Hashable, Codable {
        var name: String
        var value: String
        var isRegex: Bool
        /// What is missing is true: older programs know no other.
        var isEqual: Bool?

        init(_ matcher: Matcher) {
            name = matcher.name
            value = matcher.value
            isRegex = matcher.kind == .matches || matcher.kind == .notMatches
            isEqual = matcher.kind == .equal || matcher.kind == .matches
        }

        var text: String {
            let sign = isEqual ?? true ? (isRegex ? "=~" : "=") : (isRegex ? "!~" : "!=")
            return (name.isLegacyLabelName ? name : name.goQuoted) + sign + value.goQuoted
        }
    }

    struct Status: Sendable, Hashable, Codable {
        var state: String
    }

    /// Its identifier, where it has one yet.
    public var id: String?
    var status: Status?
    var updatedAt: String?
    var comment: String
    var createdBy: String
    var startsAt: String
    var endsAt: String
    var matchers: [Condition]

    var isExpired: Bool { status?.state == "expired" }
}

/// An alert as version 2 of Alertmanager's API shows it.
struct AlertDocument: Sendable, Hashable, Codable {
    struct Status: Sendable, Hashable, Codable {
        var state: String
        var silencedBy: [String]?
        var inhibitedBy: [String]?
        var mutedBy: [String]?
    }

    struct Receiver: Sendable, Hashable, Codable {
        var name: String
    }

    var labels: [String: String]
    var annotations: [String: String]
    var startsAt: String
    var endsAt: String
    var updatedAt: String
    var generatorURL: String?
    var fingerprint: String
    var receivers: [Receiver]
    var status: Status
}

/// An alert as a client says it.
struct AlertPost: Sendable, Encodable {
    var labels: Labels
    var annotations: Annotations
    var startsAt: String?
    var endsAt: String?
    var generatorURL: String?
}
