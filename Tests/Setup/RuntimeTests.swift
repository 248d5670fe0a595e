import Configuration
import Model
import Notify
import PromQL
import Setup
import Synchronization
import Testing

/// What follows from the files.
struct RuntimeTests {
    private static let notifiers = """
        route: {receiver: hook}
        receivers: [{name: hook, webhook_configs: [{url: "http://localhost:2"}]}]
        """

    private func build(
        _ main: String, rules: String = "groups: []", notifiers: String = RuntimeTests.notifiers,
        others: [String: String] = [:]
    ) -> RuntimeBuild {
        let files = [
            "/c.yml": main, "/rules.yml": rules, "/notifiers.yml": notifiers,
        ].merging(others) { $1 }
        return RuntimeBuilder(path: "/c.yml", files: .memory(files)).build()
    }

    @Test func limitsAndFeaturesReachTheEngine() throws {
        let runtime = try build(
            """
            global: {evaluation_interval: 7s, external_labels: {a: b}}
            tocsin:
              enable_features: [promql-experimental-functions]
              query: {max_samples: 5, max_points: 6, timeout: 9s, lookback_delta: 11s}
              storage: {retention: 3h}
              web: {external_url: "http://here/x/"}
              notifiers: /notifiers.yml
            """
        ).get()
        #expect(runtime.engine.maximumSamples == 5)
        #expect(runtime.engine.maximumPoints == 6)
        #expect(runtime.engine.timeout == .seconds(9))
        #expect(runtime.engine.lookback == .seconds(11))
        #expect(runtime.engine.defaultStep == .seconds(7))
        #expect(runtime.engine.parser.experimentalFunctions)
        #expect(runtime.rules.lookback == .seconds(11))
        #expect(runtime.rules.externalLabels == Labels(["a": "b"]))
        #expect(runtime.depth == .minutes(180))
        #expect(runtime.externalURL == "http://here/x")
        #expect(runtime.rules.externalURL == "http://here/x")
        #expect(runtime.integrations["hook"]?.map(\.name) == ["webhook"])
    }

    /// Errors keep a configuration from being used; faults stop only what they are about.
    @Test func aFaultStopsAReloadAndNoStart() throws {
        let main = "rule_files: [/rules.yml]\ntocsin: {notifiers: /notifiers.yml}\n"
        let faulty = build(
            main, rules: "groups: [{name: g, rules: [{alert: A, expr: 'up =='}]}]",
            notifiers: """
                route: {receiver: chat}
                receivers:
                  - name: chat
                    slack_configs: [{api_url: "http://x/", channel: c, text: '{{ template "y" }}'}]
                """)
        let runtime = try faulty.get()
        #expect(runtime.faults.map(\.check) == ["rule/syntax", "template/undefined"])
        #expect(throws: Problems.self) { try faulty.getFaultless() }

        let wrong = build(
            main, rules: "groups: [{name: g, rulez: []}]",
            notifiers: Self.notifiers + "\ntemplates: [/a.tmpl]",
            others: ["/a.tmpl": "\n{{ if }}"])
        let errors = #expect(throws: Problems.self) { try wrong.get() }
        #expect(errors?.list.map(\.place.file) == ["/rules.yml", "/a.tmpl"])
        #expect(errors?.list.last?.place.line == 2)
    }

    /// What is shown, and what errors point at, is the text that was loaded.
    @Test func everyFileIsReadOnce() throws {
        let memory = FileAccess.memory([
            "/c.yml": "rule_files: [/*.yaml]\ntocsin: {notifiers: /notifiers.yml}",
            "/r.yaml": "groups: [{name: g, rules: [{alert: A, expr: up}]}]",
            "/notifiers.yml": Self.notifiers,
        ])
        let reads = Counts()
        let files = FileAccess(
            read: { path throws(FileAccess.ReadError) in
                reads.add(path)
                return try memory.read(path)
            }, glob: memory.glob)
        let runtime = try RuntimeBuilder(path: "/c.yml", files: files).build().get()
        #expect(runtime.documents.shownNotifiers.contains("receiver: hook"))
        #expect(runtime.documents.ruleTexts.keys.sorted() == ["/r.yaml"])
        #expect(reads.all == ["/c.yml": 1, "/r.yaml": 1, "/notifiers.yml": 1])
    }

    /// Two spellings of one path are one file, wherever the process stands.
    @Test func aFileOfTwoSpellingsLoadsOnce() throws {
        let rules = "groups: [{name: g, rules: [{alert: A, expr: up}]}]"
        var files = FileAccess.memory([
            "c.yml": "rule_files: [r.yaml, /w/r.yaml]\ntocsin: {notifiers: n.yml}",
            "r.yaml": rules, "/w/r.yaml": rules, "n.yml": Self.notifiers,
        ])
        files.workingDirectory = "/w"
        let runtime = try RuntimeBuilder(path: "c.yml", files: files).build().get()
        #expect(runtime.documents.ruleFiles.map(\.path) == ["r.yaml"])
    }

    private final class Counts: Sendable {
        private let counts = Mutex<[String: Int]>([:])
        var all: [String: Int] { counts.withLock { $0 } }
        func add(_ path: String) { counts.withLock { $0[path, default: 0] += 1 } }
    }

    @Test func whatNeedsARestartIsNamed() throws {
        let one = RestartSettings(TocsinSettings())
        var settings = TocsinSettings()
        settings.web.externalURL = "http://elsewhere"
        #expect(one.waiting(RestartSettings(settings)).isEmpty)
        settings.web.listenAddress = ":1"
        settings.query.maximumConcurrency = 3
        #expect(
            one.waiting(RestartSettings(settings)).map(\.name) == [
                "tocsin.web.listen_address", "tocsin.query.max_concurrency",
            ])
    }
}
