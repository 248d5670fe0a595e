import Model
import PromQL
import Testing

/// Compares answers, and explains what differs.
struct Comparison {
    let data: DifferentialData
    let prometheus: Prometheus
    private(set) var compared = 0
    private(set) var withSamples = 0
    private(set) var errors = 0
    private(set) var failures = 0
    /// Differences that the order of series makes, which neither side promises.
    private(set) var undetermined = 0
    private var explained: [Departure: Int] = [:]

    init(data: DifferentialData, prometheus: Prometheus) {
        self.data = data
        self.prometheus = prometheus
    }

    /// Numbers by series and time, or an error.
    enum Answer {
        case samples([OracleAnswer.Point: Double])
        case error(type: String, text: String)

        func agrees(_ other: Answer) -> Bool {
            switch (self, other) {
            case (.samples(let a), .samples(let b)):
                a.count == b.count
                    && a.allSatisfy { point, value in
                        b[point].map { Comparison.isClose(value, $0) } ?? false
                    }
            case (.error(let type, let text), .error(let otherType, let otherText)):
                (type.isEmpty || otherType.isEmpty || type == otherType)
                    && OracleAnswer.brief(text) == OracleAnswer.brief(otherText)
            default: false
            }
        }
    }

    /// Equal but for what summing in another order can do.
    static func isClose(_ a: Double, _ b: Double) -> Bool {
        if a == b || a.isNaN && b.isNaN { return true }
        return abs(a - b) <= 1e-10 * max(abs(a), abs(b))
    }

    // MARK: Asking both

    mutating func instant(_ query: String, _ dice: inout Dice) throws {
        if Incomparable.all.contains(where: { $0.applies(query, false) }) { return }
        let time = moment(&dice)
        let theirs = try prometheus.instant(query, at: time)
        var order: [Double] = []
        let ours = answer {
            let result = try data.engine.instant(query, at: Timestamp(milliseconds: time))
            if case .vector(let list) = result.value { order = list.map(\.value) }
            return result.value
        }
        let agreed = try judge(query, [time], ours, theirs)
        if agreed, Self.isOrdered(query), theirs.error == nil {
            let values = theirs.series.compactMap {
                $0.samples.first.flatMap { GoFloat.parse($0.text) }
            }
            if !zip(order, values).allSatisfy({ Self.isClose($0, $1) }) {
                fail("\(query) at \(time): order \(order), expected \(values)")
            }
        }
        if agreed { checkFormat(theirs) }
    }

    private static func isOrdered(_ query: String) -> Bool {
        ["sort", "topk (", "bottomk ("].contains { query.hasPrefix($0) }
    }

    mutating func range(_ query: String, _ dice: inout Dice) throws {
        if Incomparable.all.contains(where: { $0.applies(query, true) }) { return }
        let from = moment(&dice)
        let step = dice.pick([10_000, 15_000, 60_000, 61_007, 299_999, 600_000]) as Int64
        let times = (0..<Int64(2 + dice.below(15))).map { from + $0 * step }
        let through = times[times.count - 1]
        let theirs = try prometheus.range(query, from, through, step: step)
        var order: [Labels] = []
        let ours = answer {
            let result = try data.engine.range(
                query, from: Timestamp(milliseconds: from),
                through: Timestamp(milliseconds: through), step: Milliseconds(step))
            if case .matrix(let list) = result.value { order = list.map(\.labels) }
            return result.value
        }
        if try judge(query, times, ours, theirs), theirs.error == nil,
            order != theirs.series.map({ Labels($0.metric) })
        {
            fail("\(query) from \(from): the series are in another order")
        }
    }

    private func moment(_ dice: inout Dice) -> Int64 {
        data.start + Int64(dice.below(Int(data.end - data.start)))
    }

    /// Our way to write numbers is theirs.
    private mutating func checkFormat(_ theirs: ForeignAnswer) {
        for sample in theirs.series.flatMap(\.samples) {
            guard let value = GoFloat.parse(sample.text) else {
                fail("no number: \(sample.text)")
                continue
            }
            let size = value.magnitude
            let isPlain = theirs.isScalar || size == 0 || (size >= 1e-6 && size < 1e21)
            let text = isPlain ? GoFloat.fixed(value) : GoFloat.general(value)
            if text != sample.text {
                fail("\(sample.text) is written \(text)")
            }
        }
    }

    private func answer(_ body: () throws -> QueryValue) -> Answer {
        do {
            return .samples(try Self.samples(body()))
        } catch {
            guard let error = error as? QueryError else {
                return .error(type: "?", text: "\(error)")
            }
            return .error(type: error.apiType, text: error.message)
        }
    }

    private static func samples(_ value: QueryValue) -> [OracleAnswer.Point: Double] {
        var samples: [OracleAnswer.Point: Double] = [:]
        func put(_ labels: Labels, _ time: Timestamp, _ value: Double) {
            samples[.init(labels: labels, time: time.milliseconds)] = value
        }
        switch value {
        case .scalar(let time, let number): put(.empty, time, number)
        case .string: break
        case .vector(let list): for one in list { put(one.labels, one.timestamp, one.value) }
        case .matrix(let list):
            for one in list {
                for point in one.points { put(one.labels, point.timestamp, point.value) }
            }
        }
        return samples
    }

    private static func answer(_ foreign: ForeignAnswer) -> Answer {
        if let error = foreign.error { return .error(type: error.type, text: error.text) }
        var samples: [OracleAnswer.Point: Double] = [:]
        for series in foreign.series {
            let labels = Labels(series.metric)
            for sample in series.samples {
                samples[.init(labels: labels, time: sample.time)] =
                    GoFloat.parse(sample.text) ?? .nan
            }
        }
        return .samples(samples)
    }

    // MARK: Judging

    /// Whether both agree; where they do not, whether they mean to.
    private mutating func judge(
        _ query: String, _ times: [Int64], _ ours: Answer, _ foreign: ForeignAnswer
    ) throws -> Bool {
        compared += 1
        let theirs = Self.answer(foreign)
        switch theirs {
        case .samples(let samples): if !samples.isEmpty { withSamples += 1 }
        case .error: errors += 1
        }
        if ours.agrees(theirs) { return true }
        let expr = try Parser.parse(query, options: .all)
        let current = naive(expr, times, [])
        let former = naive(expr, times, Set(Departure.allCases))
        if ours.agrees(current) && theirs.agrees(former) {
            for departure in Departure.allCases {
                let rest = Set(Departure.allCases).subtracting([departure])
                if !theirs.agrees(naive(expr, times, rest)) {
                    explained[departure, default: 0] += 1
                }
            }
            return false
        }
        for seed in 0..<6 {
            let disorder = NaiveEvaluator.Disorder(seed: UInt64(seed))
            let all = Set(Departure.allCases)
            if !naive(expr, times, [], disorder).agrees(current)
                || !naive(expr, times, all, disorder).agrees(former)
            {
                undetermined += 1
                return false
            }
        }
        let blame =
            ours.agrees(current)
            ? "the naive evaluator is with us, and cannot explain it"
            : theirs.agrees(current)
                ? "the naive evaluator is with them" : "the naive evaluator is with nobody"
        fail(
            "\(query) at \(times[0])…\(times[times.count - 1]) (\(times.count)): \(blame)\n"
                + Self.difference(ours, theirs))
        return false
    }

    private func naive(
        _ expr: Expr, _ times: [Int64], _ departures: Set<Departure>,
        _ disorder: NaiveEvaluator.Disorder? = nil
    ) -> Answer {
        let evaluator = NaiveEvaluator(
            history: data.history, departures: departures, disorder: disorder)
        let run = NaiveEvaluator.Run(start: times[0], end: times[times.count - 1])
        var samples: [OracleAnswer.Point: Double] = [:]
        do {
            for time in times {
                let at = NaiveEvaluator.Moment(now: time, first: run.start, last: run.end)
                switch try evaluator.evaluate(expr, at, run) {
                case .vector(let list):
                    for one in list { samples[.init(labels: one.labels, time: time)] = one.value }
                case .scalar(let number): samples[.init(labels: .empty, time: time)] = number
                case .string: break
                }
            }
        } catch {
            let message = (error as? NaiveEvaluator.Failure)?.message ?? "\(error)"
            return .error(type: "", text: message)
        }
        return .samples(samples)
    }

    private static func difference(_ ours: Answer, _ theirs: Answer) -> String {
        guard case .samples(let a) = ours, case .samples(let b) = theirs else {
            return "ours: \(short(ours))\ntheirs: \(short(theirs))"
        }
        var lines: [String] = []
        for point in Set(a.keys).union(b.keys) {
            let (x, y) = (a[point], b[point])
            if let x, let y, isClose(x, y) { continue }
            let text = [x, y].map { $0.map { "\($0)" } ?? "nothing" }
            lines.append("\(point.labels) @\(point.time): \(text[0]), theirs \(text[1])")
        }
        return lines.sorted().prefix(5).joined(separator: "\n")
    }

    private static func short(_ answer: Answer) -> String {
        switch answer {
        case .samples(let samples): "\(samples.count) samples"
        case .error(let type, let text): "\(type): \(text)"
        }
    }

    private mutating func fail(_ text: String) {
        failures += 1
        Issue.record("\(text)")
    }

    func report() {
        print(
            "differential: \(compared) evaluations, \(withSamples) with samples, \(errors) errors, "
                + "\(undetermined) that depend on the order of series")
        for (departure, count) in explained.sorted(by: { $0.value > $1.value }) {
            print("  \(count) differ as intended: \(departure.reason)")
        }
    }
}
