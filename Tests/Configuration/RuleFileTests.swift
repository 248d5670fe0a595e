import Configuration
import Model
import Testing

/// Rule files: what is read, and what is refused in which words.
struct RuleFileTests {
    @Test func everythingIsRead() throws {
        let result = RuleFile.load(
            text: """
                groups:
                  - name: g
                    interval: 1m
                    query_offset: 30s
                    limit: 3
                    labels: {team: a}
                    rules:
                      - record: a:b
                        expr: sum(x)
                      - alert: Alert
                        expr: |
                          up == 0
                        for: 5m
                        keep_firing_for: 1h
                        labels: {z: "1", a: 2}
                        annotations: {summary: "{{ $value }}"}
                """, path: "r.yml")
        #expect(result.problems.isEmpty)
        let group = try #require(try result.get().groups.first)
        #expect(group.interval == .minutes(1))
        #expect(group.queryOffset == .seconds(30))
        #expect(group.limit == 3)
        #expect(group.labels == Labels(["team": "a"]))
        #expect(group.rules.map(\.kind) == [.recording("a:b"), .alerting("Alert")])
        let alert = group.rules[1]
        #expect(alert.expr == Located("up == 0\n"))
        #expect(alert.expr.place == SourcePlace(file: "r.yml", line: 11, column: 15))
        #expect(alert.place.line == 10)
        #expect(alert.forDuration == .minutes(5))
        #expect(alert.keepFiringFor == .minutes(60))
        #expect(alert.labels == [.init("a", "2"), .init("z", "1")])
        #expect(alert.annotations == [.init("summary", "{{ $value }}")])
    }

    @Test func kubernetesResources() throws {
        let text = """
            apiVersion: monitoring.coreos.com/v1
            kind: PrometheusRule
            metadata: {name: x, labels: {a: b}}
            spec:
              groups:
                - name: g
                  rules: [{alert: A, expr: 1}]
            """
        #expect(try RuleFile.load(text: text, path: "k").get().groups.map(\.name) == ["g"])
        let other = text.replacing("PrometheusRule", with: "PodMonitor")
        #expect(
            RuleFile.load(text: other, path: "k").errors.map(\.description) == [
                "k:2:1: error: kind: expected PrometheusRule, found \"PodMonitor\""
            ])
    }

    @Test(arguments: [
        ("{expr: a}", "one of 'record' or 'alert' must be set"),
        ("{record: a, alert: b, expr: c}", "only one of 'record' and 'alert' must be set"),
        ("{record: a}", "field 'expr' must be set in rule"),
        ("{record: a, expr: b, for: 1m}", "invalid field 'for' in recording rule"),
        (
            "{record: a, expr: b, keep_firing_for: 1m}",
            "invalid field 'keep_firing_for' in recording rule"
        ),
        (
            "{record: a, expr: b, annotations: {c: d}}",
            "invalid field 'annotations' in recording rule"
        ),
        (
            "{record: 'sum(a{})', expr: b}",
            "braces present in the recording rule name; should it be in expr?: sum(a{})"
        ),
        ("{alert: a, expr: b, labels: {__name__: c}}", "invalid label name: __name__"),
        ("{alert: a, expr: b, labels: {'': c}}", "invalid label name: "),
        ("{alert: a, expr: b, fro: 1m}", "field fro not found; did you mean for?"),
        ("{alert: a, expr: b, for: 5}", "not a valid duration string: \"5\""),
    ])
    func refused(_ rule: String, _ expected: String) {
        let result = RuleFile.load(text: "groups: [{name: g, rules: [\(rule)]}]", path: "r.yml")
        #expect(result.value == nil)
        #expect(result.errors.map(\.message) == [expected])
    }

    @Test func groupNames() {
        let result = RuleFile.load(
            text: "groups:\n  - name: a\n  - name: a\n  - rules: []\n", path: "r.yml")
        #expect(
            result.errors.map(\.description) == [
                "r.yml:3:5: error: groups: groupname: \"a\" is repeated in the same file",
                "r.yml:4:5: error: groups[2]: Groupname must not be empty",
            ])
    }

    @Test func legacyNames() {
        let text = "groups: [{name: g, rules: [{record: a.b, expr: c, labels: {d.e: f}}]}]"
        #expect(RuleFile.load(text: text, path: "r").value != nil)
        #expect(RuleFile.load(text: text, path: "r", nameValidation: .legacy).errors.count == 2)
    }

    @Test func patternsLoadEachFileOnce() throws {
        let files = FileAccess.memory([
            "r/a.yml": "groups: [{name: a}]", "r/b.yml": "groups: [{name: b}]",
            "r/c.txt": "not yaml: [",
        ])
        let result = RuleFile.loadAll(
            [Located("r/b.yml"), Located("r/*.yml"), Located("x/*.yml")], files: files)
        #expect(try result.get().map(\.path) == ["r/b.yml", "r/a.yml"])
        #expect(result.warnings.map(\.message) == ["no file matches \"x/*.yml\""])
        #expect(RuleFile.loadAll([Located("r/c.txt")], files: files).value == nil)
    }

    /// What a person or a template leaves behind, and Prometheus loads.
    @Test(arguments: [
        ("groups:\n-\n- name: g\n  rules:\n  -\n  - {record: r, expr: a}\n", 2),
        ("groups: [{name: g, limit: 1.5, rules: [{record: r, expr: a}, null, ~]}]", 2),
        ("groups: [{name: g, limit: 1e0, rules: [{record: r, expr: a}]}]\n---\n{{{ .Values }\n", 1),
        ("groups: [{name: g, limit: 1, rules: [{record: r, expr: a}]}]\n...\nnotes: [\n", 1),
        ("groups: [{name: g, rules: [{record: r, expr: a}]}]\n---\ngroups: []\n---\n[", 1),
        ("groups: [{name: g, rules: [{record: r, expr: a}]}]\n...\n", 0),
        ("groups: [{name: g, rules: [{record: r, expr: a}]}]\n---\n", 1),
    ])
    func looseEndsAreWarnings(text: String, warnings: Int) throws {
        let result = RuleFile.load(text: text, path: "r.yml")
        let groups = try result.get().groups
        #expect(groups.map(\.name) == ["g"])
        #expect(groups.first?.rules.map(\.name) == ["r"])
        #expect(groups.first.map { $0.limit <= 1 } == true)
        #expect(result.warnings.count == warnings, "\(result.warnings)")
    }

    @Test func aBrokenFirstDocumentIsAnError() {
        for text in ["groups: [\n---\n", "groups: []\n}\n", "{{{ .Values }\n---\ngroups: []\n"] {
            #expect(RuleFile.load(text: text, path: "r.yml").value == nil, "\(text)")
        }
    }
}
