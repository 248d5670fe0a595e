import Foundation
import Model
import PromQL
import Store
import TestSupport
import Testing

/// What Prometheus answered over the same samples, to the last digit.
struct RecordedAnswersTests {
    private struct Case: Decodable {
        var query: String
        var range: RangeAnswer
        var instant: [InstantAnswer]
    }

    private struct RangeAnswer: Decodable {
        var start: Double
        var end: Double
        var step: Double
        var data: Answer
    }

    private struct InstantAnswer: Decodable {
        var time: Double
        var data: Answer
    }

    private struct Answer: Decodable {
        var resultType: String
        var result: [Entry]
    }

    private struct Entry: Decodable {
        var metric: [String: String]
        var value: Sample?
        var values: [Sample]?
    }

    private struct Sample: Decodable {
        var time: Double
        var value: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            time = try list.decode(Double.self)
            value = try list.decode(String.self)
        }

        var text: String { "\(GoFloat.fixed(time)) \(value)" }
    }

    @Test(.enabled(if: Recording.folder("lynex-a") != nil, "\(SharedData.missing)"))
    func everyQueryOfTheGuide() throws {
        let folder = try #require(Recording.folder("lynex-a"))
        let store = try Recording.store(folder)
        let engine = Engine(store: store)
        let cases = try JSONDecoder().decode(
            [Case].self,
            from: Data(contentsOf: folder.appendingPathComponent("golden/queries.json")))
        var ran = 0
        var points = 0
        for item in cases {
            let range = try engine.range(
                item.query, from: Timestamp(seconds: item.range.start),
                through: Timestamp(seconds: item.range.end),
                step: Milliseconds(Int64(item.range.step * 1000)))
            compare(item.range.data, range.value, "\(item.query), range")
            for instant in item.instant {
                let result = try engine.instant(
                    item.query, at: Timestamp(seconds: instant.time))
                compare(instant.data, result.value, "\(item.query), at \(instant.time)")
                if item.query.hasPrefix("topk") { compareOrder(instant.data, result.value) }
            }
            ran += 1
            points += item.range.data.result.reduce(0) { $0 + ($1.values?.count ?? 0) }
        }
        #expect(ran == 61)
        #expect(points > 10_000)
    }

    private func compare(_ expected: Answer, _ value: QueryValue, _ what: String) {
        var wanted: [Labels: [String]] = [:]
        for entry in expected.result {
            let samples = entry.values ?? entry.value.map { [$0] } ?? []
            wanted[Labels(entry.metric)] = samples.map(\.text)
        }
        var got: [Labels: [String]] = [:]
        switch value {
        case .vector(let samples):
            for sample in samples { got[sample.labels] = [text(sample.timestamp, sample.value)] }
        case .matrix(let series):
            for one in series { got[one.labels] = one.points.map { text($0.timestamp, $0.value) } }
        case .scalar, .string: break
        }
        #expect(value.type.apiName == expected.resultType, "\(what)")
        if wanted == got { return }
        for (labels, samples) in wanted where got[labels] != samples {
            let other = got[labels] ?? []
            let difference = zip(samples, other).first { $0 != $1 }
            Issue.record(
                "\(what): \(labels): \(samples.count) points, got \(other.count); \(String(describing: difference))"
            )
            break
        }
        for labels in got.keys where wanted[labels] == nil {
            Issue.record("\(what): unexpected \(labels)")
            break
        }
    }

    private func compareOrder(_ expected: Answer, _ value: QueryValue) {
        guard case .vector(let samples) = value else { return }
        #expect(
            expected.result.compactMap { $0.value?.value }
                == samples.map { GoFloat.fixed($0.value) })
    }

    private func text(_ time: Timestamp, _ value: Double) -> String {
        "\(GoFloat.fixed(time.seconds)) \(GoFloat.fixed(value))"
    }
}
