import Daemon
import Model
import Rules

/// `/api/v1/rules` and `/api/v1/alerts`.
struct RuleRoutes {
    let runner: RuleRunner

    func rules(_ parameters: Parameters) async throws -> [UInt8] {
        let filter = try RuleFilter(parameters)
        let groups = await runner.status
        return APIEnvelope.success { json in
            json.object { json in
                json.key("groups")
                json.array { json in
                    for group in groups where filter.admits(group) { write(group, filter, &json) }
                }
            }
        }
    }

    private func write(_ group: RuleGroupStatus, _ filter: RuleFilter, _ json: inout JSONWriter) {
        let rules = group.rules.filter(filter.admits)
        if rules.isEmpty, filter.isSelective { return }
        json.object { json in
            json.member("name", group.name)
            json.member("file", group.file)
            json.key("rules")
            json.array { json in
                for rule in rules { write(rule, filter, &json) }
            }
            json.key("interval")
            json.double(group.interval.inSeconds)
            json.key("limit")
            json.integer(group.limit)
            json.key("evaluationTime")
            json.double(group.evaluationTime.inSeconds)
            json.member("lastEvaluation", RuleRoutes.moment(group.lastEvaluation))
        }
    }

    private func write(_ rule: RuleStatus, _ filter: RuleFilter, _ json: inout JSONWriter) {
        json.object { json in
            if rule.kind == .alerting { json.member("state", rule.state.rawValue) }
            json.member("name", rule.name)
            json.member("query", rule.query)
            if rule.kind == .alerting {
                json.key("duration")
                json.double(rule.holdDuration.inSeconds)
                json.key("keepFiringFor")
                json.double(rule.keepFiringFor.inSeconds)
            }
            if rule.kind == .alerting || !rule.labels.isEmpty {
                json.key("labels")
                json.labels(rule.labels)
            }
            if rule.kind == .alerting {
                json.key("annotations")
                json.labels(rule.annotations)
                json.key("alerts")
                json.array { json in
                    if filter.excludesAlerts { return }
                    for alert in rule.alerts { RuleRoutes.write(alert, &json) }
                }
            }
            json.member("health", rule.health.rawValue)
            if let error = rule.lastError { json.member("lastError", error) }
            json.key("evaluationTime")
            json.double(rule.evaluationTime.inSeconds)
            json.member("lastEvaluation", RuleRoutes.moment(rule.lastEvaluation))
            json.member("type", rule.kind.rawValue)
        }
    }

    func alerts(_ parameters: Parameters) async throws -> [UInt8] {
        let groups = await runner.status
        return APIEnvelope.success { json in
            json.object { json in
                json.key("alerts")
                json.array { json in
                    for alert in groups.flatMap(\.rules).flatMap(\.alerts) {
                        RuleRoutes.write(alert, &json)
                    }
                }
            }
        }
    }

    private static func write(_ alert: AlertStatus, _ json: inout JSONWriter) {
        json.object { json in
            json.key("labels")
            json.labels(alert.labels)
            json.key("annotations")
            json.labels(alert.annotations)
            json.member("state", alert.state.rawValue)
            json.member("activeAt", alert.activeAt.description)
            if let since = alert.keepFiringSince {
                json.member("keepFiringSince", since.description)
            }
            json.member("value", alert.value)
        }
    }

    /// Go's zero time where it has not happened yet.
    static func moment(_ time: Timestamp?) -> String {
        time?.description ?? "0001-01-01T00:00:00Z"
    }
}

/// What a request to `/api/v1/rules` asks for.
struct RuleFilter {
    private let names: Set<String>
    private let groups: Set<String>
    private let files: Set<String>
    private let matchers: [[Matcher]]
    private let kind: RuleStatus.Kind?
    let excludesAlerts: Bool

    init(_ parameters: Parameters) throws {
        names = Set(parameters.all("rule_name[]"))
        groups = Set(parameters.all("rule_group[]"))
        files = Set(parameters.all("file[]"))
        matchers = try QueryRoutes.matchers(parameters)
        switch parameters["type"]?.lowercased() ?? "" {
        case "": kind = nil
        case "alert": kind = .alerting
        case "record": kind = .recording
        case let other:
            throw APIError.invalidParameter("type", "not supported value \(other.goQuoted)")
        }
        switch parameters["exclude_alerts"] ?? "" {
        case "", "false", "0", "f", "F", "FALSE", "False": excludesAlerts = false
        case "true", "1", "t", "T", "TRUE", "True": excludesAlerts = true
        case let other:
            throw APIError.invalidParameter(
                "exclude_alerts",
                "error converting exclude_alerts: strconv.ParseBool: parsing \(other.goQuoted): "
                    + "invalid syntax")
        }
    }

    /// Whether rules may be left out, so that a group can end up empty.
    var isSelective: Bool { !names.isEmpty || !matchers.isEmpty || kind != nil }

    func admits(_ group: RuleGroupStatus) -> Bool {
        (groups.isEmpty || groups.contains(group.name))
            && (files.isEmpty || files.contains(group.file))
    }

    func admits(_ rule: RuleStatus) -> Bool {
        (names.isEmpty || names.contains(rule.name)) && (kind == nil || kind == rule.kind)
            && (matchers.isEmpty
                || matchers.contains { set in set.allSatisfy { $0.matches(rule.labels) } })
    }
}

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
