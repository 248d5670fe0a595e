import Foundation
import Model
import TestSupport

/// A Prometheus that runs beside the tests, with a database of its own.
final class Prometheus {
    /// Where it is installed; nil where it is not.
    static let path: String? = ["/usr/bin/prometheus", "/usr/local/bin/prometheus"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private let workspace: Workspace
    private let process: Subprocess
    private let client: HTTPClient

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(_ path: String) async throws {
        workspace = try Workspace()
        try workspace.write("prometheus.yml", "global: {}\n")
        let port = try Listener.freePort()
        process = try Subprocess(
            path,
            [
                "--config.file=\(workspace.file("prometheus.yml"))",
                "--storage.tsdb.path=\(workspace.file("data"))",
                "--web.listen-address=127.0.0.1:\(port)", "--web.enable-remote-write-receiver",
                // One block holds everything, so that nothing is reordered on the way.
                "--storage.tsdb.min-block-duration=1d", "--storage.tsdb.max-block-duration=1d",
                "--log.level=warn",
            ], in: workspace, name: "prometheus")
        client = HTTPClient(port: port)
        let (client, process) = (client, process)
        _ = try await eventually("Prometheus's readiness") { () -> Bool? in
            if !process.isRunning { throw Failure(description: process.logTail) }
            return client.get("/-/ready")?.status == 200 ? true : nil
        }
    }

    deinit { process.kill() }

    /// The version, and what of it a list of differences is about.
    var version: String {
        struct Info: Decodable {
            struct Inner: Decodable { var version: String }
            var data: Inner
        }
        let text = client.get("/api/v1/status/buildinfo")?.body ?? []
        return (try? JSONDecoder().decode(Info.self, from: Data(text)))?.data.version ?? "unknown"
    }

    /// Writes all samples, in slices of ten minutes: it takes nothing that is much older than its
    /// newest sample.
    func write(_ history: History) throws {
        var next = [Int](repeating: 0, count: history.series.count)
        let all = history.series.flatMap { [$0.samples.first?.time, $0.samples.last?.time] }
            .compactMap(\.self)
        guard var from = all.min(), let end = all.max() else { return }
        while from <= end {
            let through = from + 600_000
            var request = RemoteWrite()
            for (index, series) in history.series.enumerated() {
                let start = next[index]
                while next[index] < series.samples.count,
                    series.samples[next[index]].time < through
                {
                    next[index] += 1
                }
                request.add(series.labels, Array(series.samples[start..<next[index]]))
            }
            from = through
            if request.isEmpty { continue }
            let answer = client.request(
                "POST", "/api/v1/write", body: request.body, headers: RemoteWrite.headers)
            guard let answer, answer.status / 100 == 2 else {
                throw Failure(
                    description: "remote write: \(answer?.status ?? 0) \(answer?.text ?? "")")
            }
        }
    }

    // MARK: Queries

    func instant(_ query: String, at time: Int64) throws -> ForeignAnswer {
        try ask("/api/v1/query", [("query", query), ("time", Self.seconds(time))])
    }

    func range(_ query: String, _ from: Int64, _ through: Int64, step: Int64) throws
        -> ForeignAnswer
    {
        try ask(
            "/api/v1/query_range",
            [
                ("query", query), ("start", Self.seconds(from)), ("end", Self.seconds(through)),
                ("step", Self.seconds(step)),
            ])
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        GoFloat.fixed(Double(milliseconds) / 1000)
    }

    private func ask(_ path: String, _ form: [(String, String)]) throws -> ForeignAnswer {
        guard let answer = client.request("POST", path, form: form) else {
            throw Failure(description: "Prometheus does not answer:\n\(process.logTail)")
        }
        return try JSONDecoder().decode(ForeignAnswer.self, from: Data(answer.body))
    }
}

/// What the API of a Prometheus answers to a query.
struct ForeignAnswer: Decodable {
    struct Sample: Decodable {
        var time: Int64
        var text: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            time = Timestamp(seconds: try list.decode(Double.self)).milliseconds
            text = try list.decode(String.self)
        }
    }

    struct Series: Decodable {
        var metric: [String: String]
        var value: Sample?
        var values: [Sample]?

        var samples: [Sample] { values ?? value.map { [$0] } ?? [] }
    }

    private struct Content: Decodable {
        var series: [Series] = []
        var isScalar = false

        private enum Key: String, CodingKey { case resultType, result }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            switch try container.decode(String.self, forKey: .resultType) {
            case "scalar":
                isScalar = true
                let sample = try container.decode(Sample.self, forKey: .result)
                series = [Series(metric: [:], value: sample, values: nil)]
            case "string": break
            default: series = try container.decode([Series].self, forKey: .result)
            }
        }
    }

    /// The series in the order of the answer.
    let series: [Series]
    /// Whether it is a scalar, whose number is written without an exponent.
    let isScalar: Bool
    /// The error's type and text.
    let error: (type: String, text: String)?

    private enum Key: String, CodingKey { case data, errorType, error }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let content = try container.decodeIfPresent(Content.self, forKey: .data)
        series = content?.series ?? []
        isScalar = content?.isScalar ?? false
        if let type = try container.decodeIfPresent(String.self, forKey: .errorType) {
            error = (type, try container.decode(String.self, forKey: .error))
        } else {
            error = nil
        }
    }
}
