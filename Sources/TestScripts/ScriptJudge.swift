import Model
import PromQL

/// Compares answers with what an evaluation expects.
struct ScriptJudge {
    let evaluation: Script.Evaluation

    init(_ evaluation: Script.Evaluation) { self.evaluation = evaluation }

    private var expectation: Expectation { evaluation.expectation }

    /// What is wrong with an answer, or nil.
    func failure(of answer: Result<QueryResult, QueryError>) -> String? {
        switch answer {
        case .failure(let error):
            guard let expected = expectation.failures.first else { return "failed: \(error)" }
            if expected.matches(error.message) { return nil }
            return ResultDiff.text(
                "another error", expected: [expected.description], got: [error.message])
        case .success(let result):
            if expectation.fails { return "did not fail" }
            return annotations(result.warnings, expectation.warnings, "warning")
                ?? annotations(result.infos, expectation.infos, "info")
                ?? presence(result) ?? difference(result.value)
        }
    }

    private func presence(_ result: QueryResult) -> String? {
        if expectation.someWarning, result.warnings.isEmpty { return "no warning" }
        if expectation.someInfo, result.infos.isEmpty { return "no info" }
        if expectation.noWarnings, !result.warnings.isEmpty {
            return ResultDiff.text("warnings, none expected", expected: [], got: result.warnings)
        }
        if expectation.noInfos, !result.infos.isEmpty {
            return ResultDiff.text("infos, none expected", expected: [], got: result.infos)
        }
        return nil
    }

    /// Every expectation must be met, and every remark be expected.
    private func annotations(
        _ found: [String], _ expected: [Expectation.Match], _ what: String
    ) -> String? {
        if expected.isEmpty { return nil }
        let isMet = expected.allSatisfy { match in found.contains { match.matches($0) } }
        let isAll = found.allSatisfy { text in expected.contains { $0.matches(text) } }
        if isMet, isAll { return nil }
        return ResultDiff.text(
            "another \(what)", expected: expected.map(\.description), got: found)
    }

    // MARK: Values

    private func difference(_ value: QueryValue) -> String? {
        switch value {
        case .string(_, let text):
            let expected = expectation.string ?? ""
            if text.bytesEqual(expected) { return nil }
            return ResultDiff.text(
                "another text", expected: [expected.goQuoted], got: [text.goQuoted])
        case .scalar(_, let number): return scalar(number)
        case .vector(let samples):
            return vector(samples.map { ($0.labels, $0.content) })
        case .matrix(let series): return matrix(series)
        }
    }

    /// What is wrong with a range's answer at one of its steps.
    func difference(_ value: QueryValue, at time: Timestamp, like instant: QueryValue) -> String? {
        guard case .matrix(let series) = value else { return "no matrix" }
        if let disorder = disorder(series) { return disorder }
        let samples = series.compactMap { one in
            one.points.first { $0.timestamp == time }.map { (one.labels, $0.content) }
        }
        guard case .scalar = instant else { return vector(samples) }
        guard let first = samples.first, case .number(let number) = first.1 else {
            return "no scalar"
        }
        return scalar(number)
    }

    private func scalar(_ number: Double) -> String? {
        let got = [GoFloat.general(number)]
        guard let expected = expectation.scalar else {
            return ResultDiff.text("a scalar, not series", expected: shownSeries, got: got)
        }
        if expected.isAlmost(number) { return nil }
        return ResultDiff.text("another scalar", expected: [GoFloat.general(expected)], got: got)
    }

    private var shownSeries: [String] {
        expectation.series.map { series in
            series.labels.metricDescription + " "
                + series.values.map { $0.content?.description ?? "_" }.joined(separator: " ")
        }
    }

    private func vector(_ samples: [(labels: Labels, content: SampleContent)]) -> String? {
        let got = samples.map { "\($0.labels.metricDescription) \($0.content.description)" }
        if let scalar = expectation.scalar {
            return ResultDiff.text(
                "series, not a scalar", expected: [GoFloat.general(scalar)], got: got)
        }
        let expected = expectation.series
        func describe(_ what: String) -> String {
            ResultDiff.text(what, expected: shownSeries, got: got, ordered: expectation.isOrdered)
        }
        var seen = Set<Labels>()
        for (position, sample) in samples.enumerated() {
            guard let index = expected.firstIndex(where: { $0.labels == sample.labels }) else {
                return describe("another result")
            }
            if expectation.isOrdered, index != position { return describe("another order") }
            // An omitted value stands for zero, as it does in Prometheus.
            let value = expected[index].values[0].content ?? .number(0)
            let hasHint = expected[index].statedHints.contains(0)
            if !value.isAlmost(sample.content, withHint: hasHint) {
                return describe("another result")
            }
            seen.insert(sample.labels)
        }
        return seen.count == expected.count ? nil : describe("another result")
    }

    private func disorder(_ series: [MatrixSeries]) -> String? {
        for (a, b) in zip(series, series.dropFirst()) where b.labels < a.labels {
            return "series are not in the order of their labels: \(a.labels.metricDescription) "
                + "before \(b.labels.metricDescription)"
        }
        return nil
    }

    private func matrix(_ series: [MatrixSeries]) -> String? {
        if expectation.isOrdered { return "a range has no order to expect" }
        if let disorder = disorder(series) { return disorder }
        let expected: [Labels: ExpectedPoints]
        switch expectedMatrix() {
        case .success(let points): expected = points
        case .failure(let problem): return problem.text
        }
        if isSame(series, expected) { return nil }
        let wanted = expected.sorted { $0.key < $1.key }.flatMap { labels, points in
            points.sorted { $0.key < $1.key }.map { Self.line(labels, $0.key, $0.value.content) }
        }
        let got = series.flatMap { one in
            one.points.map { Self.line(one.labels, $0.timestamp, $0.content) }
        }
        return ResultDiff.text("another result", expected: wanted, got: got)
    }

    /// The points of a series that are expected, and whether their hints on resets are.
    private typealias ExpectedPoints = [Timestamp: (content: SampleContent, hasHint: Bool)]

    private struct TooManyValues: Error {
        var text: String
    }

    private func expectedMatrix() -> Result<[Labels: ExpectedPoints], TooManyValues> {
        let start: Timestamp
        let (end, step): (Timestamp, Milliseconds)
        switch expectation.rangeTimes ?? evaluation.time {
        case .instant(let time): (start, end, step) = (time, time, .zero)
        case .range(let from, let through, let by): (start, end, step) = (from, through, by)
        }
        var expected: [Labels: ExpectedPoints] = [:]
        for one in expectation.series {
            var points: ExpectedPoints = [:]
            for (index, value) in one.values.enumerated() {
                let time = start + Milliseconds(step.value.multipliedSaturating(Int64(index)))
                if time > end {
                    return .failure(
                        TooManyValues(
                            text: "\(one.values.count) values expected of "
                                + "\(one.labels.metricDescription), more than the range has steps"))
                }
                if let content = value.content {
                    points[time] = (content, one.statedHints.contains(index))
                }
            }
            expected[one.labels] = points
        }
        return .success(expected)
    }

    private func isSame(_ series: [MatrixSeries], _ expected: [Labels: ExpectedPoints]) -> Bool {
        series.count == expected.count
            && series.allSatisfy { one in
                guard let points = expected[one.labels], points.count == one.points.count else {
                    return false
                }
                return one.points.allSatisfy { point in
                    points[point.timestamp].map {
                        $0.content.isAlmost(point.content, withHint: $0.hasHint)
                    } ?? false
                }
            }
    }

    private static func line(
        _ labels: Labels, _ time: Timestamp, _ content: SampleContent
    ) -> String {
        "\(labels.metricDescription) at \(Milliseconds(time.milliseconds)): \(content.description)"
    }
}
