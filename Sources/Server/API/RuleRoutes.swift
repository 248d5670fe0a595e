import Daemon
import Model
import Rules

/// `/api/v1/rules` and `/api/v1/alerts`.
struct RuleRoutes: Sendable {
    let runner: RuleRunner

    /// The groups in Prometheus's order: by file, then by name.
    private var groups: [RuleGroupStatus] {
        get async {
            await runner.status.enumerated().sorted { a, b in
                let file = a.element.file.byteOrder(b.element.file)
                if file != 0 { return file < 0 }
                let name = a.element.name.byteOrder(b.element.name)
                return name == 0 ? a.offset < b.offset : name < 0
            }.map(\.element)
        }
    }

    func rules(_ parameters: Parameters) async throws -> [UInt8] {
        let filter = try RuleFilter(parameters)
        let page = try RulePage(parameters)
        var shown: [RuleGroupStatus] = []
        var next: String?
        for var group in try page.beginning(await groups) where filter.admits(group) {
            group.rules = group.rules.filter(filter.admits)
            if group.rules.isEmpty { continue }
            if page.isFull(shown.count) {
                next = RulePage.token(group)
                break
            }
            shown.append(group)
        }
        return APIEnvelope.success { json in
            json.object { json in
                json.key("groups")
                json.array { json in
                    for group in shown { write(group, filter, &json) }
                }
                if let next { json.member("groupNextToken", next) }
            }
        }
    }

    private func write(_ group: RuleGroupStatus, _ filter: RuleFilter, _ json: inout JSONWriter) {
        json.object { json in
            json.member("name", group.name)
            json.member("file", group.file)
            json.key("rules")
            json.array { json in
                for rule in group.rules { write(rule, filter, &json) }
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
                json.labels(rule.annotations.pairs)
                json.key("alerts")
                if filter.excludesAlerts {
                    json.null()
                } else {
                    json.array { json in
                        for alert in rule.alerts { RuleRoutes.write(alert, &json) }
                    }
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
        let groups = await groups
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
            json.labels(alert.annotations.pairs)
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

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
