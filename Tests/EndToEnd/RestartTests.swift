import Foundation
import Model
import TestSupport
import Testing

/// The daemon is killed where it hurts, and nothing is lost.
@Suite("Restarts", .serialized)
struct RestartTests {
    @Test("`for` goes on over a kill")
    func killedInsideFor() async throws {
        let workspace = try Workspace()
        let (service, receiver) = (try Service("app_broken 1\n"), try Receiver())
        try Scene.writeConfiguration(workspace, [Scene.job("app", service.address)])
        try Scene.writeRules(workspace, [Scene.rule("Broken", hold: "8s")])
        try Scene.writeNotifiers(workspace, [("hook", Scene.webhook(receiver.url))])
        let first = try await Daemon.start(workspace)
        let pending = try await first.until("pending") { try first.alert("Broken") }
        #expect(pending.state == "pending")
        try await first.kill()

        let second = try await Daemon.start(workspace, name: "second")
        defer { second.process.kill() }
        let post = try await second.until("firing", within: .seconds(60)) { receiver.posts.first }
        let firing = try #require(try second.alert("Broken"))
        #expect(firing.state == "firing")
        // As in Prometheus, the time when nobody looked does not count towards `for`; all the rest does.
        let began = try #require(Timestamp(rfc3339: pending.activeAt))
        let moved = try #require(Timestamp(rfc3339: firing.activeAt)) - began
        #expect(moved.value >= 0)
        let starts = try #require(
            Timestamp(rfc3339: try post.payload().alerts.first?.startsAt ?? ""))
        #expect((starts - began).value >= 8_000)
        withExtendedLifetime(service) {}
        #expect(try post.payload().alerts.count == 1)
    }

    @Test("what was acknowledged is not sent again, what was not is: kills at random moments")
    func killedBetweenNotifications() async throws {
        let workspace = try Workspace()
        let service = try Service("app_broken 1\nother_broken 0\n")
        let (receiver, slow) = (try Receiver(), try Receiver([.hang]))
        try Scene.writeConfiguration(workspace, [Scene.job("app", service.address)])
        try Scene.writeRules(
            workspace, [Scene.rule("Broken"), Scene.rule("Other", "other_broken")])
        try Scene.writeNotifiers(
            workspace,
            [("hook", Scene.webhook(receiver.url)), ("slow", Scene.webhook(slow.url))])
        // One has acknowledged and the other was being told when the kill came.
        let first = try await Daemon.start(workspace)
        try await first.until("both asked") {
            receiver.posts.count == 1 && slow.posts.count == 1 ? true : nil
        }
        try await first.until("the acknowledgement written") {
            first.process.log.contains("notification delivered") ? true : nil
        }
        // The line is said just before the row is written.
        try await first.until("another answer") { first.client.get("/metrics") }
        try await Task.sleep(for: .milliseconds(500))
        try await first.kill()

        var generator = SeededRandom(seed: 42)
        for index in 0..<4 {
            let daemon = try await Daemon.start(workspace, name: "daemon\(index)")
            if index == 2 { service.show("app_broken 1\nother_broken 1\n") }
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...1200, using: &generator)))
            try await daemon.kill()
        }
        let last = try await Daemon.start(workspace, name: "last")
        defer { last.process.kill() }
        try await last.until("all told") {
            let (fast, late) = (try receiver.told(), try slow.told())
            return fast.contains("firing Other") && late.contains("firing Other")
                && late.count { $0 == "firing Broken" } >= 2 ? true : nil
        }
        #expect(try receiver.told().count { $0 == "firing Broken" } == 1)
        service.show("app_broken 0\nother_broken 0\n")
        try await last.until("both ended, at both") {
            let told = [try receiver.told(), try slow.told()]
            return told.allSatisfy {
                $0.contains("resolved Broken") && $0.contains("resolved Other")
            }
                ? true : nil
        }
        // Nothing was resolved because the daemon was away.
        for told in [try receiver.told(), try slow.told()] {
            #expect(told.count { $0 == "resolved Broken" } == 1)
            #expect(told.count { $0 == "resolved Other" } == 1)
            #expect(
                told.lastIndex(of: "firing Broken") ?? .max < told.firstIndex(of: "resolved Broken")
                    ?? -1)
        }
    }

    @Test("an end that was told stays told: samples are written before what follows from them")
    func killedAtTheEnd() async throws {
        // Now and then the last sample happens to be written before the kill.
        for round in 0..<3 {
            let workspace = try Workspace()
            let receiver = try Receiver()
            var service: Service? = try Service("app_broken 1\n")
            let address = service?.address ?? ""
            try Scene.writeConfiguration(workspace, [Scene.job("app", address)])
            try Scene.writeRules(workspace, [Scene.rule("Broken")])
            try Scene.writeNotifiers(
                workspace, [("hook", Scene.webhook(receiver.url))], groupInterval: "50ms")
            let first = try await Daemon.start(workspace)
            try await first.until("told") { receiver.posts.count == 1 ? true : nil }
            // With this end the samples that it fires by are written.
            try await first.stop()

            let second = try await Daemon.start(workspace, name: "second")
            service?.show("app_broken 0\n")
            try await second.until("told of the end") { receiver.posts.count == 2 ? true : nil }
            try await second.kill()
            // Nothing new is read: all that the next one knows is what was written.
            service = nil

            let third = try await Daemon.start(workspace, name: "third")
            defer { third.process.kill() }
            try await third.until("evaluations") {
                let metrics = third.client.get("/metrics")?.text ?? ""
                let line = metrics.split(separator: "\n").first {
                    $0.hasPrefix("tocsin_rule_evaluations_total ")
                }
                return line?.split(separator: " ").last.flatMap { Double($0) } ?? 0 >= 5
                    ? true : nil
            }
            #expect(try third.alert("Broken") == nil, "round \(round)")
            // The end may have been under way at the kill, and then comes again.
            let told = try receiver.told()
            #expect(told.prefix(2) == ["firing Broken", "resolved Broken"], "round \(round)")
            #expect(told.dropFirst(2).allSatisfy { $0 == "resolved Broken" }, "round \(round)")
        }
    }

    @Test("a second daemon on the same storage is refused, and told why")
    func locked() async throws {
        let workspace = try Workspace()
        let service = try Service("app_broken 0\n")
        try Scene.writeConfiguration(workspace, [Scene.job("app", service.address)])
        try Scene.writeRules(workspace, [Scene.rule("Broken")])
        try Scene.writeNotifiers(workspace, [("hook", Scene.webhook("http://127.0.0.1:1/"))])
        let daemon = try await Daemon.start(workspace)
        defer { daemon.process.kill() }
        let second = try await Subprocess.run(
            try Program.path(), Daemon.arguments, in: workspace, name: "second")
        #expect(second.end == .exited(1))
        #expect(second.log.contains("data/lock"))
        #expect(second.log.contains("another tocsin"))
        #expect(daemon.process.isRunning)

        let clock = ContinuousClock()
        let asked = clock.now
        #expect(try await daemon.stop() == .exited(0))
        #expect(clock.now - asked < .seconds(10))
        withExtendedLifetime(service) {}
    }
}
