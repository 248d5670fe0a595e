import Foundation

/// Fifty thousand alerts in five hundred groups under a thousand silences and a hundred inhibit rules, in
/// Alertmanager and in Tocsin.
struct AlertsRun {
    let arguments: Arguments
    let webhookPort: UInt16 = 9692

    init(_ arguments: Arguments) { self.arguments = arguments }

    func run() throws {
        let scene = AlertScene(clusters: max(1, arguments.int("groups", 500) / AlertScene.names))
        let folder = try SideBySide.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let notifiers = folder.appendingPathComponent("alertmanager.yml")
        try scene.configuration(webhookPort: webhookPort).write(
            to: notifiers, atomically: true, encoding: .utf8)
        let config = folder.appendingPathComponent("tocsin.yml")
        try "tocsin: {notifiers: alertmanager.yml}\n".write(
            to: config, atomically: true, encoding: .utf8)
        let receiver = try WebhookReceiver(port: webhookPort)
        print(describe(scene))
        func trial(_ contender: Contender) throws -> AlertTrial.Outcome {
            try AlertTrial(
                scene: scene, contender: contender, receiver: receiver,
                steadyMinutes: max(1, arguments.int("steady", 2))
            ).run()
        }
        var outcomes: [AlertTrial.Outcome] = []
        if let alertmanager = arguments.string("alertmanager") {
            outcomes.append(
                try trial(.alertmanager(alertmanager, config: notifiers, folder: folder)))
        }
        if let tocsin = arguments.string("tocsin") {
            outcomes.append(try trial(.tocsin(tocsin, config: config, folder: folder)))
        }
        print(table(outcomes))
        for outcome in outcomes {
            for problem in outcome.problems { print("WRONG: \(outcome.name): \(problem)") }
        }
        if outcomes.contains(where: { !$0.problems.isEmpty }) {
            throw HTTP.Failure(description: "what was told is not what the scene has")
        }
        print("Every alert was told as it had to be, and none that was muted.")
    }

    private func describe(_ scene: AlertScene) -> String {
        let alerts = scene.alerts(.start)
        return """
            \(alerts.count) alerts in \(scene.groups) groups, of which \
            \(alerts.filter(scene.isSilenced).count) are silenced by \(AlertScene.silences) silences \
            and \(alerts.filter(scene.isInhibited).count) inhibited by \(AlertScene.inhibitRules) rules.
            Times are from the post of a transition to its arrival at the webhook; "over the wait" is \
            what remains without the time that the configuration has the group wait: group_wait from its \
            first alert's post, then every group_interval.

            """
    }

    private func table(_ outcomes: [AlertTrial.Outcome]) -> String {
        var rows: [(String, (AlertTrial.Outcome) -> Double, Int)] = []
        let waves: [(AlertScene.Wave, String)] = [
            (.start, "all fire"), (.resolved, "10 resolve"), (.fired, "10 fire"),
        ]
        for (wave, name) in waves {
            rows.append(("\(name): mean ms", { $0.latency[wave]?.mean ?? .nan }, 0))
            for (label, part) in [("half", 0.5), ("99 %", 0.99), ("longest", 1)] {
                rows.append(
                    (
                        "\(name): over the wait, \(label) ms",
                        { $0.excess[wave]?.quantile(part) ?? .nan }, 0
                    ))
            }
            rows.append(("\(name): over the wait, mean ms", { $0.excess[wave]?.mean ?? .nan }, 0))
        }
        rows += [
            ("post of 64 alerts, mean ms", { $0.requests.mean }, 2),
            ("post of 64 alerts, 99 % ms", { $0.requests.quantile(0.99) }, 2),
            ("1,000 silences posted, s", { $0.silenceSeconds }, 2),
            ("CPU s until all were told", { $0.startCPU }, 2),
            ("CPU s per minute, steady", { $0.steadyCPUPerMinute }, 2),
            ("resident MB", { $0.residentMegabytes }, 0),
            ("resident MB, peak", { $0.peakMegabytes }, 0),
            ("GET /api/v2/alerts ms", { $0.alertsMilliseconds }, 0),
            ("GET /api/v2/alerts/groups ms", { $0.groupsMilliseconds }, 0),
            ("notifications", { Double($0.notifications.values.reduce(0, +)) }, 0),
        ]
        guard let first = outcomes.first else { return "" }
        guard outcomes.count > 1 else {
            var table = Table("", first.name)
            for (name, value, digits) in rows { table.add(name, value(first).text(digits)) }
            return table.text
        }
        var table = Table(
            "", first.name, outcomes[1].name, "\(first.name) : \(outcomes[1].name)")
        for (name, value, digits) in rows {
            let (theirs, ours) = (value(first), value(outcomes[1]))
            table.add(
                name, theirs.text(digits), ours.text(digits), (theirs / ours).text(1))
        }
        return table.text
    }
}
