import Configuration
import Daemon
import Foundation
import Model
import Notify
import Rules
import Testing

/// The daemon as it runs live, but for its clock and its network.
@Suite struct DaemonTests {
    private let folder: Folder
    private let network = Network()

    init() throws {
        folder = try Folder()
        network.expose("app:1", "app_up 1\n")
    }

    private func start(
        _ files: Files = Files(rules: downRules), storage: String = "data", from second: Int64 = 0
    ) async throws -> World {
        try await World(
            files, storage: folder[storage], network: network, from: second)
    }

    private func told(_ count: Int, by url: String = "http://hook/") async throws {
        try await wait("\(count) notifications by \(url)") {
            network.received(by: url).count >= count
        }
    }

    @Test func anAlertFiresAfterItsForAndResolves() async throws {
        let world = try await start()
        try await world.run(to: 20)
        #expect(await world.active.isEmpty)
        network.expose("app:1", "app_up 0\n")
        try await world.run(to: 40, until: { await !world.active.isEmpty })
        let activeAt = try #require(await world.active.first)
        try await world.run(to: 120, until: { await world.isFiring })
        let held = world.clock.now - activeAt
        #expect((Milliseconds.minutes(1)..<Milliseconds.seconds(65)).contains(held))
        try await told(1)
        network.expose("app:1", "app_up 1\n")
        try await world.run(to: 140, until: { await world.active.isEmpty })
        try await world.run(to: 160, until: { network.received.count >= 2 })
        #expect(network.received.map(\.isFiring).prefix(2) == [true, false])
        let readiness = await world.daemon.readiness()
        #expect(readiness.isReady && readiness.details.isEmpty)
        await world.stop()
        #expect(await !world.daemon.readiness().isReady)
    }

    /// A clean stop, and what a kill leaves: the files as they are at that moment.
    @Test(arguments: [true, false])
    func aRestartInTheMiddleOfForGoesOn(isClean: Bool) async throws {
        let first = try await start()
        network.expose("app:1", "app_up 0\n")
        try await first.run(to: 40)
        let activeAt = try #require(await first.active.first)
        if isClean { await first.stop() }
        try folder.copy("data", to: "again")
        let second = try await start(storage: "again", from: 45)
        // Known at once, since when it is, and not firing any earlier for it.
        #expect(await second.active == [activeAt])
        #expect(await !second.isFiring)
        try await second.run(to: 120, until: { await second.isFiring })
        let fired = second.clock.now
        // Time that was missed does not count towards `for`; the last evaluation is known to the 15 s
        // of the heartbeat.
        let since = try #require(await second.active.first)
        #expect((activeAt...(activeAt + .seconds(20))).contains(since))
        #expect((Milliseconds.minutes(1)..<Milliseconds.seconds(65)).contains(fired - since))
        try await told(1)
        if !isClean { await first.stop() }
        await second.stop()
    }

    @Test func aRestartWithoutFreshSamplesHoldsWhatFires() async throws {
        let first = try await start()
        network.expose("app:1", "app_up 0\n")
        try await first.run(to: 120, until: { await first.isFiring })
        try await told(1)
        await first.stop()
        try folder.copy("data", to: "again")
        // The downtime is longer than any sample counts. The first evaluation may come before the
        // first scrape.
        let begin = (first.clock.now - origin).value / 1000 + 600
        let second = try await start(storage: "again", from: begin)
        #expect(await second.isFiring)
        for step in 1...30 {
            try await second.run(to: begin + Int64(step))
            #expect(await second.isFiring)
        }
        let resolved = network.received.filter { !$0.isFiring }
        #expect(resolved.isEmpty)
        network.expose("app:1", "app_up 1\n")
        try await second.run(to: begin + 60, until: { network.received.last?.isFiring == false })
        await second.stop()
    }

    /// What was acknowledged is not sent again, what was not is.
    @Test func whatIsOwedAtAKillIsSentAfterIt() async throws {
        network.silence("http://hook/")
        let first = try await start()
        network.expose("app:1", "app_up 0\n")
        try await first.run(to: 120, until: { await first.isFiring })
        try await told(1)
        try folder.copy("data", to: "again")
        let other = Network()
        other.expose("app:1", "app_up 0\n")
        let begin = (first.clock.now - origin).value / 1000 + 5
        let second = try await World(
            Files(rules: downRules), storage: folder["again"], network: other, from: begin)
        try await second.run(to: begin + 20, until: { !other.received.isEmpty })
        try await second.run(to: begin + 60)
        #expect(other.received.map(\.isFiring) == [true])
        await second.stop()
        try folder.copy("again", to: "third")
        let third = try await World(
            Files(rules: downRules), storage: folder["third"], network: other, from: begin + 65)
        try await third.run(to: begin + 120)
        #expect(other.received.count == 1)
        await third.stop()
    }

    @Test func aReloadThatFailsChangesNothing() async throws {
        let world = try await start()
        network.expose("app:1", "app_up 0\n")
        try await world.run(to: 40, until: { await !world.active.isEmpty })
        let activeAt = await world.active.first
        world.write(
            Files(rules: "groups: [{name: g, rules: [{alert: Down, expr: 'up =='}], no: 1}]"))
        await #expect(throws: Problems.self) { try await world.daemon.reload() }
        let before = try Files(rules: downRules).load().ruleFiles
        #expect(world.daemon.documents.ruleFiles == before)
        let text = String(decoding: await world.daemon.exposition(), as: UTF8.self)
        #expect(text.contains("tocsin_config_last_reload_successful 0\n"))
        #expect(text.contains("tocsin_config_reload_failures_total 1\n"))
        try await world.run(to: 120, until: { await world.isFiring })
        #expect(await world.active.first == activeAt)
        await world.stop()
    }

    @Test func aReloadThatRemovesARuleResolvesThroughWhoWasTold() async throws {
        let world = try await start()
        network.expose("app:1", "app_up 0\n")
        try await world.run(to: 120, until: { await world.isFiring })
        try await told(1)
        var files = Files(rules: "groups: []")
        files.notifiers = """
            route: {receiver: other, group_wait: 0s, group_interval: 10s}
            receivers: [{name: other, webhook_configs: [{url: "http://other/"}]}]
            """
        world.write(files)
        try await world.daemon.reload()
        #expect(await world.active.isEmpty)
        let begin = (world.clock.now - origin).value / 1000
        try await world.run(
            to: begin + 60, until: { network.received(by: "http://hook/").count >= 2 })
        #expect(network.received(by: "http://hook/").last?.isFiring == false)
        await world.stop()
    }

    @Test func aReceiverThatNeverAnswersDelaysNoOther() async throws {
        var files = Files(rules: downRules)
        files.notifiers = """
            route:
              receiver: silent
              group_wait: 0s
              group_interval: 10s
              routes:
                - {receiver: silent, continue: true}
                - {receiver: hook}
            receivers:
              - {name: silent, webhook_configs: [{url: "http://silent/"}]}
              - {name: hook, webhook_configs: [{url: "http://hook/"}]}
            """
        network.silence("http://silent/")
        network.answer("http://hook/", [503, 429, 200])
        let world = try await start(files)
        network.expose("app:1", "app_up 0\n")
        try await world.run(to: 120, until: { await world.isFiring })
        try await told(1, by: "http://silent/")
        let begin = (world.clock.now - origin).value / 1000
        try await world.run(
            to: begin + 120, until: { network.received(by: "http://hook/").count >= 3 })
        network.expose("app:1", "app_up 1\n")
        try await world.run(
            to: begin + 240, until: { network.received(by: "http://hook/").last?.isFiring == false }
        )
        #expect(network.received(by: "http://silent/").count == 1)
        let text = String(decoding: await world.daemon.exposition(), as: UTF8.self)
        #expect(
            text.contains(
                "tocsin_notifications_failed_total{integration=\"webhook\",reason=\"temporary\"} 2\n"
            ))
        await world.stop()
    }

    /// External labels where an alert lacks them, then relabelling, then routing.
    @Test func alertsAreRoutedAsTheyAreRelabelled() async throws {
        var files = Files(
            rules: downRules + """

                      - alert: Dropped
                        expr: app_up == 0
                        labels: {severity: info, region: us}
                """)
        files.main = files.main.replacingOccurrences(
            of: "evaluation_interval: 5s",
            with: "evaluation_interval: 5s, external_labels: {region: eu}")
        files.main += """

            alerting:
              alert_relabel_configs:
                - {source_labels: [severity], regex: info, action: drop}
                - {source_labels: [region], target_label: datacentre, replacement: "dc-$1"}
                - {regex: region, action: labeldrop}
            """
        files.notifiers = """
            route:
              receiver: other
              routes: [{receiver: hook, matchers: ["datacentre=dc-eu"], group_wait: 0s}]
            receivers:
              - {name: hook, webhook_configs: [{url: "http://hook/"}]}
              - {name: other, webhook_configs: [{url: "http://other/"}]}
            """
        let world = try await start(files)
        network.expose("app:1", "app_up 0\n")
        try await world.run(to: 200, until: { !network.received.isEmpty })
        let body = try #require(network.received(by: "http://hook/").first?.body)
        #expect(body.contains("\"datacentre\":\"dc-eu\"") && !body.contains("\"region\""))
        #expect(await world.daemon.notifications.alerts.map { $0.alert.name } == ["Down"])
        await world.stop()
    }

    /// Our own routing and an Alertmanager beside it; the Alertmanager is dead at first.
    @Test func alertmanagersAreToldBesideOurOwnReceivers() async throws {
        let url = "http://am:9093/api/v2/alerts"
        var files = Files(rules: downRules)
        files.main +=
            "\nalerting: {alertmanagers: [{static_configs: [{targets: [\"am:9093\"]}]}]}\n"
        network.answer(url, [503])
        let world = try await start(files)
        network.expose("app:1", "app_up 0\n")
        // Told again a minute later.
        try await world.run(to: 240, until: { network.received(by: url).count >= 2 })
        try await told(1)
        network.expose("app:1", "app_up 1\n")
        try await world.run(
            to: 400,
            until: {
                network.received(by: url).last?.body.contains("generatorURL") ?? false
                    && network.received(by: url).count >= 3
            })
        let text = String(decoding: await world.daemon.exposition(), as: UTF8.self)
        for line in [
            "prometheus_notifications_alertmanagers_discovered 1\n",
            "prometheus_notifications_errors_total{alertmanager=\"\(url)\"} 1\n",
            "prometheus_notifications_dropped_total{alertmanager=\"\(url)\"} 1\n",
            "prometheus_notifications_queue_length{alertmanager=\"\(url)\"} 0\n",
        ] {
            #expect(text.contains(line), "\(line)")
        }
        await world.stop()
    }

    @Test func alertmanagersInFilesAreFoundAsTheyChange() async throws {
        func write(_ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder["am.json"]))
        }
        try write("[{\"targets\": [\"one\"]}]")
        var files = Files(rules: downRules)
        files.main += """

            alerting: {alertmanagers: [{file_sd_configs: [{files: ["\(folder["am.json"])"]}]}]}
            """
        let world = try await start(files)
        #expect(await world.daemon.alertmanagers.status.map(\.url) == ["http://one/api/v2/alerts"])
        try write("[{\"targets\": [\"two\", \"three\"]}]")
        try await world.run(
            to: 60, until: { await world.daemon.alertmanagers.status.count == 2 })
        try write("[")
        try await world.run(to: 80)
        #expect(
            await world.daemon.alertmanagers.status.map(\.url)
                == ["http://two/api/v2/alerts", "http://three/api/v2/alerts"])
        await world.stop()
    }

    /// A `prometheus.yml` beside an Alertmanager: nothing of our own is needed, and nobody is warned.
    @Test func alertmanagersAloneAreEnough() throws {
        let documents = try Documents.load(
            path: "/tocsin.yml", environment: [:],
            files: .memory([
                "/tocsin.yml":
                    "alerting: {alertmanagers: [{static_configs: [{targets: [\"am:9093\"]}]}]}"
            ]))
        #expect(documents.warnings.isEmpty)
        #expect(documents.notifiers.receivers.flatMap(\.integrations).isEmpty)
    }

    @Test func aStorageThatCannotBeOpenedStopsNoAlert() async throws {
        // A file stands where the directory should be.
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder["file"]))
        let world = try await start(storage: "file/data")
        let details = await world.daemon.readiness().details
        #expect(details.contains { $0.contains("alert state is in memory only") })
        #expect(details.contains { $0.contains("samples are in memory only") })
        network.expose("app:1", "app_up 0\n")
        try await world.run(to: 120, until: { await world.isFiring })
        try await told(1)
        #expect(await world.daemon.readiness().isReady)
        await world.stop()
    }

    @Test func aSecondDaemonIsKeptOut() async throws {
        let world = try await start()
        await #expect(throws: (any Error).self) { try await start() }
        await world.stop()
    }
}
