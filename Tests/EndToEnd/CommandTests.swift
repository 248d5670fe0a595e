import Foundation
import TestSupport
import Testing

/// Commands beside the daemon, as they are typed.
@Suite("Commands", .serialized)
struct CommandTests {
    private func tocsin(
        _ arguments: [String], in workspace: Workspace
    ) async throws -> (end: Subprocess.End?, output: String, log: String) {
        let run = try await Subprocess.run(
            try Program.path(), arguments, in: workspace, name: "command")
        return (run.end, run.output, run.log)
    }

    @Test("routes are shown and tried, templates rendered")
    func routesAndTemplates() async throws {
        let workspace = try Workspace()
        try workspace.write(
            "alertmanager.yml",
            """
            templates: ['*.tmpl']
            route: {receiver: mail, routes: [{receiver: pager, matchers: [severity=page]}]}
            receivers:
              - {name: mail, webhook_configs: [{url: "http://127.0.0.1:1/"}]}
              - {name: pager, webhook_configs: [{url: "http://127.0.0.1:1/"}]}
            """)
        try workspace.write("a.tmpl", "{{ define \"mine\" }}{{ .Status }}!{{ end }}")
        let file = ["--notifiers", "alertmanager.yml"]
        let shown = try await tocsin(["routes"] + file, in: workspace)
        #expect(shown.output.contains("{severity=\"page\"}"), "\(shown.log)")
        let tried = try await tocsin(
            ["routes", "test", "Down", "severity=page", "--verify.receivers", "pager"] + file,
            in: workspace)
        #expect(tried.end == .exited(0) && tried.output.hasSuffix("Receivers: pager\n"))
        let wrong = try await tocsin(
            ["routes", "test", "Down", "--verify.receivers", "pager"] + file, in: workspace)
        #expect(wrong.end == .exited(1) && wrong.log.contains("not mail"))
        let rendered = try await tocsin(
            ["template", "render", "--template", "mine"] + file, in: workspace)
        #expect(rendered.output == "firing!\n", "\(rendered.log)")
    }

    @Test("a test message is sent and its exchange shown")
    func testMessage() async throws {
        let workspace = try Workspace()
        let receiver = try Receiver([.respond(status: 202), .respond(status: 403)])
        try workspace.write(
            "notifiers.yml",
            """
            route: {receiver: hook}
            receivers:
              - name: hook
                webhook_configs:
                  - url: \(receiver.url)
                    http_config: {authorization: {credentials: hidden}}
            """)
        let arguments = [
            "notify", "test", "hook", "team=x", "--notifiers", "notifiers.yml",
        ]
        let taken = try await tocsin(arguments, in: workspace)
        #expect(taken.end == .exited(0), "\(taken.log)")
        #expect(taken.output.contains("> Authorization: <secret>"))
        #expect(taken.output.contains("< 202"))
        #expect(taken.output.contains("1 of 1 took it"))
        #expect(!taken.output.contains("hidden"))
        let payload = try #require(receiver.posts.first).payload()
        #expect(payload.alerts.map { $0.labels["team"] } == ["x"])
        let refused = try await tocsin(arguments, in: workspace)
        #expect(refused.end == .exited(1))
        #expect(refused.output.contains("REFUSED"))
    }

    @Test("expositions are checked, from files and URLs")
    func checkMetrics() async throws {
        let workspace = try Workspace()
        let good = "# HELP jobs_total Done.\n# TYPE jobs_total counter\njobs_total 1\n"
        try workspace.write("good.txt", good)
        try workspace.write("odd.txt", "jobs_total 1\n")
        try workspace.write("bad.txt", "jobs_total one\n")
        let clean = try await tocsin(["check", "metrics", "good.txt"], in: workspace)
        #expect(clean.end == .exited(0) && clean.output == "No problems found.\n")
        let odd = try await tocsin(["check", "metrics", "odd.txt"], in: workspace)
        #expect(odd.end == .exited(3) && odd.output == "jobs_total no help text\n")
        let bad = try await tocsin(["check", "metrics", "bad.txt", "odd.txt"], in: workspace)
        #expect(bad.end == .exited(1))
        #expect(bad.output.hasPrefix("odd.txt: jobs_total no help text\nbad.txt:1: error: "))
        let service = try Service(good, contentType: "text/plain; version=0.0.4")
        let url = "http://\(service.address)/metrics"
        let asked = try await tocsin(["check", "metrics", url], in: workspace)
        #expect(asked.end == .exited(0))
        #expect(
            asked.output.hasPrefix(
                "\(url): text/plain; version=0.0.4, not compressed, \(good.utf8.count)B transferred"
            ),
            "\(asked.output) \(asked.log)")
        let strict = try await tocsin(["check", "metrics", "--strict", url], in: workspace)
        #expect(strict.end == .exited(1) && strict.output.contains("does not end with # EOF"))
        let gone = try await tocsin(["check", "metrics", "none.txt"], in: workspace)
        #expect(gone.end == .exited(1) && gone.output.hasPrefix("none.txt: error: no such file"))
    }

    @Test("one scrape is shown as the pipeline sees it")
    func scrape() async throws {
        let workspace = try Workspace()
        let service = try Service(
            "# TYPE a gauge\na{id=\"1\"} 1\nb_total 2\nc 3\n", contentType: "text/plain")
        try workspace.write(
            "rules.yml",
            "groups: [{name: g, rules: [{alert: TooMany, expr: 'a{team=\"x\"} > 1'}]}]")
        try workspace.write(
            "tocsin.yml",
            """
            rule_files: [rules.yml]
            scrape_configs:
              - job_name: app
                sample_limit: 3
                basic_auth: {username: me, password: hidden}
                static_configs: [{targets: ["\(service.address)"], labels: {team: x}}]
                metric_relabel_configs:
                  - {source_labels: [__name__], regex: b_.*, action: drop}
                  - {regex: id, action: labeldrop}
            """)
        let url = "http://\(service.address)/metrics"
        let run = try await tocsin(["scrape", url, "--job", "app"], in: workspace)
        #expect(run.end == .exited(0), "\(run.log)")
        let own = "instance=\"\(service.address)\", job=\"app\", team=\"x\""
        for line in [
            "> Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,",
            "< 200", "< Content-Type: text/plain\n", "format:   text/plain\n",
            "samples:  3 scraped, 2 after relabelling, 2 series\n",
            "  [0] drop [__name__] \"b_.*\": 0 changed, 1 dropped\n",
            "  [1] labeldrop \"id\": 1 changed, 0 dropped\n",
            "  a{id=\"1\", \(own)}\n    [1] -> a{\(own)}\n  b_total{\(own)}\n    [0] drops it\n",
            "  sample_limit: 2 of 3\n", "  label_limit: 4 of 1000 (default)\n",
            "  rules.yml g/TooMany: 1 series\n    a{\(own)}\n", "series that no rule reads: 6\n",
        ] {
            #expect(run.output.contains(line), "\(line) in \(run.output)")
        }
        #expect(!run.output.contains("hidden"))
        let json = try await tocsin(
            ["scrape", url, "--job", "app", "--format", "json"], in: workspace)
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect((document["relabelled"] as? [Any])?.count == 2)
        #expect(
            (document["rules"] as? [Any])?.count == 1 && document["samplesScraped"] as? Int == 3)
        let plain = try await tocsin(["scrape", url], in: workspace)
        #expect(plain.end == .exited(0) && plain.output.contains("3 after relabelling"))
        #expect(!plain.output.contains("rules that read it"))
        service.show("a one\n")
        let broken = try await tocsin(["scrape", url], in: workspace)
        #expect(broken.end == .exited(1) && broken.output.contains("error:    "))
        let unknown = try await tocsin(["scrape", url, "--job", "x"], in: workspace)
        #expect(unknown.end != .exited(0) && unknown.log.contains("there is no job x"))
    }

    @Test("a daemon that is not there is said")
    func nobodyThere() async throws {
        let workspace = try Workspace()
        let port = try Listener.freePort()
        for command in [["silence"], ["alerts"]] {
            let run = try await tocsin(
                command + ["--url", "http://127.0.0.1:\(port)"], in: workspace)
            #expect(run.end == .exited(1) && run.log.contains("127.0.0.1:\(port)"), "\(run.log)")
        }
    }
}
