import Configuration
import Model
import Rules
import Testing

/// Alerts of rules whose file or group has another name than before.
struct MovedRulesTests {
    let target = Labels(["job": "j", "instance": "i"])

    static func yaml(group: String = "g", extra: String = "") -> String {
        """
        groups:
        - name: \(group)
          rules:
          - {alert: F, expr: m > 0, for: 30s}
          - {alert: P, expr: m > 0, for: 1h, labels: {team: '{{ $labels.job }}'}}
        \(extra)
        """
    }

    /// A world in which `F` fires and `P` is pending since 0.
    func world(path: String = "rules/a.yml", _ yaml: String = yaml()) throws -> World {
        let world = try World(yaml, path: path)
        for second in [Int64(0), 30, 60] {
            try world.scrape(second, target, ["m": 1])
            world.evaluate(second)
        }
        #expect(Set(world.rows.keys).count == world.rows.count)
        return world
    }

    /// Both go on with their state, and every row is one that the next restart finds exactly.
    func expectUnchanged(_ world: World, at second: Int64) throws {
        try world.scrape(second, target, ["m": 1])
        let step = world.evaluate(second)
        #expect(step.transitions.isEmpty)
        #expect(!step.alerts.contains { $0.isResolved })
        let alerts = world.rules.groups.flatMap(\.status.rules).flatMap(\.alerts)
        #expect(alerts.map(\.state) == [.firing, .pending])
        #expect(alerts.allSatisfy { $0.activeAt == World.at(0) })
        #expect(world.rows.count == 2)
        let group = try #require(world.rules.groups.first)
        #expect(world.rows.keys.allSatisfy { $0.hasPrefix("\(group.file);\(group.name);") })
    }

    static let places = [
        ("/srv/tocsin/rules/a.yml", "g"), ("rules/a.yml", "h"), ("elsewhere/b.yml", "g"),
        ("elsewhere/b.yml", "a;b"),
    ]

    @Test(arguments: places)
    func aRestartFindsThem(path: String, group: String) throws {
        let world = try world()
        let restored = try world.restart(at: 80, files: [path: Self.yaml(group: group)])
        #expect(restored.transitions.isEmpty)
        #expect(restored.alerts.map(\.isResolved) == [false])
        try expectUnchanged(world, at: 90)
    }

    @Test(arguments: ["./rules/a.yml", "././rules/a.yml", "conf/../rules/a.yml"])
    func aRestartFindsWhatAnOlderVersionWrote(path: String) throws {
        let world = try world(path: path)
        let restored = try world.restart(at: 80, files: ["rules/a.yml": Self.yaml()])
        #expect(restored.transitions.isEmpty)
        #expect(restored.alerts.map(\.isResolved) == [false])
        try expectUnchanged(world, at: 90)
    }

    @Test(arguments: places)
    func aReloadFindsThem(path: String, group: String) throws {
        let world = try world()
        let ended = try world.reload([path: Self.yaml(group: group)], at: 75)
        #expect(ended.transitions.isEmpty && ended.alerts.isEmpty)
        // Until the next evaluation their series are there as they were.
        #expect(try world.query("ALERTS", at: 80).count == 2)
        try expectUnchanged(world, at: 90)
        #expect(try world.query("ALERTS", at: 91).count == 2)
    }

    @Test func ofTwoFilesAlikeEachIsFoundAgain() throws {
        func rule(_ threshold: Int) -> String {
            "groups: [{name: g, rules: [{alert: A, expr: 'm{n=\"\(threshold)\"} > \(threshold)'}]}]"
        }
        let world = try World("groups: []")
        _ = try world.reload(["r/a.yml": rule(1), "r/b.yml": rule(2)], at: 0)
        for second in [Int64(0), 30] {
            try world.scrape(second, target, ["m{n=\"1\"}": 5, "m{n=\"2\"}": 5])
            world.evaluate(second)
        }
        try world.restart(at: 50, files: ["s/a.yml": rule(1), "s/b.yml": rule(2)])
        try world.scrape(60, target, ["m{n=\"1\"}": 5, "m{n=\"2\"}": 5])
        #expect(world.evaluate(60).transitions.isEmpty)
        _ = try world.reload(["t/b.yml": rule(2), "t/a.yml": rule(1)], at: 75)
        try world.scrape(90, target, ["m{n=\"1\"}": 5, "m{n=\"2\"}": 5])
        #expect(world.evaluate(90).transitions.isEmpty)
    }

    @Test func aMovedRecordingRuleLeavesNoGap() throws {
        func yaml(_ group: String) -> String {
            """
            groups:
            - {name: \(group), interval: 5m, rules: [{record: r, expr: m}]}
            - {name: z, rules: [{alert: A, expr: r > 0}]}
            """
        }
        let world = try World(yaml("a"))
        try world.scrape(0, target, ["m": 1])
        world.evaluate(0)
        world.evaluate(30)
        #expect(world.transitions.map(\.kind) == [.firing])
        _ = try world.reload(yaml("b"), at: 45)
        for group in world.rules.groups where group.name == "z" {
            #expect(group.evaluate(at: World.at(60)).transitions.isEmpty)
        }
        // What the rule records no more ends with its first evaluation.
        world.evaluate(400)
        #expect(try world.query("r", at: 401).isEmpty)
    }

    @Test func whatFiresUnderAnotherRuleIsNotResolved() throws {
        let rule = "groups: [{name: g, rules: [{alert: A, expr: m > 0}]}]"
        let world = try World("groups: []")
        _ = try world.reload(["a.yml": rule, "b.yml": rule], at: 0)
        try world.scrape(0, target, ["m": 1])
        world.evaluate(0)
        #expect(try world.reload(["a.yml": rule], at: 15).alerts.isEmpty)
        #expect(world.rows.count == 1)
        _ = try world.reload(["a.yml": rule, "b.yml": rule], at: 20)
        world.evaluate(30)
        let restored = try world.restart(at: 40, files: ["b.yml": rule])
        #expect(restored.alerts.map(\.isResolved) == [false])
        #expect(world.rows.count == 1)
    }

    @Test func otherLabelsAreAnotherRule() throws {
        func yaml(_ severity: String) -> String {
            "groups: [{name: g, rules: [{alert: A, expr: m, labels: {severity: \(severity)}}]}]"
        }
        let world = try World(yaml("warning"))
        try world.scrape(0, target, ["m": 1])
        world.evaluate(0)
        let restored = try world.restart(at: 20, files: ["b.yml": yaml("critical")])
        #expect(restored.transitions.map(\.kind) == [.resolved])
        #expect(world.rows.isEmpty)
    }
}
