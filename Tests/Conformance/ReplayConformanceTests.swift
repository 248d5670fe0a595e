import Foundation
import TestSupport
import Testing

/// `tocsin replay` over a recording of four hours: the transitions of the guide's seven rules.
@Suite("A recording's transitions")
struct ReplayConformanceTests {
    /// What names a transition.
    struct Key: Hashable {
        var alert: String
        var labels: [String: String]
        var transition: String
        var time: Double
    }

    @Test(
        "equal the recorded ones",
        .enabled(if: RecordedAnswers.folder != nil, "\(SharedData.missing)"))
    func transitions() async throws {
        let folder = try #require(RecordedAnswers.folder)
        let workspace = try Workspace()
        let run = try await Subprocess.run(
            try Program.path(),
            [
                "replay", folder.appendingPathComponent("scrapes.jsonl.gz").path, "--config",
                Program.repository.appendingPathComponent("tocsin.yml").path, "--format", "json",
            ], in: workspace)
        #expect(run.end == .exited(0), "\(run.log)")
        let golden = try RecordedAnswers.load([RecordedAlert].self, "alerts.json")
        #expect(golden.count == 7)
        #expect(golden.map(\.transitions.count).reduce(0, +) == 35)

        let rules = Set(golden.map(\.alert))
        var printed: [Key: [PrintedTransition]] = [:]
        for line in try PrintedTransition.parse(run.output) where rules.contains(line.alert) {
            let key = Key(
                alert: line.alert, labels: line.labels, transition: line.transition, time: line.time
            )
            printed[key, default: []].append(line)
        }
        #expect(printed.values.map(\.count).reduce(0, +) == 35)
        for rule in golden {
            for wanted in rule.transitions {
                let key = Key(
                    alert: rule.alert, labels: wanted.labels, transition: wanted.transition,
                    time: wanted.time)
                let found = printed[key] ?? []
                #expect(found.count == 1, "\(key)")
                if let value = wanted.value { #expect(found.first?.value == value, "\(key)") }
                if let moment = wanted.activeAt {
                    #expect(found.first?.activeAt == moment, "\(key)")
                }
            }
        }
    }

    /// A service that breaks for three minutes, scraped every 15 s; nothing that is not here is needed.
    private func smallRecording() -> String {
        let start = 1_700_000_040_000
        return (0...40).map { index in
            let broken = (8..<20).contains(index) ? 1 : 0
            let body = #"# TYPE app_broken gauge\napp_broken{part=\"a\"} \#(broken)\n"#
            return #"{"timestamp_ms":\#(start + index * 15_000),"job":"app","instance":"app:80","#
                + #""labels":{"team":"t"},"ok":true,"body":"\#(body)"}"#
        }.joined(separator: "\n") + "\n"
    }

    @Test(
        "of a recording of our own: pending, firing after `for`, resolved, and what would be sent")
    func ownRecording() async throws {
        let workspace = try Workspace()
        try workspace.write("small.jsonl", smallRecording())
        try workspace.write(
            "tocsin.yml",
            """
            global: {evaluation_interval: 30s}
            rule_files: [rules.yml]
            tocsin: {notifiers: notifiers.yml}
            """)
        try workspace.write(
            "rules.yml",
            """
            groups:
              - name: app
                rules:
                  - {record: "app:broken", expr: sum by (job) (app_broken)}
                  - alert: Broken
                    expr: app_broken == 1
                    for: 1m
                    labels: {severity: critical}
                    annotations: {summary: "{{ $labels.part }} is {{ $value }}"}
            """)
        try workspace.write(
            "notifiers.yml",
            """
            route: {receiver: hook, group_wait: 0s, group_interval: 30s, group_by: [alertname]}
            receivers:
              - name: hook
                webhook_configs: [{url: "http://127.0.0.1:1/", send_resolved: true}]
            """)
        let arguments = ["replay", "small.jsonl", "--config", "tocsin.yml", "--format", "json"]
        let program = try Program.path()
        let run = try await Subprocess.run(program, arguments, in: workspace)
        #expect(run.end == .exited(0), "\(run.log)")
        let lines = try PrintedTransition.parse(run.output)
        #expect(lines.map(\.transition) == ["pending", "firing", "resolved"])
        #expect(lines.allSatisfy { $0.alert == "Broken" })
        #expect(lines.first?.labels["team"] == "t")
        // Broken in frames 8 to 19: seen at start + 120 s, through `for` at + 180 s; whole again at
        // frame 20, start + 300 s.
        let start = 1_700_000_040.0
        #expect(lines.map(\.time) == [start + 120, start + 180, start + 300])
        #expect(lines.dropFirst().first?.activeAt == start + 120)

        let told = try await Subprocess.run(
            program, arguments + ["--notifications"], in: workspace, name: "told")
        let sent = told.output.split(separator: "\n").filter { $0.contains(#""notification":"#) }
        #expect(sent.count == 2, "\(told.output)")
        #expect(sent.first?.contains(#""status":"firing""#) == true)
        #expect(sent.last?.contains(#""status":"resolved""#) == true)

        let query = try await Subprocess.run(
            program,
            [
                "query", "app_broken + 1", "--recording", "small.jsonl", "--at", "1700000190",
                "--format", "json",
            ], in: workspace, name: "query")
        let answer = try JSONDecoder().decode(Envelope.self, from: Data(query.output.utf8))
        #expect(answer.data?.result.map(\.value?.value) == ["2"])
    }
}
