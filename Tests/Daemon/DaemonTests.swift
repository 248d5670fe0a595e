import Configuration
import Daemon
import Foundation
import Logging
import Model
import Notify
import Rules
import Setup
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
        let before = Files(rules: downRules).build().documents?.ruleFiles
        #expect(world.daemon.runtime.documents.ruleFiles == before)
        let text = String(decoding: await world.daemon.exposition(), as: UTF8.self)
        #expect(text.contains("tocsin_config_last_reload_successful 0\n"))
        #expect(text.contains("tocsin_config_reload_failures_total 1\n"))
        try await world.run(to: 120, until: { await world.isFiring })
        #expect(await world.active.first == activeAt)
        await world.stop()
    }

    // MARK: Reloads

    private static func templated(_ text: String, _ template: String) -> Files {
        var files = Files(rules: downRules)
        files.notifiers = """
            route: {receiver: chat, group_wait: 0s}
            receivers:
              - name: chat
                slack_configs: [{api_url: "http://chat/", channel: c, text: '\(text)'}]
            templates: [/*.tmpl]
            """
        files.others["/a.tmpl"] = template
        return files
    }

    private static let good = #"{{ define "x" }}good{{ end }}"#

    @Test(arguments: [
        (
            #"{{ template "x" . }}"#, "{{ define \"x\" }}bad{{ end }}\n{{ define",
            "/a.tmpl:2:1: error: failed to parse templates: template: a.tmpl:2:"
        ),
        (
            #"{{ template "x" . }}"#, #"{{ define "x" }}{{ nosuch . }}{{ end }}"#,
            #"failed to parse templates: template: a.tmpl:1: function "nosuch" not defined"#
        ),
        (#"{{ template "y" . }}"#, good, #"calls the template "y", which is not defined"#),
        (#"{{ template "x" . "#, good, "unclosed action"),
    ])
    func aReloadRefusesTemplates(text: String, template: String, reason: String) async throws {
        let pages = LogBook.Pages()
        let world = try await World(
            Self.templated(#"{{ template "x" . }}"#, Self.good), storage: folder["data"],
            network: network, logger: Logger(label: "test") { _ in LogBook(pages) })
        world.write(Self.templated(text, template))
        let error = await #expect(throws: Problems.self) { try await world.daemon.reload() }
        #expect("\(try #require(error))".contains(reason))
        #expect(pages.lines.contains { $0.hasPrefix("error:") && $0.contains(reason) })
        #expect(pages.lines.contains { $0.hasPrefix("error: the configuration was not loaded") })
        network.expose("app:1", "app_up 0\n")
        try await world.run(to: 120, until: { await world.isFiring })
        try await told(1, by: "http://chat/")
        #expect(network.received(by: "http://chat/").first?.body.contains("good") == true)
        await world.stop()
    }

    @Test func featuresAndLimitsOfAReloadTakeEffect() async throws {
        let world = try await start()
        var files = Files(
            rules: """
                groups:
                  - name: g
                    rules: [{alert: Down, expr: "mad_over_time(app_up[1m]) == 0"}]
                """)
        world.write(files)
        await #expect(throws: Problems.self) { try await world.daemon.reload() }
        files.main = files.main.replacing(
            "tocsin: {",
            with: """
                tocsin: {enable_features: [promql-experimental-functions], \
                query: {max_samples: 7, lookback_delta: 2m}, 
                """)
        world.write(files)
        try await world.daemon.reload()
        try await world.run(to: 60, until: { await world.isFiring })
        let rules = await world.daemon.runner.status.flatMap(\.rules)
        #expect(rules.map(\.lastError) == [nil])
        #expect(world.daemon.engine.options.maximumSamples == 7)
        #expect(world.daemon.engine.options.lookback == .minutes(2))
        await world.stop()
    }

    @Test func whatNeedsARestartIsNamedAndTheRestIsTaken() async throws {
        let world = try await start()
        var files = Files(rules: "groups: []")
        files.main = files.main.replacing(
            "tocsin: {", with: "tocsin: {storage: {path: /elsewhere}, ")
        world.write(files)
        try await world.daemon.reload()
        #expect(world.daemon.runtime.documents.ruleFiles.flatMap(\.groups).isEmpty)
        let details = await world.daemon.readiness().details
        #expect(details.count == 1 && details[0].hasPrefix("tocsin.storage.path is \"/elsewhere\""))
        func metric(_ setting: String, _ value: Int) async -> Bool {
            String(decoding: await world.daemon.exposition(), as: UTF8.self).contains(
                "tocsin_config_restart_required{setting=\"\(setting)\"} \(value)\n")
        }
        #expect(await metric("tocsin.storage.path", 1))
        #expect(await metric("tocsin.web.listen_address", 0))
        world.write(Files(rules: downRules))
        try await world.daemon.reload()
        #expect(await metric("tocsin.storage.path", 0))
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
        try await world.run(to: begin + 5)
        // An attempt under way takes real time.
        try await told(2)
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
        try await wait("the file's Alertmanager") {
            await world.daemon.alertmanagers.status.map(\.url) == ["http://one/api/v2/alerts"]
        }
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
        let runtime = try RuntimeBuilder(
            path: "/tocsin.yml",
            files: .memory([
                "/tocsin.yml":
                    "alerting: {alertmanagers: [{static_configs: [{targets: [\"am:9093\"]}]}]}"
            ])
        ).build().get()
        #expect(runtime.warnings.isEmpty)
        #expect(runtime.documents.notifiers.receivers.flatMap(\.integrations).isEmpty)
    }

    /// A folder that cannot be made is a mistake of whoever starts the daemon.
    @Test func aStorageThatCannotBeMadeIsRefused() async throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder["file"]))
        let error = await #expect(throws: (any Error).self) {
            try await start(storage: "file/data")
        }
        let text = "\(try #require(error))"
        #expect(text.contains("\(folder["file"])/data: cannot be created: Not a directory"))
        #expect(text.contains("--storage.path"))
        // What is there, and is no database.
        try FileManager.default.createDirectory(
            atPath: folder["data/state.db"], withIntermediateDirectories: true)
        let other = await #expect(throws: (any Error).self) { try await start() }
        #expect("\(try #require(other))".contains("state.db: cannot be opened: Is a directory"))
    }

    @Test func aSecondDaemonIsKeptOut() async throws {
        let world = try await start()
        await #expect(throws: (any Error).self) { try await start() }
        await world.stop()
    }
}
