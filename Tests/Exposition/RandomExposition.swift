import Exposition
import Foundation
import Model
import TestSupport
import WireFormats

/// An exposition that changes a little from one scrape to the next.
struct RandomExposition: CustomStringConvertible {
    enum Format: CaseIterable {
        case text, openMetrics, protobuf

        var reader: any ExpositionReader {
            switch self {
            case .text: TextReader()
            case .openMetrics: OpenMetricsReader()
            case .protobuf: ProtobufReader()
            }
        }
    }

    enum Entry {
        case help(family: Int, text: Int)
        case type(family: Int, MetricType)
        case note(Int)
        case sample(family: Int, labels: Int, value: Int)
        case broken
    }

    let format: Format
    private(set) var entries: [Entry] = []

    init(format: Format) { self.format = format }

    private static let types: [MetricType] = [.counter, .gauge, .summary, .histogram]

    // MARK: Changes

    mutating func change(_ random: inout SeededRandom) {
        entries.removeAll { if case .broken = $0 { true } else { false } }
        for _ in 0..<random.below(6) {
            let place = random.below(entries.count + 1)
            switch random.below(5) {
            case 0, 1: insert(entry(&random), at: place)
            case 2 where place < entries.count: entries.remove(at: place)
            case 3 where place < entries.count:
                insert(entries.remove(at: place), at: random.below(entries.count + 1))
            case 4 where place < entries.count:
                entries.remove(at: place)
                insert(entry(&random), at: place)
            default: break
            }
        }
        if random.below(15) == 0 { entries.shuffle(using: &random) }
        if random.below(8) == 0 { entries.append(.broken) }
    }

    mutating func setValues(_ random: inout SeededRandom) {
        for (index, entry) in entries.enumerated() {
            guard case .sample(let family, let labels, _) = entry else { continue }
            entries[index] = .sample(
                family: family, labels: labels, value: random.below(1000))
        }
    }

    private func entry(_ random: inout SeededRandom) -> Entry {
        let family = random.below(4)
        switch random.below(8) {
        case 0: return .help(family: family, text: random.below(3))
        case 1: return .type(family: family, RandomExposition.types[random.below(4)])
        case 2: return .note(random.below(3))
        default: return .sample(family: family, labels: random.below(6), value: 0)
        }
    }

    /// A metric has one type and one help text.
    private mutating func insert(_ entry: Entry, at place: Int) {
        switch entry {
        case .help(let family, _) where helps["m\(family)"] != nil: return
        case .type(let family, _) where types["m\(family)"] != nil: return
        default: entries.insert(entry, at: min(place, entries.count))
        }
    }

    // MARK: What it says

    var types: [String: MetricType] {
        if format == .protobuf { return [:] }
        return entries.reduce(into: [:]) { types, entry in
            if case .type(let family, let type) = entry { types["m\(family)"] = type }
        }
    }

    var helps: [String: String] {
        if format == .protobuf { return [:] }
        return entries.reduce(into: [:]) { helps, entry in
            if case .help(let family, let text) = entry { helps["m\(family)"] = "Help \(text)." }
        }
    }

    var description: String {
        format == .protobuf ? "\(entries)" : String(decoding: body, as: UTF8.self)
    }

    var body: [UInt8] {
        switch format {
        case .text: Array(entries.map(line).joined().utf8)
        case .openMetrics: Array((entries.map(line).joined() + "# EOF\n").utf8)
        case .protobuf: entries.flatMap(message)
        }
    }

    private func line(_ entry: Entry) -> String {
        switch entry {
        case .help(let family, let text): "# HELP m\(family) Help \(text).\n"
        case .type(let family, let type): "# TYPE m\(family) \(type.rawValue)\n"
        case .note(let number) where format == .openMetrics: "# UNIT m_u\(number) u\(number)\n"
        case .note(0): "\n"
        case .note(let number): "# note \(number)\n"
        case .sample(let family, let labels, let value):
            switch labels {
            case 0: "m\(family) \(value)\n"
            case 1 where format == .text: "  m\(family) {a=\"c\"} \(value) 5\n"
            case 2: "m\(family){a=\"b\"} \(value) 6\n"
            case 3: "m\(family){a=\"\(String(repeating: "x", count: 300))\"} \(value)\n"
            default: "m\(family){a=\"b\",c=\"\(labels)\"} \(value)\n"
            }
        case .broken: "m{\n"
        }
    }

    private func message(_ entry: Entry) -> [UInt8] {
        switch entry {
        case .broken: return [200]
        case .help, .type, .note: return []
        case .sample(let family, let labels, let value):
            let message = ExposedFamily.with {
                $0.name = "m\(family)"
                $0.kind = [.counter, .gauge, .summary, .histogram][family]
                $0.help = "What it is."
                $0.metrics = [metric(labels, Double(value)), metric(labels + 1, Double(value + 1))]
            }
            // A message of plain fields is always written.
            return delimited((try? message.serializedBytes()) ?? [])
        }
    }

    private func metric(_ labels: Int, _ value: Double) -> ExposedMetric {
        ExposedMetric.with { metric in
            // Cut differently, the same letters are other labels.
            metric.labels = (0..<labels % 3).map { index in
                ExposedLabelPair.with {
                    $0.name = String("abcd".prefix(labels / 3 + 1 + index))
                    $0.value = String("abcd".dropFirst(labels / 3 + 1 + index))
                }
            }
            metric.counter.value = value
            metric.gauge.value = value
            metric.summary.count = UInt64(value)
            metric.summary.quantiles = [0.5, 0.9].map { quantile in
                ExposedQuantile.with {
                    $0.quantile = quantile
                    $0.value = value * quantile
                }
            }
            metric.histogram.count = UInt64(value)
            metric.histogram.buckets = [1, 2.5].map { bound in
                ExposedBucket.with {
                    $0.upperBound = bound
                    $0.count = UInt64(value)
                }
            }
        }
    }
}
