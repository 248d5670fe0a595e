import Configuration
import Model
import Rules
import Testing

struct RuleCheckTests {
    func problems(_ yaml: String, jobs: Set<String>? = nil) throws -> [Problem] {
        let file = try RuleFile.load(text: yaml, path: "r.yml").get()
        return RuleCheck.run(
            files: [file],
            CheckContext(jobs: jobs, sources: ["r.yml": Array(yaml.utf8)]))
    }

    func rule(
        _ expr: String, text: String = "x", labels: String = "severity: page"
    ) -> String {
        """
        groups:
        - name: g
          rules:
          - alert: A
            expr: \(expr)
            labels: {\(labels)}
            annotations:
              text: \(text.goQuoted)
        """
    }

    func names(_ yaml: String, jobs: Set<String>? = nil) throws -> [String] {
        try problems(yaml, jobs: jobs).map(\.check)
    }

    @Test func theGuidesRulesHaveOneFlawBesideTheMissingJob() throws {
        let yaml = try #require(GuideRulesTests.yaml)
        let found = try problems(yaml, jobs: ["lynex-ingest-api", "lynex-ui-backend"])
        #expect(found.map(\.check) == ["rule/unknown-job", "rule/unit-of-time"])
        #expect(found.map(\.path).first == "lynex_critical/ClickHouseDown.expr")
        #expect(found.map(\.path).last == "lynex_critical/CostSpike.annotations.description")
        #expect(found.allSatisfy { $0.severity == .warning && $0.place.line > 0 })
        #expect(try problems(yaml, jobs: ["clickhouse"]).map(\.check) == ["rule/unit-of-time"])
        #expect(try problems(yaml).map(\.check) == ["rule/unit-of-time"])
    }

    @Test func jobsAreFoundByPatternToo() throws {
        let jobs: Set<String> = ["api", "web"]
        #expect(try names(rule("up{job=~\"api|db\"} == 0"), jobs: jobs).isEmpty)
        #expect(try names(rule("up{job!=\"db\"} == 0"), jobs: jobs).isEmpty)
        #expect(try names(rule("up{job=~\"db.*\"} == 0"), jobs: jobs) == ["rule/unknown-job"])
        let near = try problems(rule("up{job=\"apj\"} == 0"), jobs: jobs)
        #expect(near.first?.message.hasSuffix("did you mean \"api\"?") == true)
        let inText = rule("m > 1", text: "{{ query \"up{job='db'}\" }}")
        #expect(try names(inText, jobs: jobs) == ["rule/unknown-job"])
    }

    @Test(arguments: [
        ("rate(m[5m]) > 1", "{{ $value }}/hour", true),
        ("rate(m[5m]) > 1", "{{ $value }} USD per hour", true),
        ("rate(m[5m]) > 1", "{{ $value | humanize }}/min", true),
        ("rate(m[5m]) * 3600 > 1", "{{ $value }}/hour", false),
        ("increase(m[1h]) > 1", "{{ $value }}/hour", false),
        ("rate(m[5m]) > 1", "{{ $value }}/second", false),
        ("rate(m[5m]) > 1", "{{ $value }} errors/sec for an hour", false),
        ("rate(m[5m]) > 1", "see http://x/hour", false),
    ])
    func unitsOfTime(expr: String, text: String, isWrong: Bool) throws {
        #expect(try names(rule(expr, text: text)) == (isWrong ? ["rule/unit-of-time"] : []))
    }

    @Test(
        arguments: [
            ("rate(m{a=\"hit\"}[5m]) / rate(m[5m])", "always 1"),
            ("m{a=\"hit\"} / m", "always 1"),
            ("m{a=\"1\",b=\"2\"} / m{b=\"2\"}", "always 1"),
            ("rate(m{a=\"hit\"}[5m]) / rate(m{a=\"miss\"}[5m])", "always empty"),
            ("sum(rate(m{a=\"hit\"}[5m])) / sum(rate(m[5m]))", nil),
            ("rate(m{a=\"hit\"}[5m]) / ignoring(a) rate(m{a=\"miss\"}[5m])", nil),
            ("rate(m[5m]) / rate(n[5m])", nil),
            ("rate(m[5m]) / rate(m[1h])", nil),
            ("m / m offset 1d", nil),
            ("rate(m{a=\"hit\"}[5m]) - rate(m[5m])", nil),
        ] as [(String, String?)])
    func ratios(expr: String, says: String?) throws {
        let found = RuleCheck.run(files: [], queries: [Located(expr)])
        #expect(found.map(\.check) == (says == nil ? [] : ["rule/self-ratio"]))
        if let says { #expect(found.first?.message.contains(says) == true) }
        #expect(try names(rule(expr)) == found.map(\.check))
    }

    @Test(arguments: [
        ("sum by (job) (m) > 1", "{{ $labels.instance }}", true),
        ("sum by (job) (m) > 1", "{{ $labels.job }}", false),
        ("sum without (instance) (m) > 1", "{{ .Labels.instance }}", true),
        ("sum without (instance) (m) > 1", "{{ $labels.job }}", false),
        ("sum(m) > 1", "{{ $labels.job }}", true),
        ("topk(3, m) > 1", "{{ $labels.job }}", false),
        ("sum by (a) (m) / on(a) sum by (a, b) (n)", "{{ $labels.b }}", true),
        ("label_replace(sum(m), \"job\", \"x\", \"\", \"\")", "{{ $labels.job }}", false),
        ("histogram_quantile(0.9, sum by (le) (rate(m[5m]))) > 1", "{{ $labels.job }}", true),
        // The dot is a sample of the query, whose labels are its own.
        ("sum(m) > 1", "{{ range query `up` }}{{ .Labels.job }}{{ end }}", false),
        ("sum(m) > 1", "{{ with query `up` | first }}{{ .Labels.job }}{{ end }}", false),
        ("sum(m) > 1", "{{ with query `up` }}{{ (. | first).Labels.job }}{{ end }}", false),
        ("sum(m) > 1", "{{ $q := query `up` }}{{ range $q }}{{ .Labels.job }}{{ end }}", false),
        ("sum(m) > 1", "{{ range $i, $s := query `up` }}{{ $s.Labels.job }}{{ end }}", false),
        (
            "sum(m) > 1",
            "{{ define `x` }}{{ .Labels.job }}{{ end }}{{ range query `up` }}{{ template `x` . }}{{ end }}",
            false
        ),
        ("sum(m) > 1", "{{ range query `up` }}{{ else }}{{ .Labels.job }}{{ end }}", true),
        ("sum(m) > 1", "{{ range query `up` }}{{ $.Labels.job }}{{ end }}", true),
        ("sum(m) > 1", "{{ define `x` }}{{ .job }}{{ end }}{{ template `x` $labels }}", true),
        ("sum(m) > 1", "{{ range printf `up{a=%q}` $labels.job | query }}{{ end }}", true),
        ("sum(m) > 1", "{{ if gt $value 1.0 }}{{ .Labels.job }}{{ end }}", true),
        ("sum(m) > 1", "{{ with .Labels }}{{ .job }}{{ end }}", true),
        ("sum(m) > 1", "{{ index $labels `job` }}", true),
        ("sum(m) > 1", "{{ `job` | index .Labels }}", true),
        ("sum(m) > 1", "{{ with $x := $labels }}{{ $x.job }}{{ end }}", true),
        ("sum(m) > 1", "{{ range $k, $v := $labels }}{{ $k }}{{ end }}", false),
        ("sum(m) > 1", "$labels.job", false),
    ])
    func removedLabels(expr: String, text: String, isWrong: Bool) throws {
        #expect(try names(rule(expr, text: text)) == (isWrong ? ["rule/removed-label"] : []))
    }

    @Test func anErrorPointsIntoTheExpression() throws {
        let places = [
            ("sum(m) >> 1", "r.yml:5:19"), ("\"sum(m) >> 1\"", "r.yml:5:20"),
            ("|\n      sum(m)\n        >> 1", "r.yml:7:10"),
        ]
        for (expr, place) in places {
            let found = try problems(rule(expr))
            #expect(found.map(\.check) == ["rule/syntax"])
            #expect(found.first?.place.description == place, "\(expr)")
            #expect(found.first?.severity == .error)
        }
    }

    @Test func templatesAreChecked() throws {
        let broken = try problems(rule("m", text: "{{ $nope }}"))
        #expect(broken.map(\.check) == ["rule/template"])
        #expect(broken.first?.severity == .error)
        #expect(broken.first?.path == "g/A.annotations.text")
    }

    @Test func adviceIsGivenAndCanBeLeftOut() throws {
        let yaml = """
            groups:
            - name: g
              interval: 1m
              rules:
              - alert: A
                expr: m
                for: 30s
            """
        #expect(try names(yaml) == ["rule/short-for", "rule/severity"])
        let file = try RuleFile.load(text: yaml, path: "r.yml").get()
        #expect(RuleCheck.run(RuleCheck.errors, files: [file]).isEmpty)
    }

    @Test func everyCheckHasANameOfItsOwnAndAReason() {
        #expect(Set(RuleCheck.all.map(\.name)).count == RuleCheck.all.count)
        #expect(RuleCheck.all.allSatisfy { $0.name.hasPrefix("rule/") && !$0.reason.isEmpty })
    }
}
