import Model
import PromQL
import Store

/// Runs a script against an engine of its own.
struct ScriptRunner {
    /// What became of the evaluations.
    struct Tally {
        var passed = 0
        var failed: [(line: Int, reason: String)] = []
        /// Evaluations over histograms, which the engine does not have.
        var skipped = 0
    }

    private var store = ScriptRunner.emptyStore
    private var isNative = false
    private(set) var tally = Tally()

    private static var emptyStore: Store {
        var options = StoreOptions()
        options.keepsEverything = true
        return Store(options)
    }

    private static var engineOptions: EngineOptions {
        var options = EngineOptions()
        options.delaysNameRemoval = true
        options.parser = .all
        return options
    }

    mutating func run(_ script: TestScript) {
        for command in script.commands {
            switch command {
            case .clear:
                store = Self.emptyStore
                isNative = false
            case .load(let load):
                isNative = isNative || load.isNative
                // Of descriptions of the same series the last one counts.
                var last: [Labels: SeriesDescription] = [:]
                for series in load.series { last[series.labels] = series }
                for series in load.series where last[series.labels] == series {
                    append(series, load.interval)
                }
            case .evaluate(let evaluation): evaluate(evaluation)
            }
        }
    }

    private func append(_ series: SeriesDescription, _ interval: Milliseconds) {
        for (index, value) in series.values.enumerated() {
            guard case .number(let number) = value else { continue }
            let time = Timestamp(milliseconds: interval.value * Int64(index))
            store.append(series.labels, at: time, value: number)
        }
    }

    private mutating func evaluate(_ evaluation: TestScript.Evaluation) {
        let reason = failure(evaluation)
        if evaluation.results.contains(where: { $0.contains("{{") }) {
            tally.skipped += 1
        } else if let reason {
            // Where histograms were loaded too, nobody can say whether they are what is missing.
            if isNative {
                tally.skipped += 1
            } else {
                tally.failed.append((evaluation.line, reason))
            }
        } else {
            tally.passed += 1
        }
    }

    /// What is wrong with an evaluation's answer, or nil.
    private func failure(_ evaluation: TestScript.Evaluation) -> String? {
        let engine = Engine(store: store, options: Self.engineOptions)
        let result: QueryResult
        do throws(QueryError) {
            switch evaluation.time {
            case .instant(let time): result = try engine.instant(evaluation.query, at: time)
            case .range(let start, let end, let step):
                result = try engine.range(evaluation.query, from: start, through: end, step: step)
            }
        } catch {
            if !evaluation.fails { return "\(evaluation.query): \(error)" }
            guard let expected = evaluation.failure, expected != error.message else { return nil }
            return "\(evaluation.query): failed with \(error), not with \(expected)"
        }
        if evaluation.fails { return "\(evaluation.query): did not fail" }
        if let warns = evaluation.warns, warns == result.warnings.isEmpty {
            return "\(evaluation.query): warnings \(result.warnings)"
        }
        if let informs = evaluation.informs, informs == result.infos.isEmpty {
            return "\(evaluation.query): infos \(result.infos)"
        }
        if let difference = difference(result.value, evaluation) {
            return "\(evaluation.query): \(difference)"
        }
        return nil
    }

    private func difference(_ value: QueryValue, _ evaluation: TestScript.Evaluation) -> String? {
        switch value {
        case .string(_, let text): return text == evaluation.string ? nil : "got \(text)"
        case .scalar(_, let number):
            guard let line = evaluation.results.first,
                case .number(let literal)? = try? Parser.parse(line).kind,
                Self.almostEqual(literal.value, number)
            else { return "got \(number), not \(evaluation.results)" }
            return nil
        case .vector(let samples):
            if evaluation.results.count == 1,
                case .number? = try? Parser.parse(evaluation.results[0]).kind
            {
                return "a vector, not a scalar"
            }
            return compare(
                samples.map { MatrixSeries($0.labels, [Point($0.timestamp, $0.value)]) },
                evaluation)
        case .matrix(let series): return compare(series, evaluation)
        }
    }

    private func compare(
        _ answer: [MatrixSeries], _ evaluation: TestScript.Evaluation
    ) -> String? {
        var expected: [SeriesDescription] = []
        for line in evaluation.results {
            guard let series = try? SeriesDescription(parsing: line) else {
                return "cannot read \(line)"
            }
            expected.append(series)
        }
        let shown = answer.map { "\($0.labels.metricDescription) \($0.points.map(\.value))" }
        // A series without any value need not be there.
        let present = expected.filter { $0.values.contains { $0 != .omitted } }
        if present.count != answer.count { return "got \(shown), not \(evaluation.results)" }
        for (index, series) in present.enumerated() {
            let found =
                evaluation.isOrdered
                ? answer[index] : answer.first { $0.labels == series.labels }
            guard let found, found.labels == series.labels,
                Self.points(series, evaluation.time, evaluation.resultRange).elementsEqual(
                    found.points, by: Self.isSamePoint)
            else { return "got \(shown), not \(evaluation.results)" }
        }
        return nil
    }

    private static func isSamePoint(_ a: Point, _ b: Point) -> Bool {
        a.timestamp == b.timestamp && almostEqual(a.value, b.value)
    }

    private static func points(
        _ series: SeriesDescription, _ time: TestScript.Evaluation.Time,
        _ range: TestScript.Evaluation.Time?
    ) -> [Point] {
        let (start, step) =
            switch range ?? time {
            case .instant(let at): (at.milliseconds, Int64(0))
            case .range(let start, _, let step): (start.milliseconds, step.value)
            }
        return series.values.enumerated().compactMap { index, value in
            guard case .number(let number) = value else { return nil }
            return Point(Timestamp(milliseconds: start + Int64(index) * step), number)
        }
    }

    /// Equal but for one part in a million, as in Prometheus's own tests.
    static func almostEqual(_ a: Double, _ b: Double) -> Bool {
        if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
        if a == b { return true }
        let sum = a.magnitude + b.magnitude
        let difference = (a - b).magnitude
        if a == 0 || b == 0 || sum < .leastNormalMagnitude {
            return difference < 1e-6 * .leastNormalMagnitude
        }
        return difference / min(sum, .greatestFiniteMagnitude) < 1e-6
    }
}
