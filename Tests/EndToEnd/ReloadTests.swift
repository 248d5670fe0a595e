import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Files change while the daemon runs.
@Suite("Reloads", .serialized)
struct ReloadTests {
    @Test("a bad file changes nothing and is explained; a good one adds, and ends what it removes")
    func reload() async throws {
        let workspace = try Workspace()
        let (service, receiver) = (try Service("app_broken 1\n"), try Receiver())
        try Scene.writeConfiguration(workspace, [Scene.job("app", service.address)])
        try Scene.writeRules(workspace, [Scene.rule("Broken")])
        try Scene.writeNotifiers(workspace, [("hook", Scene.webhook(receiver.url))])
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }
        try await daemon.until("a notification") { receiver.posts.first }
        let before = try #require(try daemon.alert("Broken"))

        try workspace.write("rules.yml", "groups:\n- name: app\n  rulez: []\n")
        let refused = try #require(daemon.client.request("POST", "/-/reload"))
        #expect(refused.status == 500)
        #expect(refused.text.contains("rules.yml:3"))
        #expect(refused.text.contains("rulez"))
        #expect(try daemon.ruleNames() == ["Broken"])
        let metrics = try #require(daemon.client.get("/metrics")).text
        #expect(metrics.contains("tocsin_config_last_reload_successful 0"))
        daemon.process.signal(SIGHUP)
        try await daemon.until("the refusal of the signal's reload, in the log") {
            daemon.process.log.contains("the configuration was not loaded") ? true : nil
        }
        #expect(try daemon.ruleNames() == ["Broken"])

        try Scene.writeRules(workspace, [Scene.rule("Broken"), Scene.rule("Further")])
        daemon.process.signal(SIGHUP)
        try await daemon.until("the further rule") {
            try receiver.told().contains("firing Further") ? true : nil
        }
        let after = try #require(try daemon.alert("Broken"))
        #expect(after.activeAt == before.activeAt)

        try Scene.writeRules(workspace, [Scene.rule("Further")])
        #expect(daemon.client.request("POST", "/-/reload")?.status == 200)
        try await daemon.until("the end of the removed rule's alert") {
            try receiver.told().contains("resolved Broken") ? true : nil
        }
        #expect(try daemon.ruleNames() == ["Further"])
        #expect(try receiver.told().count { $0 == "firing Broken" } == 1)
        #expect(try receiver.told().count { $0 == "firing Further" } == 1)
        #expect(try !receiver.told().contains("resolved Further"))
    }
}
