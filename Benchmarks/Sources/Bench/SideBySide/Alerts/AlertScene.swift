import Foundation

/// The alerts, silences and rules that both programs get, and what must be told of them.
///
/// A group is a cluster and an alert name; its members are the cluster's hosts. The first name's critical
/// alerts are the sources of inhibition, and silences lie over a few hosts of every fifth group.
struct AlertScene {
    /// How many clusters; there are as many groups per cluster as names.
    let clusters: Int
    /// How many alerts of each group fire at first.
    let hosts = 100

    static let names = 25
    static let inhibitRules = 100
    static let silences = 1_000
    /// The silences that lie over alerts, where there are groups enough.
    static let matchingSilences = 100
    static let groupWait = 5.0
    static let groupInterval = 10.0
    /// How long an alert goes on after it was last said, as Prometheus says it: four times its resend delay.
    static let timeOut = 240.0

    struct Alert: Hashable {
        var cluster: Int
        var name: Int
        var host: Int
    }

    enum Wave: CaseIterable {
        /// Every alert begins to fire.
        case start
        /// Ten of each group resolve.
        case resolved
        /// Ten others of each group begin to fire.
        case fired
    }

    var groups: Int { clusters * AlertScene.names }

    /// The alerts that a wave is about: those of the sources first, then group by group, as rules say them.
    func alerts(_ wave: Wave) -> [Alert] {
        (0..<AlertScene.names).flatMap { name in
            (0..<clusters).flatMap { cluster in
                hosts(wave).map { Alert(cluster: cluster, name: name, host: $0) }
            }
        }
    }

    private func hosts(_ wave: Wave) -> [Int] {
        switch wave {
        case .start: Array(0..<hosts)
        // Odd ones: no source of inhibition ends.
        case .resolved: Array(stride(from: 11, to: 31, by: 2))
        case .fired: Array(hosts..<hosts + 10)
        }
    }

    // MARK: What is muted

    func isSilenced(_ alert: Alert) -> Bool {
        let group = alert.name * clusters + alert.cluster
        return group % silenceStride == 0 && group / silenceStride < AlertScene.matchingSilences
            && alert.host % 10 == 3 && (alert.host < 50 || alert.host > 99)
    }

    private var silenceStride: Int { max(1, groups / AlertScene.matchingSilences) }

    /// A warning about a component that has a critical problem in its cluster.
    func isInhibited(_ alert: Alert) -> Bool {
        alert.name != 0 && isWarning(alert) && component(alert) % 2 == 0
    }

    private func isWarning(_ alert: Alert) -> Bool { alert.name != 0 && alert.host % 5 == 0 }

    /// The first name has an alert about each component, the others are about four each.
    private func component(_ alert: Alert) -> Int {
        alert.name == 0 ? alert.host : alert.name * 4 + alert.host % 4
    }

    func isMuted(_ alert: Alert) -> Bool { isSilenced(alert) || isInhibited(alert) }

    // MARK: As text

    /// What tells an alert from every other one, in payloads too.
    func identity(_ alert: Alert) -> String {
        "\(cluster(alert))/\(alertName(alert))/\(instance(alert))"
    }

    private func cluster(_ alert: Alert) -> String { "cluster-\(alert.cluster)" }
    private func alertName(_ alert: Alert) -> String {
        alert.name == 0 ? "ComponentDown" : "Symptom\(alert.name)"
    }
    private func instance(_ alert: Alert) -> String {
        "host-\(alert.host).cluster-\(alert.cluster).example:9100"
    }
    private func severity(_ alert: Alert) -> String {
        if isWarning(alert) { return "warning" }
        return alert.name == 0 ? (alert.host % 2 == 0 ? "critical" : "info") : "page"
    }
    private func team(_ alert: Alert) -> String {
        ["platform", "storage", "network"][alert.name % 3]
    }

    /// The alert as Prometheus posts it.
    func json(_ alert: Alert, startsAt: String, endsAt: String) -> String {
        let name = alertName(alert)
        return """
            {"labels":{"alertname":"\(name)","cluster":"\(cluster(alert))",\
            "component":"component-\(component(alert))","instance":"\(instance(alert))","job":"node",\
            "severity":"\(severity(alert))","team":"\(team(alert))"},\
            "annotations":{"summary":"\(name) on \(instance(alert))",\
            "description":"Component \(component(alert)) of \(cluster(alert)) has been in trouble for 5 minutes.",\
            "runbook_url":"https://runbooks.example/\(name)"},\
            "startsAt":"\(startsAt)","endsAt":"\(endsAt)",\
            "generatorURL":"http://prometheus.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1"}
            """
    }

    /// The bodies that make the silences.
    func silenceBodies(from start: Date) -> [String] {
        let (startsAt, endsAt) = (
            AlertScene.text(start), AlertScene.text(start.addingTimeInterval(7200))
        )
        return (0..<AlertScene.silences).map { number in
            """
            {"matchers":[\(silenceMatchers(number))],"startsAt":"\(startsAt)","endsAt":"\(endsAt)",\
            "createdBy":"bench","comment":"maintenance \(number)"}
            """
        }
    }

    /// One in ten lies over alerts; of the others, one in nine has an expression too.
    private func silenceMatchers(_ number: Int) -> String {
        let group = number / 10 * silenceStride
        if number % 10 == 0, group < groups {
            let alert = Alert(cluster: group % clusters, name: group / clusters, host: 0)
            return matcher("cluster", cluster(alert)) + "," + matcher("alertname", alertName(alert))
                + "," + matcher("instance", "host-(3|13|23|33|43|103)[.].*", isRegex: true)
        }
        let place = matcher("cluster", "cluster-\(number % clusters)")
        return number % 10 == 1
            ? place + "," + matcher("instance", "spare-\(number)[.].*", isRegex: true)
            : place + "," + matcher("instance", "retired-\(number).example:9100")
    }

    private func matcher(_ name: String, _ value: String, isRegex: Bool = false) -> String {
        #"{"name":"\#(name)","value":"\#(value)","isRegex":\#(isRegex),"isEqual":true}"#
    }

    static func text(_ date: Date) -> String {
        let milliseconds = Int64(date.timeIntervalSince1970 * 1000)
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        let seconds = Date(timeIntervalSince1970: Double(milliseconds / 1000))
        return seconds.formatted(.iso8601).dropLast() + ".\(fraction)Z"
    }

    /// The configuration that both programs read.
    func configuration(webhookPort: UInt16) -> String {
        var text = """
            route:
              receiver: platform
              group_by: [cluster, alertname]
              group_wait: \(Int(AlertScene.groupWait))s
              group_interval: \(Int(AlertScene.groupInterval))s
              repeat_interval: 4h
              routes:
                - {receiver: storage, matchers: ['team="storage"']}
                - {receiver: network, matchers: ['team=~"network|transit"']}
            receivers:

            """
        for name in ["platform", "storage", "network"] {
            text += "  - name: \(name)\n    webhook_configs: "
            text += "[{url: \"http://127.0.0.1:\(webhookPort)/\(name)\", send_resolved: true}]\n"
        }
        text += "inhibit_rules:\n"
        for number in 0..<AlertScene.inhibitRules {
            text += """
                  - source_matchers: ['severity="critical"', 'component="component-\(number)"']
                    target_matchers: ['severity="warning"', 'component="component-\(number)"']
                    equal: [cluster]

                """
        }
        return text
    }
}
