import Foundation
import TestSupport
import Testing

/// From a service that breaks to a receiver that is told, and all that a receiver may answer.
@Suite("Delivery", .serialized)
struct DeliveryTests {
    /// A service that is broken, one rule, and one webhook with a script.
    private func scene(_ script: [Answer]) throws -> (Workspace, Service, Receiver) {
        let workspace = try Workspace()
        let (service, receiver) = (try Service("app_broken 1\n"), try Receiver(script))
        try Scene.writeConfiguration(workspace, [Scene.job("app", service.address)])
        try Scene.writeRules(workspace, [Scene.rule("Broken")])
        try Scene.writeNotifiers(workspace, [("hook", Scene.webhook(receiver.url))])
        return (workspace, service, receiver)
    }

    @Test("an alert goes to the webhook as a version 4 payload, and so does its end")
    func firesAndResolves() async throws {
        let (workspace, service, receiver) = try scene([])
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }
        let first = try await daemon.until("a notification") { receiver.posts.first }
        #expect(first.request.headers["content-type"] == "application/json")
        let firing = try first.payload()
        #expect(firing.version == "4")
        #expect(firing.groupKey == #"{}/{}:{alertname="Broken"}"#)
        #expect(firing.status == "firing")
        #expect(firing.receiver == "hook")
        #expect(firing.truncatedAlerts == 0)
        #expect(firing.groupLabels == ["alertname": "Broken"])
        #expect(firing.externalURL == "http://tocsin.example")
        let alert = try #require(firing.alerts.first)
        #expect(firing.alerts.count == 1)
        #expect(alert.status == "firing")
        #expect(
            alert.labels == [
                "alertname": "Broken", "instance": service.address, "job": "app",
                "severity": "critical",
            ])
        #expect(firing.commonLabels == alert.labels)
        #expect(alert.annotations == ["summary": "app is broken: 1"])
        #expect(alert.endsAt == "0001-01-01T00:00:00Z")
        #expect(alert.generatorURL.hasPrefix("http://tocsin.example/graph?g0.expr="))
        #expect(alert.fingerprint.count == 16)
        let shown = try #require(try daemon.alert("Broken"))
        #expect(shown.state == "firing")

        service.show("app_broken 0\n")
        let second = try await daemon.until("the end") {
            receiver.posts.count > 1 ? receiver.posts.last : nil
        }
        let resolved = try second.payload()
        #expect(resolved.status == "resolved")
        #expect(resolved.groupKey == firing.groupKey)
        #expect(resolved.alerts.map(\.status) == ["resolved"])
        #expect(resolved.alerts.first?.endsAt != alert.endsAt)
        #expect(resolved.alerts.first?.startsAt == alert.startsAt)
        #expect(try await daemon.stop() == .exited(0))
        #expect(try receiver.told() == ["firing Broken", "resolved Broken"])
    }

    @Test(
        "what is not taken is tried again until it is, and then no more",
        arguments: [Answer.respond(status: 500), .close])
    func retries(_ first: Answer) async throws {
        let (workspace, service, receiver) = try scene([first])
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }
        try await daemon.until("the second attempt") { receiver.posts.count >= 2 ? true : nil }
        service.show("app_broken 0\n")
        try await daemon.until("the end") {
            try receiver.told().contains("resolved Broken") ? true : nil
        }
        #expect(try receiver.told() == ["firing Broken", "firing Broken", "resolved Broken"])
        #expect(daemon.process.log.contains("will be tried again"))
    }

    @Test("429 waits as long as Retry-After asks")
    func retryAfter() async throws {
        let (workspace, service, receiver) = try scene([
            .respond(status: 429, headers: ["Retry-After": "4"])
        ])
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }
        try await daemon.until("the second attempt") { receiver.posts.count >= 2 ? true : nil }
        let posts = receiver.posts
        // Unasked it would have been a second.
        #expect(posts[1].at - posts[0].at > .milliseconds(3800))
        withExtendedLifetime(service) {}
    }

    @Test("400 is said loudly and tried again at the next group interval")
    func refused() async throws {
        let (workspace, service, receiver) = try scene([
            .respond(status: 400, body: Array("no such token".utf8))
        ])
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }
        try await daemon.until("the second attempt") { receiver.posts.count >= 2 ? true : nil }
        let log = daemon.process.log
        #expect(log.contains("level=error"))
        #expect(log.contains("NOTIFICATION REFUSED"))
        #expect(log.contains("no such token"))
        withExtendedLifetime(service) {}
    }

    @Test("a receiver that hangs holds up no other")
    func hanging() async throws {
        let workspace = try Workspace()
        let service = try Service("app_broken 1\n")
        let (stuck, other) = (try Receiver([.hang]), try Receiver())
        try Scene.writeConfiguration(workspace, [Scene.job("app", service.address)])
        try Scene.writeRules(workspace, [Scene.rule("Broken")])
        try Scene.writeNotifiers(
            workspace,
            [("stuck", Scene.webhook(stuck.url)), ("other", Scene.webhook(other.url))])
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }
        try await daemon.until("both asked") {
            stuck.posts.count == 1 && other.posts.count == 1 ? true : nil
        }
        service.show("app_broken 0\n")
        try await daemon.until("the end, at the other") { other.posts.count == 2 ? true : nil }
        #expect(try other.told() == ["firing Broken", "resolved Broken"])
        #expect(stuck.posts.count == 1)
        #expect(try await daemon.stop() == .exited(0))
    }

    @Test("a receiver without its secret is named, the others deliver, and no secret shows")
    func missingSecret() async throws {
        let workspace = try Workspace()
        let (service, other) = (try Service("app_broken 1\n"), try Receiver())
        try workspace.write("url", other.url.replacing("/hook", with: "/sesame-token"))
        try Scene.writeConfiguration(workspace, [Scene.job("app", service.address)])
        try Scene.writeRules(workspace, [Scene.rule("Broken")])
        try Scene.writeNotifiers(
            workspace,
            [
                ("pager", "pagerduty_configs: [{routing_key_file: nowhere/key}]"),
                ("hook", "webhook_configs: [{url_file: url}]"),
                (
                    "closed",
                    "webhook_configs: [{url: \"http://127.0.0.1:1/sesame-token\", "
                        + "http_config: {basic_auth: {username: u, password: sesame-password}}}]"
                ),
            ])
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }
        let post = try await daemon.until("a notification") { other.posts.first }
        #expect(post.request.path == "/sesame-token")
        try await daemon.until("the refusal of the closed port") {
            daemon.process.log.contains("tried again") ? true : nil
        }
        let ready = try #require(daemon.client.get("/-/ready"))
        #expect(ready.status == 200)
        #expect(ready.text.contains("pager"))
        #expect(ready.text.contains("nowhere/key"))
        var shown = daemon.process.log
        for path in [
            "/-/ready", "/metrics", "/api/v1/targets", "/api/v1/rules", "/api/v1/alerts",
        ] {
            shown += try #require(daemon.client.get(path)).text
        }
        #expect(shown.contains("nowhere/key"))
        #expect(!shown.contains("sesame"))
        withExtendedLifetime(service) {}
    }
}
