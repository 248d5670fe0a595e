import Configuration
import Foundation
import Model
import PromQL
import Rules
import Store

/// A small world to evaluate rules in: scrapes go in, the rules run every half minute, and the
/// daemon may be killed between any two evaluations.
final class World {
    static let start = Timestamp(milliseconds: 1_767_603_600_000)

    /// One target's scrape: nil samples are a failed one.
    struct Scrape {
        var second: Int64
        var target: Labels
        var samples: [String: Double]?
    }

    private(set) var files: [RuleFile]
    var options = RuleOptions()
    private(set) var store: Store
    private(set) var rules: RuleSet
    private(set) var rows: [String: [UInt8]] = [:]
    private(set) var transitions: [Transition] = []
    private(set) var outgoing: [OutgoingAlert] = []
    private var scrapes: [Scrape] = []
    private var labelsByText: [String: Labels] = [:]
    private var lastEvaluation = World.start

    init(
        _ yaml: String, path: String = "rules.yml", options: RuleOptions = RuleOptions()
    ) throws {
        files = [try RuleFile.load(text: yaml, path: path).get()]
        self.options = options
        self.options.interval = .seconds(30)
        store = World.emptyStore()
        rules = RuleSet(
            files, options: self.options, engine: World.engine(store), store: store,
            start: .at(World.start))
    }

    static func emptyStore() -> Store {
        var options = StoreOptions()
        options.keepsEverything = true
        return Store(options)
    }

    static func engine(_ store: Store) -> RuleEngine { RuleEngine(Engine(store: store)) }

    static func at(_ second: Int64) -> Timestamp { start + .seconds(second) }

    func labels(_ text: String) throws -> Labels {
        if let known = labelsByText[text] { return known }
        let labels = Labels(
            try Parser.parseMetricSelector(text).map { Label($0.name, $0.value) })
        labelsByText[text] = labels
        return labels
    }

    func scrape(_ second: Int64, _ target: Labels, _ samples: [String: Double]?) throws {
        let scrape = Scrape(second: second, target: target, samples: samples)
        scrapes.append(scrape)
        try write(scrape)
    }

    private func write(_ scrape: Scrape) throws {
        let axis = store.openAxis(scrape.target.description)
        var values: [Double] = []
        func put(_ labels: Labels, _ value: Double) {
            let slot = axis.slot(for: labels.merging(scrape.target))
            while values.count <= slot { values.append(SampleValue.stale) }
            values[slot] = value
        }
        for (text, value) in scrape.samples ?? [:] { put(try labels(text), value) }
        put(Labels(["__name__": "up"]), scrape.samples == nil ? 0 : 1)
        axis.commit(at: World.at(scrape.second), values: values)
    }

    @discardableResult
    func evaluate(_ second: Int64) -> GroupEvaluation {
        var all = GroupEvaluation(time: World.at(second))
        for group in rules.groups {
            let evaluation = group.evaluate(at: World.at(second))
            perform(evaluation)
            all.transitions += evaluation.transitions
            all.alerts += evaluation.alerts
            all.changes += evaluation.changes
            all.rules += evaluation.rules
        }
        lastEvaluation = World.at(second)
        return all
    }

    func perform(_ evaluation: GroupEvaluation) {
        transitions += evaluation.transitions
        outgoing += evaluation.alerts
        for change in evaluation.changes { rows[change.key] = change.value }
    }

    /// Killed and started again, perhaps with other files: rows come back, and the samples unless they
    /// are lost.
    @discardableResult
    func restart(
        at second: Int64, withSamples: Bool = true, files other: [String: String]? = nil
    ) throws -> GroupEvaluation {
        if let other { files = try World.load(other) }
        store = World.emptyStore()
        if withSamples { for scrape in scrapes { try write(scrape) } }
        rules = RuleSet(
            files, options: options, engine: World.engine(store), store: store,
            start: .at(World.at(second)))
        let restoration = rules.restore(
            rows: rows, lastEvaluation: lastEvaluation, now: World.at(second))
        perform(restoration)
        return restoration
    }

    private static func load(_ files: [String: String]) throws -> [RuleFile] {
        try files.sorted { $0.key < $1.key }.map {
            try RuleFile.load(text: $0.value, path: $0.key).get()
        }
    }

    func reload(_ yaml: String, at second: Int64) throws -> GroupEvaluation {
        try reload(["rules.yml": yaml], at: second)
    }

    func reload(_ other: [String: String], at second: Int64) throws -> GroupEvaluation {
        files = try World.load(other)
        let (next, ended) = rules.replacing(
            with: files, options: options, engine: World.engine(store), store: store,
            start: .at(World.at(second)), at: World.at(second))
        rules = next
        perform(ended)
        return ended
    }

    func query(_ text: String, at second: Int64) throws -> [Labels: Double] {
        let result = try Engine(store: store).instant(text, at: World.at(second))
        guard case .vector(let samples) = result.value else { return [:] }
        return Dictionary(
            samples.map { ($0.labels, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}
