import Check
import Configuration
import Model
import Testing

/// Where the checks were silent and should not have been, and the other way round.
extension CheckerTests {
    // MARK: Jobs

    @Test(arguments: [
        ("label_replace(up, \"job\", \"made\", \"\", \"\")", "made", true),
        ("label_replace(up, \"job\", \"$1\", \"instance\", \"(.*)\")", "made", true),
        ("label_join(up, \"job\", \"-\", \"a\", \"b\")", "made", true),
        ("count_values(\"job\", up)", "made", true),
        ("label_replace(up, \"other\", \"made\", \"\", \"\")", "made", false),
    ])
    func jobsThatRulesMakeAreKnown(expr: String, job: String, isKnown: Bool) {
        let rules =
            Self.rules.replacing("job=\"api\"", "job=\"\(job)\"") + """

                      - record: a:b
                        expr: '\(expr)'
                """
        #expect(check(["rules/a.yml": rules]).map(\.check) == (isKnown ? [] : ["rule/unknown-job"]))
    }

    @Test func jobsOfTargetFilesAreKnown() {
        let configuration = Self.configuration.replacing(
            "static_configs: [{targets: [\"localhost:1\"]}]", "file_sd_configs: [{files: [t.json]}]"
        )
        let targets = "[{\"targets\": [\"x:1\"], \"labels\": {\"job\": \"from-file\"}}]"
        for (job, isKnown) in [("from-file", true), ("other", false)] {
            let rules = Self.rules.replacing("job=\"api\"", "job=\"\(job)\"")
            let found = check([
                "tocsin.yml": configuration, "t.json": targets, "rules/a.yml": rules,
            ])
            #expect(found.map(\.check) == (isKnown ? [] : ["rule/unknown-job"]), "\(found)")
        }
    }

    @Test func groupsFromAnEndpointMayBringAnyJob() {
        let configuration = Self.configuration.replacing(
            "static_configs: [{targets: [\"localhost:1\"]}]",
            "http_sd_configs: [{url: \"http://sd/\"}]")
        let rules = Self.rules.replacing("job=\"api\"", "job=\"other\"")
        #expect(check(["tocsin.yml": configuration, "rules/a.yml": rules]) == [])
        // What DNS brings is no label `job`.
        let dns = Self.configuration.replacing(
            "static_configs: [{targets: [\"localhost:1\"]}]", "dns_sd_configs: [{names: [a]}]")
        #expect(
            check(["tocsin.yml": dns, "rules/a.yml": rules]).map(\.check) == ["rule/unknown-job"])
    }

    // MARK: What breaks targets

    @Test(arguments: [
        ("static_configs: [{targets: [\"\"]}]", "no address"),
        (
            "static_configs: [{targets: [\"x:1\"], labels: {__scrape_interval__: x}}]",
            "error parsing scrape interval"
        ),
        (
            "static_configs: [{targets: [\"x:1\"], labels: {__scrape_timeout__: 99m}}]",
            "scrape timeout cannot be greater than scrape interval"
        ),
        ("file_sd_configs: [{files: [cut.json]}]", "cut.json:1:"),
        ("file_sd_configs: [{files: [slash.json]}]", "\"x:1/foo\" is not a valid hostname"),
        ("file_sd_configs: [{files: [key.json]}]", "target"),
        ("tls_config: {cert_file: no.pem, key_file: no.key}", "no.pem: no such file"),
        ("tls_config: {ca_file: no.pem}", "no.pem: no such file"),
        ("authorization: {credentials_file: no.txt}", "no.txt: no such file"),
        ("basic_auth: {username: u, password_file: no.txt}", "no.txt: no such file"),
        ("scrape_protocols: []", "scrape_protocols cannot be empty"),
    ])
    func whatMakesNoTargetIsAnError(job: String, message: String) {
        let files = Self.files([
            "tocsin.yml":
                "scrape_configs: [{job_name: a, \(job)}]\ntocsin: {notifiers: notifiers.yml}",
            "cut.json": "[{\"targets\":[\"x", "slash.json": "[{\"targets\":[\"x:1/foo\"]}]",
            "key.json": "[{\"target\":[\"x:1\"]}]",
        ])
        let found = Checker.checkConfigurations(["tocsin.yml"], files: files)
        #expect(
            found.contains { $0.severity == .error && "\($0)".contains(message) }, "\(found)")
        if !job.hasPrefix("scrape_protocols") {
            let syntax = Checker.checkConfigurations(["tocsin.yml"], syntaxOnly: true, files: files)
            #expect(syntax == [], "\(syntax)")
        }
    }

    @Test func aTargetFileThatIsMissingAndAnUnsetVariableAreWarnings() {
        let text = """
            global: {external_labels: {a: "${NO_SUCH}", b: "$SET"}}
            scrape_configs: [{job_name: a, file_sd_configs: [{files: [no.json]}]}]
            """
        let found = Checker.checkConfigurations(
            ["p.yml"], environment: ["SET": "x"], files: .memory(["p.yml": text]))
        #expect(found.map(\.severity) == [.warning, .warning])
        #expect(found.first?.message.contains("NO_SUCH") == true)
        #expect(found.last?.message.contains("no.json") == true)
    }

    // MARK: Causes and consequences

    @Test(arguments: [
        ("groups: [{name: g, rules: [{alert: A, epxr: up}]}]", ["epxr"]),
        ("groups: [{name: g, rules: [{alrt: A, expr: up}]}]", ["alrt"]),
        ("groups: [{name: g, rules: [{alert: A, expr: [up]}]}]", ["expr"]),
        ("groups: [{nme: g, rules: []}]", ["nme"]),
        (
            "groups: [{name: g, rules: [{alert: A, expr: up, for: 5, labels: {severity: x}}, {alert: B}]}]",
            ["for", "'expr' must be set"]
        ),
    ])
    func aMistakeInARuleFileIsToldOnce(text: String, words: [String]) {
        let found = Checker.checkRules(["r.yml"], files: .memory(["r.yml": text]))
        #expect(found.count == words.count, "\(found)")
        for (problem, word) in zip(found, words) {
            #expect("\(problem)".contains(word), "\(problem)")
        }
    }

    @Test(arguments: [
        ("route: {receiverr: a}\nreceivers: [{name: a}]", ["receiverr"]),
        ("rout: {receiver: a}\nreceivers: [{name: a}]", ["rout"]),
        ("route: {receiver: b}\nreceivers: [{nam: b}]", ["nam"]),
        (
            "route: {receiver: b}\nreceivers: [{name: b, webhook_configs: [{urll: x}]}]", ["urll"]
        ),
        (
            "route: {receiver: b}\nreceivers: [{name: b, slack_configs: [{api_url: [x], channel: c}]}]",
            ["api_url"]
        ),
        ("route: {receiver: c}\nreceivers: [{name: b}]", ["undefined receiver \"c\"", "no route"]),
    ])
    func aMistakeInRoutesIsToldOnce(text: String, words: [String]) {
        let found = Checker.checkNotifiers(["n.yml"], files: .memory(["n.yml": text]))
        #expect(found.count == words.count, "\(found)")
        for (problem, word) in zip(found, words) {
            #expect("\(problem)".contains(word), "\(problem)")
        }
    }

    @Test func aTimeoutThatIsComparedWithABrokenIntervalIsNotToldOf() {
        let text = "scrape_configs: [{job_name: a, scrape_interval: 5, scrape_timeout: 10m}]"
        let found = Checker.checkConfigurations(["p.yml"], files: .memory(["p.yml": text]))
        #expect(found.count == 1, "\(found)")
    }

    // MARK: Costly regular expressions

    @Test func costlyRegularExpressionsAreRefusedByName() {
        let rules = (0..<60).map {
            "  - {alert: A\($0), expr: 'up{job=~\"\\\\pL{1,400}|b\($0)\"}', labels: {severity: x}}"
        }
        let text = "groups:\n- name: g\n  rules:\n" + rules.joined(separator: "\n")
        let found = Checker.checkRules(["r.yml"], files: .memory(["r.yml": text]))
        let refused = found.filter { $0.message.contains("(RegexBudget.regexInstructions)") }
        // Some were compiled before the limit was reached, and the rest cost nothing.
        #expect((1..<60).contains(refused.count), "\(found.first?.description ?? "")")
        #expect(refused.allSatisfy { $0.severity == .error })

        let relabeling = (0..<60).map { "{regex: '\\pL{1,400}|b\($0)', target_label: x}" }
        let configuration =
            "scrape_configs: [{job_name: a, relabel_configs: [\(relabeling.joined(separator: ", "))]}]"
        let wrong = Checker.checkConfigurations(["p.yml"], files: .memory(["p.yml": configuration]))
        #expect(
            wrong.contains { $0.message.contains("(DecodingContext.regexInstructions)") },
            "\(wrong.first?.description ?? "")")
    }
}
