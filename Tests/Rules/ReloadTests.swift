import Configuration
import Model
import Rules
import Testing

/// Alerts over a reload, and over an outage.
struct ReloadTests {
    let target = Labels(["job": "j", "instance": "i"])

    func yaml(_ rules: String...) -> String {
        "groups:\n- name: g\n  rules:\n" + rules.joined()
    }

    func alert(_ name: String, _ expr: String = "m > 1", hold: String = "1m") -> String {
        "  - alert: \(name)\n    expr: \(expr)\n    for: \(hold)\n"
    }

    @Test func aRuleThatStillExistsKeepsItsAlerts() throws {
        let world = try World(yaml(alert("A"), alert("B")))
        for second in [Int64(0), 30] {
            try world.scrape(second, target, ["m": 2])
            world.evaluate(second)
        }
        // In another place, and with another expression.
        let ended = try world.reload(yaml(alert("B"), alert("A", "m > 0")), at: 45)
        #expect(ended.transitions.isEmpty && ended.changes.isEmpty)
        try world.scrape(60, target, ["m": 2])
        let step = world.evaluate(60)
        #expect(step.transitions.map(\.alert) == ["B", "A"])
        #expect(step.transitions.allSatisfy { $0.kind == .firing })
        #expect(step.transitions.allSatisfy { $0.activeAt == World.at(0) })
    }

    @Test func aRuleThatIsGoneResolves() throws {
        let world = try World(yaml(alert("A"), alert("B"), alert("C", hold: "1h")))
        for second in [Int64(0), 30, 60] {
            try world.scrape(second, target, ["m": 2])
            world.evaluate(second)
        }
        #expect(world.rows.count == 3)
        let ended = try world.reload(yaml(alert("B")), at: 75)
        #expect(ended.transitions.map(\.kind) == [.resolved, .inactive])
        #expect(ended.alerts.map(\.isResolved) == [true])
        #expect(ended.alerts.first?.endsAt == World.at(75))
        #expect(world.rows.count == 1)
        #expect(try world.query("ALERTS", at: 76).count == 1)
    }

    @Test func aGroupThatIsGoneResolves() throws {
        let world = try World(yaml(alert("A", hold: "0s")))
        try world.scrape(0, target, ["m": 2])
        world.evaluate(0)
        let ended = try world.reload("groups: []", at: 15)
        #expect(ended.alerts.map(\.isResolved) == [true])
        #expect(world.rows.isEmpty)
    }

    @Test func otherExternalLabelsEndWhatWasToldUnderTheOldOnes() throws {
        let world = try World(yaml(alert("A", hold: "0s")))
        try world.scrape(0, target, ["m": 2])
        world.evaluate(0)
        world.options.externalLabels = Labels(["region": "eu"])
        let ended = try world.reload(yaml(alert("A", hold: "0s")), at: 15)
        #expect(ended.transitions.isEmpty)
        #expect(ended.alerts.map(\.isResolved) == [true])
        #expect(ended.alerts.first?.labels["region"] == nil)
        let next = world.evaluate(30)
        #expect(next.alerts.map { $0.labels["region"] } == ["eu"])
        #expect(next.alerts.map(\.isResolved) == [false])
    }

    @Test func otherRelabellingEndsWhatWasToldUnderOtherLabelsAlone() throws {
        let world = try World(yaml(alert("A", hold: "0s"), alert("B", hold: "0s")))
        try world.scrape(0, target, ["m": 2])
        world.evaluate(0)
        world.options.alertRelabeling = [
            try RelabelRule(
                sourceLabels: ["alertname"], targetLabel: "team", regex: "A", replacement: "x")
        ]
        let ended = try world.reload(yaml(alert("A", hold: "0s"), alert("B", hold: "0s")), at: 15)
        #expect(ended.alerts.map(\.isResolved) == [true])
        #expect(ended.alerts.first?.labels["alertname"] == "A")
        #expect(ended.alerts.first?.labels["team"] == nil)
        let next = world.evaluate(30)
        #expect(next.alerts.map { $0.labels["team"] } == ["x", nil])
        // What is dropped from now on is over for whoever was told of it.
        world.options.alertRelabeling = [try RelabelRule(.drop)]
        let dropped = try world.reload(yaml(alert("A", hold: "0s"), alert("B", hold: "0s")), at: 45)
        #expect(dropped.alerts.map(\.isResolved) == [true, true])
        #expect(dropped.alerts.map { $0.labels["team"] } == ["x", nil])
        #expect(world.evaluate(60).alerts.isEmpty)
    }

    @Test func aRuleThatWentWhileTheDaemonWasDownResolves() throws {
        let world = try World(yaml(alert("A", hold: "0s")))
        try world.scrape(0, target, ["m": 2])
        world.evaluate(0)
        let other = try World(yaml(alert("B")))
        let restored = other.rules.restore(
            rows: world.rows, lastEvaluation: World.at(0), now: World.at(100))
        #expect(restored.transitions.map(\.kind) == [.resolved])
        #expect(restored.alerts.map(\.isResolved) == [true])
        #expect(restored.changes.map(\.key) == Array(world.rows.keys))
    }

    @Test func aRowThatCannotBeReadIsRemoved() throws {
        let world = try World(yaml(alert("A")))
        let restored = world.rules.restore(
            rows: ["broken": [0x7b, 0xff]], lastEvaluation: World.at(0), now: World.at(1))
        #expect(restored.changes == [StateChange(.ruleAlerts, key: "broken", value: nil)])
    }

    @Test func firingIsToldAtOnceAfterARestart() throws {
        let world = try World(yaml(alert("A", hold: "0s")))
        try world.scrape(0, target, ["m": 2])
        world.evaluate(0)
        let restored = try world.restart(at: 20)
        #expect(restored.alerts.map(\.isResolved) == [false])
        #expect(restored.alerts.first?.startsAt == World.at(0))
        #expect(restored.alerts.first?.endsAt == World.at(260))
    }

    @Test(arguments: [true, false])
    func anOutageDoesNotResolve(withSamples: Bool) throws {
        let world = try World(yaml(alert("A", "rate(m[5m]) > 1", hold: "0s")))
        for step in 0...8 {
            try world.scrape(Int64(step) * 15, target, ["m": Double(step) * 150])
            if step % 2 == 0 { world.evaluate(Int64(step) * 15) }
        }
        #expect(world.transitions.map(\.kind) == [.firing])
        // Twenty minutes down: the windows are empty, and after one scrape still say nothing.
        try world.restart(at: 1320, withSamples: withSamples)
        #expect(world.evaluate(1320).transitions.isEmpty)
        try world.scrape(1325, target, ["m": 2000])
        #expect(world.evaluate(1350).transitions.isEmpty)
        try world.scrape(1360, target, ["m": 2000])
        #expect(world.evaluate(1380).transitions.map(\.kind) == [.resolved])
    }

    @Test func aTargetThatIsDownAfterTheOutageCountsAsRead() throws {
        let world = try World(yaml(alert("A", hold: "0s")))
        try world.scrape(0, target, ["m": 2])
        world.evaluate(0)
        try world.restart(at: 1320)
        #expect(world.evaluate(1320).transitions.isEmpty)
        try world.scrape(1330, target, nil)
        #expect(world.evaluate(1350).transitions.map(\.kind) == [.resolved])
    }

    @Test func holdingEndsAtTheDeadline() throws {
        let world = try World(yaml(alert("A", hold: "0s")))
        try world.scrape(0, target, ["m": 2])
        world.evaluate(0)
        try world.restart(at: 1320)
        for second in stride(from: Int64(1320), to: 1920, by: 30) {
            #expect(world.evaluate(second).transitions.isEmpty)
        }
        #expect(world.evaluate(1920).transitions.map(\.kind) == [.resolved])
    }
}
