import Configuration
import Foundation
import Model
import PromQL
import Rules
import TestSupport
import Testing

/// The guide's seven rules through an incident of three hours: bursts long and short, a process
/// restart in the middle of one, failed scrapes in the middle of another, and silence.
struct GuideRulesTests {
    static let seconds: Int64 = 10_800
    static let processor = Labels([
        "job": "lynex-processor", "instance": "processor-0", "environment": "production",
    ])
    static let clickhouse = Labels(["job": "clickhouse", "instance": "clickhouse-0:9363"])

    static let yaml: String? = {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try? String(
            contentsOf: root.appendingPathComponent("rules/alerts.yml"), encoding: .utf8)
    }()

    /// What the services show over time.
    struct Incident {
        var errors = 1000.0
        var cost = 50.0
        var modelErrors = 0.0
        var archiveErrors = 3.0
        var fast = 0.0
        var slow = 0.0

        /// The next scrape, 15 seconds after the last; nil where it fails.
        mutating func scrape(_ s: Int64) -> [String: Double]? {
            // The process restarts in the middle of the burst of errors.
            if s == 2400 { self = Incident(errors: 0, cost: 0, archiveErrors: 0) }
            let inBurst = (1800..<3600).contains(s) || (6000..<6180).contains(s)
            errors += 15 * (inBurst ? 20 : 1)
            cost += 15 * ((2000..<7000).contains(s) ? 150 : 10)
            modelErrors += 15 * ((8000..<9000).contains(s) ? 8 : 0.1)
            archiveErrors += (4000..<5000).contains(s) ? 1 : 0
            if (3000..<4200).contains(s) { slow += 100 } else { fast += 100 }
            // Failed scrapes, among them one inside the burst.
            if s == 2700 || (5010..<5070).contains(s) { return nil }
            let latency = "lynex_event_processing_duration_seconds_bucket"
            let isFull = (2000..<3000).contains(s) || (4000..<4300).contains(s)
            return [
                "lynex_events_processed_total{status=\"error\",project_id=\"p1\"}": errors,
                "lynex_events_processed_total{status=\"success\",project_id=\"p1\"}": 1e6 + errors,
                "lynex_event_queue_depth": isFull ? 12_000 : 5,
                latency + "{le=\"1\"}": fast, latency + "{le=\"10\"}": fast + slow,
                latency + "{le=\"+Inf\"}": fast + slow,
                "lynex_cost_usd_total{model=\"gpt-4\",project_id=\"p1\"}": cost,
                "lynex_model_errors_total{model=\"gpt-4\"}": modelErrors,
                "lynex_events_archived_total{status=\"error\"}": archiveErrors,
            ]
        }
    }

    /// Runs the incident; the daemon is killed after the evaluations at `kills`.
    static func run(_ world: World, kills: Set<Int64> = []) throws {
        var incident = Incident()
        for s in stride(from: Int64(0), through: seconds, by: 15) {
            try world.scrape(s, processor, incident.scrape(s))
            let isDown = (5000..<5300).contains(s) || (7000..<7040).contains(s)
            try world.scrape(s, clickhouse, isDown ? nil : [:])
            guard s % 30 == 0 else { continue }
            world.evaluate(s)
            if kills.contains(s) { try world.restart(at: s) }
        }
    }

    /// What the transitions must be, from the condition alone: each run of evaluations at which it
    /// holds, cut where `for` has passed.
    static func expected(_ world: World, _ rule: RuleConfiguration) throws -> Set<Transition> {
        var since: [Labels: Int64] = [:]
        var result: Set<Transition> = []
        func add(_ labels: Labels, _ kind: Transition.Kind, _ s: Int64, _ value: Double?) {
            let active = kind == .firing ? since[labels].map(World.at) : nil
            result.insert(
                Transition(
                    alert: rule.name, labels: labels, kind: kind, time: World.at(s), value: value,
                    activeAt: active))
        }
        let own = Labels(rule.labels.map { Label($0.name, $0.value.value) })
            .setting("alertname", rule.name)
        let hold = rule.forDuration.value / 1000
        for s in stride(from: Int64(0), through: seconds, by: 30) {
            let found = try world.query(rule.expr.value, at: s)
            var now: [Labels: Double] = [:]
            for (labels, value) in found { now[labels.droppingName.merging(own)] = value }
            for (labels, value) in now {
                if since[labels] == nil {
                    since[labels] = s
                    add(labels, .pending, s, value)
                }
                if let begun = since[labels], s == begun + hold { add(labels, .firing, s, value) }
            }
            for (labels, begun) in since where now[labels] == nil {
                add(labels, s - begun > hold ? .resolved : .inactive, s, nil)
                since[labels] = nil
            }
        }
        return result
    }

    /// How often each rule's alerts become pending, fire, end, and vanish before they fire.
    static let shape: [String: [Int]] = [
        "HighErrorRate": [2, 1, 1, 1], "QueueBacklog": [3, 1, 1, 2],
        "HighProcessingLatency": [1, 1, 1, 0], "ClickHouseDown": [2, 1, 1, 1],
        "CostSpike": [1, 1, 1, 0], "HighModelErrorRate": [1, 1, 1, 0],
        "ArchiveFailures": [1, 1, 1, 0],
    ]

    @Test func everyRuleFiresWhenItShouldAndNoEarlier() throws {
        let world = try World(try #require(GuideRulesTests.yaml))
        try GuideRulesTests.run(world)
        let rules = world.files[0].groups[0].rules
        #expect(rules.count == 7)
        for rule in rules {
            let actual = world.transitions.filter { $0.alert == rule.name }
            let expected = try GuideRulesTests.expected(world, rule)
            #expect(Set(actual) == expected, "\(rule.name)")
            #expect(actual.count == expected.count, "\(rule.name)")
            let kinds: [Transition.Kind] = [.pending, .firing, .resolved, .inactive]
            let shape = kinds.map { kind in actual.count { $0.kind == kind } }
            #expect(shape == GuideRulesTests.shape[rule.name], "\(rule.name)")
        }
        #expect(world.rows.isEmpty)
    }

    @Test(arguments: 0..<8)
    func restartsAnywhereChangeNothing(seed: UInt64) throws {
        let yaml = try #require(GuideRulesTests.yaml)
        let whole = try World(yaml)
        try GuideRulesTests.run(whole)
        var random = SeededRandom(seed: seed)
        let kills = Set((0..<12).map { _ in Int64.random(in: 0...360, using: &random) * 30 })
        let split = try World(yaml)
        try GuideRulesTests.run(split, kills: kills)
        #expect(split.transitions == whole.transitions, "killed at \(kills.sorted())")
        #expect(!whole.transitions.isEmpty)
    }

    @Test func aRestartInTheMiddleOfForGoesOnFromThere() throws {
        let yaml = try #require(GuideRulesTests.yaml)
        let whole = try World(yaml)
        try GuideRulesTests.run(whole)
        // Between every rule's pending and firing.
        let kills = Set(
            whole.transitions.filter { $0.kind == .firing }.compactMap { firing in
                firing.activeAt.map { active in
                    let middle = (firing.time - active).value / 2 + (active - World.start).value
                    return middle / 30_000 * 30
                }
            })
        #expect(kills.count >= 6)
        let split = try World(yaml)
        try GuideRulesTests.run(split, kills: kills)
        #expect(split.transitions == whole.transitions)
    }
}
