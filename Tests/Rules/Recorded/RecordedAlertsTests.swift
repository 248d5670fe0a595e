import Configuration
import Foundation
import Model
import PromQL
import Rules
import Testing

/// The guide's rules over a recording, against the transitions that Prometheus gave.
struct RecordedAlertsTests {
    struct About: Decodable {
        var start: Double
        var end: Double
        var evaluation_interval: Double
    }

    struct Golden: Decodable {
        struct Change: Decodable {
            var labels: Labels
            var transition: Transition.Kind
            var time: Double
            var value: String?
            var activeAt: Double?
        }

        var alert: String
        var transitions: [Change]
    }

    static func decode<T: Decodable>(_ type: T.Type, _ file: URL) throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: file))
    }

    @Test(
        .enabled(
            if: Recording.folder("lynex-a") != nil,
            "the recorded fixtures are not beside the repository"))
    func everyTransitionIsTheRecordedOne() throws {
        let folder = try #require(Recording.folder("lynex-a"))
        let about = try RecordedAlertsTests.decode(
            About.self, folder.appendingPathComponent("golden/about.json"))
        let golden = try RecordedAlertsTests.decode(
            [Golden].self, folder.appendingPathComponent("golden/alerts.json"))
        let store = try Recording.store(folder)
        let yaml = try #require(GuideRulesTests.yaml)
        let start = Timestamp(seconds: about.start)
        let set = RuleSet(
            [try RuleFile.load(text: yaml, path: "alerts.yml").get()], options: RuleOptions(),
            engine: RuleEngine(Engine(store: store)), store: store, start: .at(start))
        let group = try #require(set.groups.first)
        #expect(group.interval == Milliseconds(Int64(about.evaluation_interval * 1000)))
        var transitions: [Transition] = []
        while let t = group.schedule.take(now: group.schedule.next),
            t <= Timestamp(seconds: about.end)
        {
            transitions += group.evaluate(at: t).transitions
        }
        #expect(golden.count == 7)
        for rule in golden {
            let expected = rule.transitions.map { change in
                Transition(
                    alert: rule.alert, labels: change.labels, kind: change.transition,
                    time: Timestamp(seconds: change.time),
                    value: change.value.flatMap(GoFloat.parse),
                    activeAt: change.activeAt.map(Timestamp.init(seconds:)))
            }
            let actual = transitions.filter { $0.alert == rule.alert }
            #expect(actual == expected, "\(rule.alert)")
        }
        #expect(transitions.count == golden.reduce(0) { $0 + $1.transitions.count })
    }
}
