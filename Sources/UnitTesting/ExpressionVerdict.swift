import Configuration
import Model
import PromQL
import TestScripts

/// Compares what an expression gives with what it must.
struct ExpressionVerdict {
    private let question: UnitTestGroup.ExpressionTest
    private let test: String
    private let isFuzzy: Bool

    init(_ question: UnitTestGroup.ExpressionTest, _ test: String, _ file: UnitTestFile) {
        self.question = question
        self.test = test
        isFuzzy = file.fuzzyCompare
    }

    /// A sample: its histogram is compared as it is written.
    private struct Sample: Hashable {
        var labels: Labels
        var value: Double
        var histogram = ""

        var description: String {
            "\(labels.metricDescription) "
                + (histogram.isEmpty ? GoFloat.general(value) : histogram)
        }

        func isSame(_ other: Sample, fuzzy: Bool) -> Bool {
            guard labels == other.labels, histogram.bytesEqual(other.histogram) else {
                return false
            }
            if !histogram.isEmpty || value == other.value || value.isNaN && other.value.isNaN {
                return true
            }
            return fuzzy && (value.nextUp == other.value || value.nextDown == other.value)
        }
    }

    private struct Failure: Error {
        var message: String
    }

    func judge(_ engine: Engine, _ start: Timestamp) -> TestCase {
        var result = TestCase(
            name: "\(test): \(question.expr.value) at \(question.time)", line: question.place.line)
        do throws(Failure) {
            let got = try ask(engine, start + question.time).sorted { $0.labels < $1.labels }
            let expected = try question.samples.map { sample throws(Failure) in
                try describe(sample)
            }.sorted { $0.labels < $1.labels }
            let isSame = got.elementsEqual(expected) { $0.isSame($1, fuzzy: isFuzzy) }
            if !isSame {
                result.failures = [
                    ResultDiff.text(
                        "another result", expected: expected.map(\.description),
                        got: got.map(\.description))
                ]
            }
        } catch {
            result.failures = [error.message]
        }
        return result
    }

    private func ask(_ engine: Engine, _ time: Timestamp) throws(Failure) -> [Sample] {
        let value: QueryValue
        do { value = try engine.instant(question.expr.value, at: time).value } catch {
            throw Failure(message: "\(error)")
        }
        switch value {
        case .scalar(_, let number): return [Sample(labels: .empty, value: number)]
        case .vector(let samples):
            return samples.map { sample in
                Sample(
                    labels: sample.labels, value: sample.histogram == nil ? sample.value : 0,
                    histogram: sample.histogram?.testExpression ?? "")
            }
        case .string, .matrix:
            throw Failure(message: "rule result is not a vector or scalar")
        }
    }

    private func describe(_ sample: UnitTestGroup.Sample) throws(Failure) -> Sample {
        var result = Sample(labels: .empty, value: sample.value)
        if !sample.labels.value.isEmpty {
            result.labels = try parse(sample.labels).labels
        }
        guard let text = sample.histogram else { return result }
        let values = try parse(Located("{} \(text.value)", at: text.place)).values
        guard values.count == 1, case .histogram(let histogram)? = values.first else {
            throw Failure(
                message: "\(text.place): expected one histogram, found \(text.value.goQuoted)")
        }
        result.histogram = histogram.testExpression
        return result
    }

    private func parse(_ text: Located<String>) throws(Failure) -> SeriesDescription {
        do { return try SeriesDescription(parsing: text.value) } catch {
            throw Failure(
                message: "\(text.place): \(error.first.message) in \(text.value.goQuoted)")
        }
    }
}
