import Model
import Scrape
import Store
import TestSupport
import Testing

/// Random expositions in which lines have times of their own or none, against what Prometheus's scrape
/// loop appends for them: one sample after the other, then the staleness markers.
@Suite struct TimestampedScrapeTests {
    /// The samples and markers of each series, as Prometheus would have stored them.
    private struct Prometheus {
        private(set) var series: [String: [(time: Int64, value: Double)]] = [:]
        private var tracked: Set<String> = []

        mutating func scrape(
            _ lines: [(name: String, time: Int64?, value: Double)], at now: Int64, tracks: Bool
        ) {
            var seen: Set<String> = []
            var current: Set<String> = []
            for line in lines {
                let isRepeated = !seen.insert(line.name).inserted
                if isRepeated && line.time == nil { continue }
                let isNew = append(line.time ?? now, line.value, to: line.name)
                if (line.time == nil || tracks) && isNew { current.insert(line.name) }
            }
            for name in tracked.subtracting(current) { append(now, SampleValue.stale, to: name) }
            tracked = current
        }

        /// Whether the sample is there afterwards.
        @discardableResult
        private mutating func append(_ time: Int64, _ value: Double, to name: String) -> Bool {
            guard let last = series[name]?.last, time <= last.time else {
                series[name, default: []].append((time, value))
                return true
            }
            return time == last.time && value.bitPattern == last.value.bitPattern
        }

        func window(_ name: String, from: Int64, through: Int64) -> [String] {
            (series[name] ?? []).filter {
                $0.time > from && $0.time <= through && !SampleValue.isStale($0.value)
            }.map { "\($0.time)=\($0.value)" }
        }

        func instant(at time: Int64) -> [String: Double] {
            series.compactMapValues { samples in
                guard let last = samples.last(where: { $0.time <= time }),
                    last.time > time - 300_000, !SampleValue.isStale(last.value)
                else { return nil }
                return last.value
            }
        }
    }

    @Test(arguments: 0..<100) func randomExpositionsAreStoredAsPrometheusDoes(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let tracks = seed % 2 == 0
        var options = StoreOptions()
        options.retention = .minutes(20)
        let store = Store(options)
        var rules = SampleRules()
        rules.trackTimestampsStaleness = tracks
        var scraper = TargetScraper(store: store, axisKey: "t", labels: .empty, rules: rules)
        var prometheus = Prometheus()
        let names = (0..<12).map { "s\($0)" }
        // Some keep to a kind of line, some change.
        for step in 0..<60 {
            let now = 1_000_000 + Int64(step) * 15_000
            var lines: [(name: String, time: Int64?, value: Double)] = []
            for (number, name) in names.enumerated() where Int.random(in: 0..<4, using: &random) > 0
            {
                for _ in 0..<(Int.random(in: 0..<12, using: &random) == 0 ? 2 : 1) {
                    let hasTime =
                        number % 3 == 0
                        || number % 3 == 1 && Int.random(in: 0..<3, using: &random) == 0
                    let age = Int64(
                        [500, 7_000, 15_000, -3_000, 0].randomElement(using: &random) ?? 0)
                    lines.append(
                        (
                            name, hasTime ? now - age : nil,
                            Double(Int.random(in: 0..<4, using: &random))
                        ))
                }
            }
            if Int.random(in: 0..<10, using: &random) == 0 {
                _ = scraper.ingest(
                    .failure("refused"), at: Timestamp(milliseconds: now), duration: 0)
                prometheus.scrape([], at: now, tracks: tracks)
            } else {
                let text = lines.map { line in
                    "\(line.name) \(line.value)" + (line.time.map { " \($0)" } ?? "") + "\n"
                }.joined()
                _ = scraper.ingest(
                    .body(Array(text.utf8)), at: Timestamp(milliseconds: now), duration: 0)
                prometheus.scrape(lines, at: now, tracks: tracks)
            }
            compare(
                store, prometheus, names, at: now - Int64.random(in: -4000...40_000, using: &random)
            )
        }
    }

    private func compare(
        _ store: Store, _ prometheus: Prometheus, _ names: [String], at time: Int64
    ) {
        let at = Timestamp(milliseconds: time)
        let expected = prometheus.instant(at: time)
        let found = store.samples(at: at)
        for name in names {
            #expect(found[name] == expected[name], "\(name) at \(time)")
            let selection = store.select([.equal("__name__", name)])
            var texts: [String] = []
            selection.forEachWindow(from: at - .minutes(4), through: at, pin: store.pin()) {
                (_: Int, samples: borrowing WindowSamples) in
                for index in 0..<samples.count {
                    texts.append("\(samples.timestamps[index])=\(samples.values[index])")
                }
            }
            #expect(texts == prometheus.window(name, from: time - 240_000, through: time))
        }
    }
}
