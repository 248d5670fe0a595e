import Foundation
import Model
import PromQL
import Store

/// Range queries of a day at a step of a minute over the same samples: here in this process, in
/// Prometheus over HTTP (its answers are small).
struct RangeRun {
    private let arguments: Arguments
    private let seriesCount: Int
    private static let interval: Int64 = 15_000
    private static let day: Int64 = 86_400_000

    init(_ arguments: Arguments) {
        self.arguments = arguments
        seriesCount = arguments.int("series", 1200)
    }

    private static let queries = [
        "sum by (job) (rate(m_total[5m]))",
        "sum by (job, instance) (rate(m_total[5m]))",
        "histogram_quantile(0.95, sum by (le) (rate(h_bucket[5m])))",
        "histogram_quantile(0.95, rate(h_bucket[5m]))",
        "max by (instance) (avg_over_time(m_total[10m]))",
        "sum(m_total)",
    ]
    private static let bounds = ["0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"]

    /// The series of this number: half of them counters, half buckets.
    private func labels(_ number: Int) -> [(String, String)] {
        let common = [("instance", "host-\(number % 20):9100"), ("job", "job-\(number % 5)")]
        let half = seriesCount / 2
        if number < half {
            return common + [("__name__", "m_total"), ("series", "series-\(number)")]
        }
        let bucket = (number - half) / 8
        return [
            ("instance", "host-\(bucket % 20):9100"), ("job", "job-\(bucket % 5)"),
            ("__name__", "h_bucket"), ("handler", "handler-\(bucket)"),
            ("le", RangeRun.bounds[(number - half) % 8]),
        ]
    }

    /// Rises, is now and then reset, and has no pattern that a compressor would like.
    private func value(_ number: Int, _ frame: Int64) -> Double {
        let place = number < seriesCount / 2 ? number % 97 : (number - seriesCount / 2) % 8
        let sinceReset = (frame + Int64(number)) % 2000
        return Double(sinceReset) * Double(1 + place) + Double((frame * 7919 + Int64(number)) % 13)
            / 16
    }

    func run() throws {
        let now = Int64(Date().timeIntervalSince1970 * 1000) / 60_000 * 60_000
        let start = now - RangeRun.day
        let frames = RangeRun.day / RangeRun.interval
        print("\(seriesCount) series, \(frames) samples each")
        let theirs = try arguments.string("prometheus").map {
            try prometheus($0, start: start, frames: frames)
        }
        let ours = try tocsin(start: start, frames: frames)
        var table = Table(
            "query", "Prometheus ms", "its CPU ms", "Tocsin ms", "its CPU ms", "ratio",
            "ratio of CPU")
        for (index, query) in RangeRun.queries.enumerated() {
            let own = ours[index]
            let other = theirs?[index]
            table.add(
                "`\(query)`", other.map { $0.wall.text(1) } ?? "",
                other.map { $0.cpu.text(0) } ?? "",
                own.wall.text(1), own.cpu.text(1), other.map { ($0.wall / own.wall).text(1) } ?? "",
                other.map { ($0.cpu / own.cpu).text(1) } ?? "")
        }
        print(table.text)
    }

    private struct Cost {
        var wall: Double
        var cpu: Double
    }

    private func tocsin(start: Int64, frames: Int64) throws -> [Cost] {
        var options = StoreOptions()
        options.keepsEverything = true
        let store = Store(options)
        // Twenty targets, as the label `instance` says.
        let perTarget = (0..<20).map { target in
            (0..<seriesCount).filter {
                labels($0).contains { $0 == ("instance", "host-\(target):9100") }
            }
        }
        for (target, numbers) in perTarget.enumerated() {
            let axis = store.openAxis("target-\(target)")
            for number in numbers {
                _ = axis.slot(for: Labels(labels(number).map { Label($0.0, $0.1) }))
            }
            for frame in 1...frames {
                axis.commit(
                    at: Timestamp(milliseconds: start + frame * RangeRun.interval),
                    values: numbers.map { value($0, frame) })
            }
        }
        let engine = Engine(store: store)
        return try RangeRun.queries.map { query in
            var best = Cost(wall: .infinity, cpu: .infinity)
            for _ in 0..<5 {
                let (clock, cpu) = (ContinuousClock.now, CPUTime.thread)
                _ = try engine.range(
                    query, from: Timestamp(milliseconds: start),
                    through: Timestamp(milliseconds: start + RangeRun.day), step: .seconds(60))
                best.wall = min(best.wall, (ContinuousClock.now - clock) / .milliseconds(1))
                best.cpu = min(best.cpu, (CPUTime.thread - cpu) * 1e3)
            }
            return best
        }
    }

    private func prometheus(_ program: String, start: Int64, frames: Int64) throws -> [Cost] {
        let folder = try SideBySide.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let config = folder.appendingPathComponent("prometheus.yml")
        try "global: {}\n".write(to: config, atomically: true, encoding: .utf8)
        let contender = try Contender.prometheus(
            program, config: config, folder: folder, flags: ["--web.enable-remote-write-receiver"])
        defer { contender.stop() }
        try contender.awaitStart()
        let series = (0..<seriesCount).map { labels($0) }
        for first in stride(from: Int64(1), through: frames, by: 20) {
            var request = RemoteWrite()
            for number in 0..<seriesCount {
                request.add(
                    labels: series[number],
                    samples: (first..<min(first + 20, frames + 1)).map {
                        (start + $0 * RangeRun.interval, value(number, $0))
                    })
            }
            try request.send(port: contender.port)
        }
        return try RangeRun.queries.map { query in
            let path =
                "/api/v1/query_range?query=\(HTTP.escaped(query))&start=\(Double(start) / 1000)"
                + "&end=\(Double(start + RangeRun.day) / 1000)&step=60"
            var best = Cost(wall: .infinity, cpu: .infinity)
            for _ in 0..<5 {
                let (clock, cpu) = (ContinuousClock.now, contender.cpu)
                _ = try HTTP.get(path, port: contender.port)
                best.wall = min(best.wall, (ContinuousClock.now - clock) / .milliseconds(1))
                best.cpu = min(best.cpu, (contender.cpu - cpu) * 1e3)
            }
            return best
        }
    }
}
