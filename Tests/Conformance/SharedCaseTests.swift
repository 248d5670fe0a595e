import Foundation
import TestSupport
import Testing

/// The faults of `../shared/cases` that a command shows: each case's own files, given to the program.
///
/// The others have tests where they belong: deliveries in Notify, scrapes in Scrape, restarts in
/// EndToEnd, memory in PromQL and Server.
@Suite(
    .enabled(if: SharedData.has("cases/rules", "cases/notify"), "\(SharedData.missing)"),
    .timeLimit(.minutes(5)))
struct SharedCaseTests {
    /// A copy of a case's files, in which `change` may replace some.
    private func copy(_ name: String) throws -> Workspace {
        let workspace = try Workspace()
        for file in SharedData.files("cases/" + name, endingIn: ".yml", ".json", ".tmpl", ".broken")
        {
            try workspace.write(
                file.lastPathComponent,
                String(contentsOf: file, encoding: .utf8)
                    .replacingOccurrences(of: "127.0.0.1:PORT", with: "127.0.0.1:1"))
        }
        return workspace
    }

    private func run(
        _ arguments: [String], in workspace: Workspace
    ) async throws -> (status: Subprocess.End, output: String) {
        let process = try Subprocess(
            try Program.path(), arguments, in: workspace, name: UUID().uuidString)
        let end = try await process.waitForEnd(within: .seconds(120))
        return (end, process.output + process.log)
    }

    @Test func theTitleOfWordsIsGos() async throws {
        let workspace = try copy("rules/04-title-function")
        let (status, output) = try await run(["test", "test.yml"], in: workspace)
        #expect(status == .exited(0), "\(output)")
    }

    @Test func labelsOfAQueryInATemplateAreNotTheRules() async throws {
        let workspace = try copy("rules/05-check-removed-label-false-alarm")
        let (_, output) = try await run(["check", "rules", "rules.yml"], in: workspace)
        let found = output.split(separator: "\n").filter { $0.contains("[rule/removed-label]") }
        // The annotation j makes the mistake; k, l and o make it in another way.
        #expect(found.contains { $0.contains(".j:") }, "\(output)")
        #expect(
            found.allSatisfy { line in ["j", "k", "l", "o"].contains { line.contains(".\($0):") } },
            "\(output)")
    }

    @Test func jobsOfTargetFilesAreKnown() async throws {
        let workspace = try copy("rules/06-check-unknown-job-false-alarm")
        let (_, output) = try await run(["check", "--config.file", "tocsin.yml"], in: workspace)
        #expect(!output.contains("rule/unknown-job"), "\(output)")
    }

    @Test(arguments: [
        ("am.yml", "is not a valid hostname"), ("fsd.yml", "unexpected end of JSON input"),
        ("static.yml", "no address"), ("tls.yml", "scrape/missing-file"),
    ])
    func targetsThatCannotWorkAreErrors(file: String, expected: String) async throws {
        let workspace = try copy("rules/07-check-misses-what-breaks-targets")
        let (status, output) = try await run(["check", "config", file], in: workspace)
        #expect(status == .exited(1), "\(output)")
        #expect(output.contains(expected), "\(output)")
    }

    @Test func anUnsetVariableIsAWarning() async throws {
        let workspace = try copy("rules/07-check-misses-what-breaks-targets")
        let (status, output) = try await run(["check", "config", "env.yml"], in: workspace)
        #expect(status == .exited(0) && output.contains("UNSET"), "\(output)")
    }

    @Test(arguments: ["null.yml", "doc2.yml", "end.yml"])
    func whatPrometheusLoadsIsLoaded(file: String) async throws {
        let workspace = try copy("rules/13-stray-dash-refused")
        let (status, output) = try await run(["check", "rules", file], in: workspace)
        #expect(status == .exited(0), "\(output)")
    }

    @Test func aBrokenTemplateFileIsAnError() async throws {
        let workspace = try copy("notify/03-reload-with-broken-template")
        let good = try await run(["check", "notifiers", "notifiers.yml"], in: workspace)
        #expect(good.status == .exited(0), "\(good.output)")
        try workspace.write("a.tmpl", workspace.read("a.tmpl.broken"))
        let broken = try await run(["check", "notifiers", "notifiers.yml"], in: workspace)
        #expect(broken.status == .exited(1) && broken.output.contains("a.tmpl"), "\(broken.output)")
    }

    @Test func addressesThatCannotWorkAreErrors() async throws {
        let workspace = try copy("notify/04-url-not-parsed")
        let (status, output) = try await run(
            ["check", "notifiers", "notifiers.yml"], in: workspace)
        #expect(status == .exited(1))
        let expected = [
            "invalid control character in URL", "invalid port", "invalid URL escape",
            "invalid character", "in host name", "nosuchfunction",
        ]
        for text in expected { #expect(output.contains(text), "\(text) is not in: \(output)") }
    }

    @Test func anEmptyGroupByEndsTheParents() async throws {
        let workspace = try copy("notify/08-group-by-empty-list")
        let (_, output) = try await run(
            [
                "routes", "test", "--notifiers", "notifiers.yml", "alertname=A", "team=x",
                "--output",
                "json",
            ], in: workspace)
        #expect(output.contains(#"{}\/{team=\"x\"}:{}"#) || output.contains(#"{}/{team=\"x\"}:{}"#))
    }

    @Test(arguments: ["notify/11-tracing-refused", "notify/06-mail-text-part-added"])
    func whatAlertmanagerLoadsIsLoaded(name: String) async throws {
        let workspace = try copy(name)
        let (status, output) = try await run(
            ["check", "notifiers", "notifiers.yml"], in: workspace)
        #expect(status == .exited(0), "\(output)")
    }
}
