import Foundation

/// One program goes through the scene by the clock:
///
///     0 s    every alert fires
///     30 s   processor time so far
///     42 s   ten alerts of each group resolve
///     60 s   everything that fires is posted again
///     82 s   ten others of each group fire
///     100 s  steady state: for so many minutes everything is posted again, each 20 s into its minute
///     then   what is there is asked for
///
/// The first posts take seconds, and so do the groups' flushes after each interval of 10 s: the changes
/// come between them.
struct AlertTrial {
    let scene: AlertScene
    let contender: Contender
    let receiver: WebhookReceiver
    let steadyMinutes: Int

    struct Outcome {
        var name: String
        var silenceSeconds = 0.0
        /// How long the first posts of all alerts took, in milliseconds.
        var requests = Spread([])
        /// From the post of a transition to its delivery, in milliseconds.
        var latency: [AlertScene.Wave: Spread] = [:]
        /// The same, less the time that the configuration has the group wait.
        var excess: [AlertScene.Wave: Spread] = [:]
        var notifications: [AlertScene.Wave: Int] = [:]
        var startCPU = 0.0
        var steadyCPUPerMinute = 0.0
        var residentMegabytes = 0.0
        var peakMegabytes = 0.0
        var alertsMilliseconds = 0.0
        var groupsMilliseconds = 0.0
        /// What was not as the scene has it.
        var problems: [String] = []
    }

    func run() throws -> Outcome {
        defer { contender.stop() }
        try contender.awaitStart()
        var outcome = Outcome(name: contender.name)
        var sender = try AlertSender(scene, port: contender.port)
        let beforeSilences = ContinuousClock.now
        try sender.silence()
        outcome.silenceSeconds = (ContinuousClock.now - beforeSilences) / .seconds(1)
        _ = receiver.take()

        let cpu = contender.cpu
        let zero = ContinuousClock.now
        func pause(until seconds: Int) { Pause.until(zero + .seconds(seconds)) }
        try sender.fire(scene.alerts(.start))
        outcome.requests = Spread(sender.requests)
        let schedule = Schedule(scene, posted: sender.posted)
        pause(until: 30)
        outcome.startCPU = contender.cpu - cpu
        pause(until: 42)
        let started = (receiver.take(), sender)
        try sender.resolve(scene.alerts(.resolved))
        pause(until: 60)
        let resolved = (receiver.take(), sender)
        try sender.resend()
        pause(until: 82)
        try sender.fire(scene.alerts(.fired))
        pause(until: 100)
        let fired = (receiver.take(), sender)

        let (steadyStart, steadyCPU) = (ContinuousClock.now, contender.cpu)
        for minute in 0..<steadyMinutes {
            pause(until: 120 + 60 * minute)
            try sender.resend()
        }
        pause(until: 100 + 60 * steadyMinutes)
        outcome.steadyCPUPerMinute =
            (contender.cpu - steadyCPU) / ((ContinuousClock.now - steadyStart) / .seconds(60))
        outcome.residentMegabytes = contender.residentMegabytes
        outcome.peakMegabytes = contender.peakMegabytes
        let late = receiver.take().count
        if late > 0 { outcome.problems.append("\(late) notifications when nothing had changed") }

        for (wave, (posts, state)) in zip(AlertScene.Wave.allCases, [started, resolved, fired]) {
            try judge(wave, Told(posts), state, schedule, &outcome)
        }
        outcome.alertsMilliseconds = try best("/api/v2/alerts")
        outcome.groupsMilliseconds = try best("/api/v2/alerts/groups")
        try judgeShown(sender, &outcome)
        return outcome
    }

    private func best(_ path: String) throws -> Double {
        var best = Double.infinity
        for _ in 0..<3 {
            let start = ContinuousClock.now
            _ = try HTTP.get(path, port: contender.port)
            best = min(best, (ContinuousClock.now - start) / .milliseconds(1))
        }
        return best
    }

    // MARK: Right or wrong

    /// Compares what was told after a wave with what must have been, and takes the times. `state` is the
    /// sender's after the wave.
    private func judge(
        _ wave: AlertScene.Wave, _ told: Told, _ state: AlertSender, _ schedule: Schedule,
        _ outcome: inout Outcome
    ) {
        // Nobody hears of an alert that is muted from its start to its end.
        let firing = state.firing.filter { !scene.isMuted($0) }
        let news = scene.alerts(wave).filter { !scene.isMuted($0) }
        func compare(_ what: String, _ told: some Sequence<String>, _ wanted: [AlertScene.Alert]) {
            let (told, wanted) = (Set(told), Set(wanted.map(scene.identity)))
            let (missing, extra) = (wanted.subtracting(told), told.subtracting(wanted))
            if missing.isEmpty && extra.isEmpty { return }
            outcome.problems.append(
                "after wave \(wave), told as \(what): \(missing.count) are missing"
                    + "\(missing.min().map { " (\($0))" } ?? ""), \(extra.count) too many"
                    + "\(extra.min().map { " (\($0))" } ?? "")")
        }
        compare("firing", told.firing.keys, firing)
        compare("resolved", told.resolved.keys, wave == .resolved ? news : [])
        outcome.notifications[wave] = told.notifications
        let arrivals = wave == .resolved ? told.resolved : told.firing
        var (latencies, excesses): ([Double], [Double]) = ([], [])
        for alert in news {
            guard let arrival = arrivals[scene.identity(alert)], let post = state.posted[alert]
            else { continue }
            latencies.append((arrival - post) / .milliseconds(1))
            excesses.append((arrival - schedule.due(alert, posted: post)) / .milliseconds(1))
        }
        outcome.latency[wave] = Spread(latencies)
        outcome.excess[wave] = Spread(excesses)
    }

    /// Whether the API says of each alert what mutes it.
    private func judgeShown(_ sender: AlertSender, _ outcome: inout Outcome) throws {
        let body = try HTTP.get("/api/v2/alerts", port: contender.port)
        let shown = try JSONDecoder().decode([ShownAlert].self, from: Data(body))
        let alerts = sender.firing
        func compare(
            _ what: String, _ shown: [ShownAlert], _ wanted: [AlertScene.Alert]
        ) {
            let (shown, wanted) = (
                Set(shown.map(\.labels.text)), Set(wanted.map(scene.identity))
            )
            if shown == wanted { return }
            outcome.problems.append(
                "\(shown.count) alerts are shown as \(what), not \(wanted.count)")
        }
        compare("present", shown, alerts)
        compare(
            "silenced", shown.filter { !$0.status.silencedBy.isEmpty },
            alerts.filter(scene.isSilenced))
        compare(
            "inhibited", shown.filter { !$0.status.inhibitedBy.isEmpty },
            alerts.filter(scene.isInhibited))
    }
}

/// When a program that does everything in no time would tell a transition: a group's flushes come
/// `group_wait` after its first alert and `group_interval` after each other.
private struct Schedule {
    private var created: [[Int]: ContinuousClock.Instant] = [:]

    init(_ scene: AlertScene, posted: [AlertScene.Alert: ContinuousClock.Instant]) {
        for (alert, moment) in posted {
            let group = [alert.cluster, alert.name]
            created[group] = min(created[group] ?? moment, moment)
        }
    }

    func due(
        _ alert: AlertScene.Alert, posted: ContinuousClock.Instant
    ) -> ContinuousClock.Instant {
        let first =
            (created[[alert.cluster, alert.name]] ?? posted) + .seconds(AlertScene.groupWait)
        let intervals = ((posted - first) / .seconds(AlertScene.groupInterval)).rounded(.up)
        return first + .seconds(AlertScene.groupInterval * max(0, intervals))
    }
}
