import Check
import Configuration
import Model
import Testing

/// `tocsin check` over whole configurations.
struct CheckerTests {
    static let configuration = """
        global:
          scrape_interval: 15s
        rule_files: [rules/*.yml]
        scrape_configs:
          - job_name: api
            static_configs: [{targets: ["localhost:1"]}]
        tocsin:
          notifiers: notifiers.yml
        """
    static let rules = """
        groups:
          - name: g
            interval: 1m
            rules:
              - alert: Down
                expr: up{job="api"} == 0
                for: 5m
                labels: {severity: page}
                annotations:
                  summary: "{{ $labels.instance }} is down"
        """
    static let notifiers = """
        route: {receiver: hook}
        receivers:
          - name: hook
            webhook_configs: [{url: "http://localhost:2"}]
        """

    static func files(_ changes: [String: String] = [:], without: String = "") -> FileAccess {
        var files: [String: String] = [
            "tocsin.yml": configuration, "rules/a.yml": rules, "notifiers.yml": notifiers,
        ]
        for (path, text) in changes { files[path] = text }
        files[without] = nil
        return .memory(files)
    }

    func check(
        _ changes: [String: String] = [:], without: String = "", syntaxOnly: Bool = false
    ) -> [Problem] {
        Checker.check(
            configurationPath: "tocsin.yml", syntaxOnly: syntaxOnly,
            files: Self.files(changes, without: without))
    }

    @Test func nothingIsWrong() {
        #expect(check() == [])
    }

    @Test func everythingIsSaidInOneGo() {
        let problems = check([
            "tocsin.yml": Self.configuration.replacing("scrape_interval", "scrape_intervall"),
            "rules/a.yml": Self.rules.replacing("== 0", "=== 0").replacing("{{ $", "{{ ($"),
            "notifiers.yml": Self.notifiers.replacing("receiver: hook", "receiver: hock"),
        ])
        let errors = problems.filter { $0.severity == .error }
        #expect(
            errors.map(\.place.file) == [
                "tocsin.yml", "rules/a.yml", "rules/a.yml", "notifiers.yml",
            ])
        #expect(errors.first?.message.hasSuffix("did you mean scrape_interval?") == true)
    }

    @Test func anErrorInAnExpressionPointsAtTheCharacter() {
        let problems = check([
            "rules/a.yml": Self.rules.replacing(
                "up{job=\"api\"} == 0", "up{job=\"api\"} == nosuch(1)")
        ])
        #expect(problems.map(\.place) == [SourcePlace(file: "rules/a.yml", line: 6, column: 32)])
        #expect(problems.map(\.check) == ["rule/syntax"])
    }

    @Test func adviceIsLeftOutOnRequest() {
        let changes: [String: String] = [
            "rules/a.yml": Self.rules.replacing("job=\"api\"", "job=\"apo\"")
        ]
        let problems = check(changes)
        #expect(problems.map(\.check) == ["rule/unknown-job"])
        #expect(problems.allSatisfy { $0.severity != .error })
        #expect(check(changes, syntaxOnly: true) == [])
    }

    @Test func jobsComeFromLabelsAndRecordingRulesToo() {
        let other = Self.rules.replacing("job=\"api\"", "job=\"apo\"")
        let labelled = Self.configuration.replacing(
            "[\"localhost:1\"]", "[\"localhost:1\"], labels: {job: apo}")
        #expect(check(["rules/a.yml": other, "tocsin.yml": labelled]) == [])
        let recording = """
            groups:
              - name: r
                rules: [{record: x, expr: "1", labels: {job: apo}}]
            """
        #expect(check(["rules/a.yml": other, "rules/b.yml": recording]) == [])
        let honest = Self.configuration.replacing(
            "- job_name: api", "- job_name: api\n    honor_labels: true")
        #expect(check(["rules/a.yml": other, "tocsin.yml": honest]) == [])
    }

    @Test func rangesAreComparedWithTheScrapeInterval() {
        let short = Self.rules.replacing("up{job=\"api\"} == 0", "rate(x{job=\"api\"}[20s]) > 0")
        #expect(check(["rules/a.yml": short]).map(\.check) == ["rule/short-range"])
        #expect(check(["rules/a.yml": short.replacing("20s", "30s")]) == [])
    }

    @Test func aWindowIsNoResultAndATwinIsNoticed() {
        let window = Self.rules.replacing("up{job=\"api\"} == 0", "up{job=\"api\"}[5m]")
        #expect(check(["rules/a.yml": window]).map(\.check) == ["rule/result-type"])
        let twin = Self.rules + "\n      - {alert: Down, expr: vector(1), labels: {severity: page}}"
        #expect(check(["rules/a.yml": twin]).map(\.check) == ["rule/duplicate"])
    }

    @Test func whatIsNotThereIsSaid() {
        #expect(
            check(without: "tocsin.yml").map(\.description) == [
                "tocsin.yml: error: no such file or directory"
            ])
        let noRules = check(without: "rules/a.yml")
        #expect(noRules.map(\.severity) == [.warning])
        #expect(noRules.map(\.place.line) == [3])
        let noNotifiers = check(without: "notifiers.yml")
        #expect(noNotifiers.map(\.severity) == [.error])
        #expect(noNotifiers.map(\.place.line) == [8])
        // A plain prometheus.yml names none.
        let plain = Self.configuration.replacing("tocsin:\n  notifiers: notifiers.yml", "")
        #expect(check(["tocsin.yml": plain]).map(\.severity) == [.warning])
    }

    @Test func everyFieldOfAReceiverIsATemplate() {
        let slack = """
            route: {receiver: chat}
            receivers:
              - name: chat
                slack_configs:
                  - api_url_file: secret
                    channel: "#a"
                    title: "{{ .Status "
                    text: '{{ template "nosuch" . }}'
                    fields: [{title: x, value: "{{ nosuch }}"}]
            """
        let problems = check(["notifiers.yml": slack])
        #expect(
            problems.map { "\($0.severity.rawValue) \($0.path) \($0.check)" } == [
                "error receivers: chat: slack[0].title template/syntax",
                "error receivers: chat: slack[0].fields[0].value template/syntax",
                "error receivers: chat: slack[0].text template/undefined",
                "warning receivers: chat: slack[0] notifier/missing-secret",
            ])
        #expect(problems.allSatisfy { $0.place.line == 5 })
        let sound = slack.replacing("{{ .Status ", "{{ .Status }}")
            .replacing("{{ nosuch }}", "{{ .Receiver }}")
            .replacing("template \"nosuch\"", "template \"slack.default.title\"")
        #expect(check(["notifiers.yml": sound, "secret": "https://hooks.example/x\n"]) == [])
        let wrong = check(["notifiers.yml": sound, "secret": "hooks.example/HUSH"])
        #expect(wrong.map(\.check) == ["notifier/secret-url"])
        #expect(wrong.map(\.severity) == [.error])
        let message = wrong.first?.message ?? ""
        #expect(message.hasPrefix("cannot deliver: "))
        #expect(message.hasSuffix("secret: unsupported scheme for URL, expected http or https"))
    }

    @Test func templatesOfFilesCount() {
        let notifiers = Self.notifiers.replacing(
            "receivers:", "templates: [t/*.tmpl]\nreceivers:"
        ).replacing(
            "\"http://localhost:2\"",
            "\"http://localhost:2\", payload: {a: '{{ template \"mine\" . }}'}")
        #expect(check(["notifiers.yml": notifiers]).map(\.check) == ["template/undefined"])
        let mine = "{{ define \"mine\" }}x{{ end }}"
        #expect(check(["notifiers.yml": notifiers, "t/a.tmpl": mine]) == [])
        let broken = "{{ define \"mine\" }}x"
        let problems = check(["notifiers.yml": notifiers, "t/a.tmpl": broken])
        #expect(problems.map(\.place.file) == ["t/a.tmpl", "notifiers.yml"])
    }

    @Test func whatIsNotActedOnIsSaid() {
        let more = """

            alerting:
              alert_relabel_configs: [{action: labeldrop, regex: replica}]
              alertmanagers: [{static_configs: [{targets: ["localhost:9093"]}], sigv4: {}}]
            storage: {tsdb: {out_of_order_time_window: 1m, retention: {time: 1d}}}
            """
        let histograms = Self.configuration.replacing(
            "scrape_interval: 15s", "scrape_interval: 15s\n  scrape_native_histograms: true")
        let problems = check(["tocsin.yml": histograms + more])
        #expect(
            problems.map { "\($0.severity.rawValue) \($0.path)" } == [
                "warning alerting.alertmanagers[0].sigv4", "warning storage.tsdb.retention",
            ])
    }

    @Test func nobodyIsMissedWhereAlertmanagersTell() {
        let alone = "alerting: {alertmanagers: [{static_configs: [{targets: [am]}]}]}"
        let files = FileAccess.memory(["tocsin.yml": alone])
        #expect(Checker.check(configurationPath: "tocsin.yml", files: files) == [])
        let none = Checker.check(
            configurationPath: "tocsin.yml", files: .memory(["tocsin.yml": ""]))
        #expect(none.map(\.severity) == [.warning])
    }

    @Test func oneKindAlone() {
        let files = Self.files(["rules/a.yml": Self.rules.replacing("api", "apo")])
        #expect(Checker.checkRules(["rules/a.yml"], files: files) == [])
        #expect(
            Checker.checkRules(
                ["rules/a.yml"], configurationPath: "tocsin.yml", files: files
            ).map(\.check) == ["rule/unknown-job"])
        #expect(Checker.checkNotifiers(["notifiers.yml"], files: files) == [])
        #expect(
            Checker.checkNotifiers(["tocsin.yml"], files: files).contains { $0.severity == .error })
        #expect(
            Checker.checkConfigurations(["tocsin.yml"], files: files).map(\.check) == [
                "rule/unknown-job"
            ])
        #expect(
            Checker.checkConfigurations(["tocsin.yml"], syntaxOnly: true, files: files) == [])
        #expect(Checker.checkRules(["nosuch.yml"], files: files).map(\.severity) == [.error])
    }

    @Test func enabledFeaturesAreAccepted() {
        let rules = Self.rules.replacing("up{job=\"api\"} == 0", "mad_over_time(up[5m])")
        #expect(check(["rules/a.yml": rules]).map(\.severity) == [.error])
        let enabled = Self.configuration + "\n  enable_features: [promql-experimental-functions]"
        #expect(check(["rules/a.yml": rules, "tocsin.yml": enabled]) == [])
        // The command line enables them as well, with a configuration or without.
        let files = Self.files(["rules/a.yml": rules])
        let features = ["promql-experimental-functions"]
        #expect(Checker.checkRules(["rules/a.yml"], features: features, files: files) == [])
        #expect(
            Checker.check(configurationPath: "tocsin.yml", features: features, files: files) == [])
        #expect(
            Checker.checkRules(["rules/a.yml"], features: features + ["x"], files: files).map(
                \.severity) == [.warning])
    }

    @Test func expositionsAreCheckedByTheLetter() {
        let files = FileAccess.memory([
            "good": "# TYPE a counter\na_total 1\n# EOF\n",
            "bad": "# TYPE a counter\na_total -1\n# EOF\n",
        ])
        #expect(
            Checker.checkOpenMetrics(["good", "bad", "none"], files: files).map(\.description) == [
                #"bad:2: error: "a_total" is -1: what counts is a number from 0"#,
                "none: error: no such file or directory",
            ])
    }
}

extension String {
    /// With every `old` replaced.
    func replacing(_ old: String, _ new: String) -> String {
        var result = ""
        var rest = self[...]
        while let next = rest.firstIndex(where: { _ in true }) {
            if rest.hasPrefix(old) {
                result += new
                rest = rest.dropFirst(old.count)
            } else {
                result.append(rest[next])
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
