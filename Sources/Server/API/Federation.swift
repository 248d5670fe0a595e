import Exposition
import Model
import PromQL
import Store

/// `/federate`: the newest samples of the series that `match[]` selects, for another Prometheus to
/// scrape.
struct Federation: Sendable {
    let service: QueryService
    let clock: any PipelineClock
    let externalLabels: @Sendable () -> Labels

    /// As Prometheus answers those that ask for no other format.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

    private struct Sample {
        var labels: Labels
        var time: Int64
        var value: Double
        var histogram: FloatHistogram?
    }

    /// The exposition. A selector that is none throws; so does one that could match everything.
    func exposition(_ parameters: Parameters) async throws -> Answer {
        var selectors: [[Matcher]] = []
        for text in parameters.all("match[]") {
            selectors.append(try Parameters.selector(text))
        }
        let (sets, now, external) = (selectors, clock.now, externalLabels())
        let (store, lookback) = (service.engine.store, service.engine.options.lookback)
        let memory = service.reservation()
        return try await service.work {
            let samples = try Federation.newest(
                sets, in: store, at: now, lookback: lookback, memory)
            return try Answer(estimate: Federation.size(samples, external), memory) {
                Federation.write(samples, external)
            }
        }
    }

    /// What a series takes while it is read, and its sample.
    private static let seriesBytes = 256 + 2 * MemoryLayout<Sample>.stride
    /// What a line has beside the labels, and how many lines a sample has at most, each behind another.
    private static let lineBytes = 96

    private static func size(_ samples: [Sample], _ external: Labels) -> Int {
        let more = JSONSize.of(external)
        return samples.reduce(JSONSize.envelope) { size, sample in
            let line = lineBytes + 2 * JSONSize.of(sample.labels) + more
            return size + (sample.histogram == nil ? line : 3 * line)
        }
    }

    private static func newest(
        _ sets: [[Matcher]], in store: Store, at now: Timestamp, lookback: Milliseconds,
        _ memory: MemoryReservation
    ) throws(QueryError) -> [Sample] {
        var samples: [Labels: Sample] = [:]
        let pin = store.pin()
        for matchers in sets {
            let selection = store.select(matchers, isBound: false)
            _ = try selection.refresh { (count: Int) throws(QueryError) in
                try memory.take(count * seriesBytes)
            }
            var values: [Double] = []
            var timestamps: [Int64] = []
            var extras = ExtraColumns()
            selection.instant(
                at: now, lookback: lookback, pin: pin, values: &values, timestamps: &timestamps,
                extras: &extras)
            for (index, labels) in selection.labels.enumerated()
            where !SampleValue.isStale(values[index]) {
                samples[labels] = Sample(
                    labels: labels, time: timestamps[index], value: values[index],
                    histogram: extras.hasHistograms ? extras.histograms[index] : nil)
            }
        }
        return samples.values.sorted { a, b in
            let order = a.labels.metricName.byteOrder(b.labels.metricName)
            return order == 0 ? a.labels < b.labels : order < 0
        }
    }

    /// A series without a name cannot be written in the format.
    private static func write(_ samples: [Sample], _ external: Labels) -> [UInt8] {
        var writer = FederationWriter(external: external)
        for sample in samples where !sample.labels.metricName.isEmpty {
            if let histogram = sample.histogram {
                writer.histogram(sample.labels, histogram, at: sample.time)
            } else {
                writer.number(sample.labels, sample.value, at: sample.time)
            }
        }
        return writer.bytes
    }
}

/// Writes samples with their times, and with external labels where a series has no such label.
private struct FederationWriter {
    private(set) var bytes: [UInt8] = []
    private let external: [Label]
    private var family = ""
    private var isHistogram = false

    init(external: Labels) {
        // An empty instance keeps the scraper from putting our own in its place.
        let hasInstance = external["instance"] != nil
        self.external =
            (external.sorted + (hasInstance ? [] : [Label("instance", "")])).sorted()
    }

    mutating func number(_ labels: Labels, _ value: Double, at time: Int64) {
        begin(labels.metricName, histogram: false)
        line(labels.metricName, labels, [], value, time)
    }

    /// The format has no native histograms: what is left is count and sum.
    mutating func histogram(_ labels: Labels, _ histogram: FloatHistogram, at time: Int64) {
        let name = labels.metricName
        begin(name, histogram: true)
        line(name + "_bucket", labels, [Label("le", "+Inf")], histogram.count, time)
        line(name + "_sum", labels, [], histogram.sum, time)
        line(name + "_count", labels, [], histogram.count, time)
    }

    private mutating func begin(_ name: String, histogram: Bool) {
        if family.bytesEqual(name), isHistogram == histogram { return }
        (family, isHistogram) = (name, histogram)
        let shown = name.isLegacyMetricName ? name : quoted(name)
        bytes.append(
            contentsOf: "# TYPE \(shown) \(histogram ? "histogram" : "untyped")\n".utf8)
    }

    private mutating func line(
        _ name: String, _ labels: Labels, _ more: [Label], _ value: Double, _ time: Int64
    ) {
        var parts: [String] = []
        if name.isLegacyMetricName {
            bytes.append(contentsOf: name.utf8)
        } else {
            parts.append(quoted(name))
        }
        let own = labels.sorted.filter { !$0.name.bytesEqual(Labels.name) }
        let missing = external.filter { labels[$0.name] == nil }
        for label in own + missing + more {
            let shown = label.name.isLegacyLabelName ? label.name : quoted(label.name)
            parts.append("\(shown)=\(quoted(label.value))")
        }
        bytes.append(
            contentsOf: "{\(parts.joined(separator: ","))} \(GoFloat.general(value)) \(time)\n".utf8
        )
    }

    private func quoted(_ text: String) -> String {
        var out: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): out += Array(#"\\"#.utf8)
            case UInt8(ascii: "\n"): out += Array(#"\n"#.utf8)
            case UInt8(ascii: "\""): out += Array(#"\""#.utf8)
            default: out.append(byte)
            }
        }
        return String(decoding: out + [UInt8(ascii: "\"")], as: UTF8.self)
    }
}
