import Configuration
import Logging
import Model
import PromQL
import Rules
import Setup
import Store
import TestScripts

/// One test of a file: a store, the rules over it, and a clock that moves from evaluation to
/// evaluation. Samples are there as soon as their time has come, never before.
struct UnitTestRun {
    private let test: UnitTestGroup
    private let name: String
    private let file: UnitTestFile
    private let engine: Engine
    private let groups: [RuleGroup]

    init(
        _ test: UnitTestGroup, called name: String, of file: UnitTestFile, rules: [RuleFile],
        features: [String]
    ) {
        self.test = test
        self.name = name
        self.file = file
        var configuration = TocsinConfiguration()
        configuration.global.evaluationInterval = file.evaluationInterval
        configuration.global.externalLabels = test.externalLabels
        configuration.tocsin.enabledFeatures = features
        let runtime = Runtime(Documents(configuration: configuration))
        let store = runtime.store(keepingEverything: true)
        engine = runtime.engine(over: store)
        var ruleOptions = runtime.rules
        ruleOptions.interval = test.interval
        ruleOptions.externalURL = test.externalURL
        let set = RuleSet(
            rules, options: ruleOptions, engine: RuleEngine(engine), store: store,
            start: .at(test.start),
            logger: Logger(label: "rules", factory: { _ in SwiftLogNoOpLogHandler() }))
        groups = UnitTestRun.ordered(set.groups, file.groupOrder)
    }

    /// Groups in the order that the file gives; those that it does not name stay where they are among
    /// themselves, and come first.
    private static func ordered(_ groups: [RuleGroup], _ order: [String]) -> [RuleGroup] {
        var rank: [String: Int] = [:]
        for (index, name) in order.enumerated() { rank[name] = index }
        return groups.enumerated().sorted { a, b in
            (rank[a.element.name] ?? 0, a.offset) < (rank[b.element.name] ?? 0, b.offset)
        }.map(\.element)
    }

    /// What became of everything that the test asks; where it asks nothing, of its evaluations.
    func cases() -> [TestCase] {
        var series: DescribedSeries
        do throws(Problem) {
            series = try DescribedSeries.read(
                test.input.map { ("\($0.series.value) \($0.values.value)", $0.series.place) },
                from: test.start, every: test.interval)
        } catch {
            return [
                TestCase(
                    name: "\(name): input_series", line: error.place.line,
                    failures: [error.message])
            ]
        }
        var cases: [TestCase] = []
        if let failure = evaluate(&series, &cases) { return cases + [failure] }
        cases += test.expressionTests.map {
            ExpressionVerdict($0, name, file).judge(engine, test.start)
        }
        if cases.isEmpty {
            cases = [TestCase(name: "\(name): rules evaluate", line: test.place.line)]
        }
        return cases
    }

    /// Evaluates the rules up to the last time that is asked for, and looks at the alerts on the way.
    /// Returns the rules' failure, at which a test ends.
    private func evaluate(
        _ series: inout DescribedSeries, _ cases: inout [TestCase]
    ) -> TestCase? {
        let loader = ScriptLoader(engine.store)
        let step = max(file.evaluationInterval, Milliseconds(1))
        var due = test.alertTests.sorted { $0.time < $1.time }[...]
        var elapsed = Milliseconds.zero
        while elapsed <= test.lastTime {
            let now = test.start + elapsed
            loader.load(&series, through: now)
            let failures = groups.flatMap { self.failures(of: $0, at: now, elapsed) }
            if !failures.isEmpty {
                return TestCase(
                    name: "\(name): rules evaluate", line: test.place.line, failures: failures)
            }
            let next = elapsed + step
            // A question between two evaluations is about the earlier one.
            while let question = due.first, question.time < next {
                due.removeFirst()
                cases.append(AlertVerdict(question, name).judge(groups))
            }
            elapsed = next
        }
        return nil
    }

    private func failures(
        of group: RuleGroup, at now: Timestamp, _ elapsed: Milliseconds
    ) -> [String] {
        let evaluation = group.evaluate(at: now)
        return zip(evaluation.rules, group.configuration.rules).compactMap { outcome, rule in
            outcome.error.map {
                "\(rule.place): rule \(outcome.name) at \(elapsed): \($0)"
            }
        }
    }
}
