import Model
import PromQL
import Store

/// An answer in a form that can be compared: bits of numbers by series and time, or an error.
enum OracleAnswer: Equatable, CustomStringConvertible {
    struct Point: Hashable {
        var labels: Labels
        var time: Int64
    }

    case samples([Point: UInt64], warnings: Bool, infos: Bool)
    case error(String)

    /// Every NaN is one.
    static func bits(_ value: Double) -> UInt64 {
        value.isNaN ? SampleValue.nanBits : value.bitPattern
    }

    var description: String {
        switch self {
        case .error(let message): return "error: \(message)"
        case .samples(let samples, let warnings, let infos):
            let lines = samples.map { point, bits in
                "  \(point.labels) \(Double(bitPattern: bits)) @\(point.time)"
            }
            return (["warnings \(warnings), infos \(infos)"] + lines.sorted())
                .joined(separator: "\n")
        }
    }

    /// What differs, shortly.
    static func difference(_ got: OracleAnswer, _ expected: OracleAnswer) -> String {
        guard case .samples(let a, let w1, let i1) = got,
            case .samples(let b, let w2, let i2) = expected
        else { return "got \(got)\nexpected \(expected)" }
        var lines: [String] = []
        if w1 != w2 { lines.append("warnings: \(w1), expected \(w2)") }
        if i1 != i2 { lines.append("infos: \(i1), expected \(i2)") }
        for point in Set(a.keys).union(b.keys) where a[point] != b[point] {
            let (x, y) = (
                a[point].map(Double.init(bitPattern:)), b[point].map(Double.init(bitPattern:))
            )
            let (got, expected) = (x.map { "\($0)" } ?? "nothing", y.map { "\($0)" } ?? "nothing")
            lines.append("\(point.labels) @\(point.time): \(got), expected \(expected)")
        }
        return lines.sorted().prefix(8).joined(separator: "\n")
    }

    /// Errors by their beginnings: what they name of series depends on the order of these.
    static func brief(_ message: String) -> String {
        let beginnings = [
            "found duplicate series for the match group", "invalid smoothing factor",
            "invalid trend factor", "multiple matches for labels: many-to-one matching must be",
            "multiple matches for labels: grouping labels must ensure", "Scalar value",
        ]
        return beginnings.first { message.hasPrefix($0) } ?? message
    }
}

/// A store and the same samples as lists.
struct OracleWorld {
    let seed: UInt64
    var history = History()
    var writer = StoreWriter()
    let start: Int64
    let end: Int64
    let engine: Engine

    static let options: EngineOptions = {
        var options = EngineOptions()
        options.parser = .all
        return options
    }()

    init(seed: UInt64, empty: Bool = false) {
        self.seed = seed
        engine = Engine(store: writer.store, options: Self.options)
        let made = HistoryGenerator.writes(seed: seed)
        (start, end) = (made.start, made.end)
        if empty { return }
        for write in made.writes { take(write) }
    }

    mutating func take(_ write: Write) {
        history.take(write)
        writer.take(write)
    }

    func expressions(_ count: Int, seed: UInt64) -> [String] {
        let words = ExpressionGenerator.Vocabulary(
            counters: HistoryGenerator.counters, gauges: HistoryGenerator.gauges,
            infos: HistoryGenerator.infos, histograms: [HistoryGenerator.histogram],
            labels: HistoryGenerator.labels,
            moments: [start, start + 400_017, end].map { Double($0) / 1000 },
            windowed: [
                "delta", "idelta", "count_over_time", "first_over_time", "last_over_time",
                "present_over_time", "sum_over_time", "avg_over_time", "min_over_time",
                "max_over_time", "stdvar_over_time", "stddev_over_time", "mad_over_time",
                "changes", "resets", "deriv", "ts_of_first_over_time", "ts_of_last_over_time",
                "ts_of_max_over_time", "ts_of_min_over_time",
            ])
        var generator = ExpressionGenerator(words, seed: seed)
        return (0..<count).map { _ in generator.expression() }
    }

    func moment(_ dice: inout Dice) -> Int64 {
        start + Int64(dice.below(Int(end - start) + 360_000)) - 30_000
    }

    // MARK: The oracle's answers

    /// The naive answer at some times; in an instant query the elements in their order, too.
    func naive(
        _ expr: Expr, _ times: [Int64], disorder: NaiveEvaluator.Disorder? = nil
    ) -> (answer: OracleAnswer, order: [Double]) {
        let evaluator = NaiveEvaluator(history: history, disorder: disorder)
        let run = NaiveEvaluator.Run(start: times.first ?? 0, end: times.last ?? 0)
        var samples: [OracleAnswer.Point: UInt64] = [:]
        var order: [Double] = []
        do {
            for time in times {
                let at = NaiveEvaluator.Moment(now: time, first: run.start, last: run.end)
                var elements: [NaiveEvaluator.Element] = []
                switch try evaluator.evaluate(expr, at, run) {
                case .vector(let list): elements = list
                case .scalar(let number): elements = [.init(labels: .empty, value: number)]
                case .string: break
                }
                order = elements.map(\.value)
                for element in elements {
                    samples[.init(labels: element.labels, time: time)] = OracleAnswer.bits(
                        element.value)
                }
            }
        } catch {
            let message = (error as? NaiveEvaluator.Failure)?.message ?? "\(error)"
            return (.error(OracleAnswer.brief(message)), [])
        }
        return (.samples(samples, warnings: run.hasWarnings, infos: run.hasInfos), order)
    }

    static func answer(_ body: () throws -> QueryResult) -> OracleAnswer {
        do {
            let result = try body()
            var samples: [OracleAnswer.Point: UInt64] = [:]
            switch result.value {
            case .scalar(let time, let number):
                samples[.init(labels: .empty, time: time.milliseconds)] = OracleAnswer.bits(number)
            case .string: break
            case .vector(let list):
                for one in list {
                    samples[.init(labels: one.labels, time: one.timestamp.milliseconds)] =
                        OracleAnswer.bits(one.value)
                }
            case .matrix(let list):
                for one in list {
                    for point in one.points {
                        samples[.init(labels: one.labels, time: point.timestamp.milliseconds)] =
                            OracleAnswer.bits(point.value)
                    }
                }
            }
            return .samples(
                samples, warnings: !result.warnings.isEmpty, infos: !result.infos.isEmpty)
        } catch {
            return .error(OracleAnswer.brief((error as? QueryError)?.message ?? "\(error)"))
        }
    }

    // MARK: Comparisons

    func compareInstant(_ query: String, at time: Int64, _ tally: inout OracleTally) {
        guard let expr = parse(query, &tally) else { return }
        var order: [Double]?
        let got = Self.answer {
            let result = try engine.instant(query, at: Timestamp(milliseconds: time))
            if case .vector(let list) = result.value { order = list.map(\.value) }
            return result
        }
        let naive = naive(expr, [time])
        judge(got, naive.answer, query, expr, [time], &tally)
        guard let order, got == naive.answer, Self.isOrdered(expr) else { return }
        if order.map(OracleAnswer.bits) != naive.order.map(OracleAnswer.bits) {
            tally.fail(
                "seed \(seed): \(query) at \(time): order \(order)\nexpected \(naive.order)")
        }
    }

    /// Whether the answer of an instant query has an order that says something.
    private static func isOrdered(_ expr: Expr) -> Bool {
        switch expr.kind {
        case .aggregate(let aggregate):
            (aggregate.op == .topk || aggregate.op == .bottomk)
                && aggregate.grouping.isEmpty && !aggregate.without
        default: false
        }
    }

    func compareRange(_ query: String, _ dice: inout Dice, _ tally: inout OracleTally) {
        guard let expr = parse(query, &tally) else { return }
        let from = moment(&dice)
        let step = dice.pick([10_000, 30_000, 60_000, 61_007, 180_000]) as Int64
        let times = (0..<Int64(2 + dice.below(9))).map { from + $0 * step }
        let got = Self.answer {
            try engine.range(
                query, from: Timestamp(milliseconds: from),
                through: Timestamp(milliseconds: times[times.count - 1]),
                step: Milliseconds(step))
        }
        judge(got, naive(expr, times).answer, query, expr, times, &tally)
    }

    /// Steps queries along time while what is written comes in.
    static func compareStepping(
        seed: UInt64, queries: Int, steps: Int, _ tally: inout OracleTally
    ) {
        var world = OracleWorld(seed: seed, empty: true)
        var writes = HistoryGenerator.writes(seed: seed).writes[...]
        var dice = Dice(seed &+ 99)
        var prepared: [(text: String, expr: Expr, query: PreparedQuery)] = []
        for text in world.expressions(queries, seed: seed &+ 5_000_000) {
            guard let expr = world.parse(text, &tally) else { return }
            do {
                prepared.append((text, expr, try world.engine.prepare(text)))
            } catch {
                tally.fail("seed \(seed): \(text): \(error)")
            }
        }
        for step in 0..<steps {
            let now =
                world.start + (world.end - world.start) * Int64(step + 1) / Int64(steps)
                + Int64(dice.below(20_000))
            while let next = writes.first, next.time <= now {
                world.take(next)
                writes.removeFirst()
            }
            for one in prepared {
                let got = answer {
                    try one.query.evaluate(
                        at: Timestamp(milliseconds: now), pin: world.writer.store.pin())
                }
                let expected = world.naive(one.expr, [now]).answer
                world.judge(got, expected, one.text, one.expr, [now], &tally)
            }
        }
    }

    private func parse(_ query: String, _ tally: inout OracleTally) -> Expr? {
        do {
            return try Parser.parse(query, options: .all)
        } catch {
            tally.fail("seed \(seed): \(query): \(error)")
            return nil
        }
    }

    private func judge(
        _ got: OracleAnswer, _ expected: OracleAnswer, _ query: String, _ expr: Expr,
        _ times: [Int64], _ tally: inout OracleTally
    ) {
        tally.compared += 1
        switch expected {
        case .samples(let samples, _, _): if !samples.isEmpty { tally.withSamples += 1 }
        case .error: tally.errors += 1
        }
        if got == expected { return }
        // Sums of sums, ties and the like depend on the order of series, which is nobody's promise.
        for seed in 0..<6 {
            let disorder = NaiveEvaluator.Disorder(seed: UInt64(seed))
            if naive(expr, times, disorder: disorder).answer != expected {
                tally.undetermined += 1
                return
            }
        }
        tally.fail(
            "seed \(seed): \(query) at \(times.map(String.init).joined(separator: ", "))\n"
                + OracleAnswer.difference(got, expected))
    }
}
