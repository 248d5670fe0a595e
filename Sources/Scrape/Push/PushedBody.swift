import Exposition
import Foundation
import Model

/// A pushed body, read: its metric families.
struct PushedBody: Sendable {
    var families: [PushedFamily] = []
    /// The hashes of the labels of each family's series.
    var series: [String: [Int]] = [:]
    /// A sample of each family as an error shows it.
    var samples: [String: String] = [:]
    /// What is wrong with its series, in Pushgateway's words.
    var faults: [String] = []
    private var seen: Set<Int> = []

    /// Reads a body that was pushed under the key. As in Pushgateway whatever does not name another
    /// format is text.
    init(
        _ bytes: [UInt8], contentType: String, key: GroupingKey, limits: PushLimits,
        at time: Timestamp
    ) throws(ExpositionError) {
        let format = try ExpositionFormat.of(
            contentType: contentType.isEmpty ? "text/plain" : contentType,
            fallback: ScrapeOutcome.textProtocol)
        var left = limits.settings.maximumSeriesPerGroup
        for piece in format.reader is ProtobufReader ? try ProtobufReader.split(bytes) : [bytes] {
            var samples = PushedSamples(
                key, limits, histograms: HistogramPolicy(readsNative: true, keepsClassic: true))
            var lines = LineTable()
            try format.reader.read(piece, lines: &lines, into: &samples)
            left -= samples.series.count
            if left < 0 { throw ExpositionError(limits.tooManySeriesInGroup) }
            if samples.hasTimestamps { faults = [PushedBody.timestampFault] }
            add(samples, native: samples.native.isEmpty ? nil : piece, time)
        }
        families.sort { $0.name.byteOrder($1.name) < 0 }
    }

    static let timestampFault = "pushed metrics must not have timestamps"
    /// So many faults are named.
    private static let shownFaults = 10

    private mutating func add(_ samples: PushedSamples, native: [UInt8]?, _ time: Timestamp) {
        var writers: [String: ExpositionWriter] = [:]
        let lines = samples.values.map { ($0.series, Optional($0.value)) }
        for (number, value) in lines + samples.native.map({ ($0.series, nil) }) {
            let labels = samples.series[number]
            let name = samples.family(of: labels)
            let metadata = samples.metadata[name] ?? MetricMetadata()
            if writers[name] == nil {
                writers[name] = ExpositionWriter()
                writers[name]?.family(name, PushedBody.textType(metadata.type), help: metadata.help)
            }
            if let value { writers[name]?.sample(labels.metricName, labels.droppingName, value) }
            let shown = { PushedBody.shown(labels, value, metadata.type) }
            if self.samples[name] == nil { self.samples[name] = shown() }
            if seen.insert(labels.hashValue).inserted {
                series[name, default: []].append(labels.hashValue)
            } else if faults.count < PushedBody.shownFaults {
                faults.append(
                    "collected metric \(name.goQuoted) { \(shown()) } was collected before with the "
                        + "same name and label values")
            }
        }
        for (name, writer) in writers where !PushedBody.isReserved(name) {
            let metadata = samples.metadata[name] ?? MetricMetadata()
            let text = String(decoding: writer.bytes, as: UTF8.self)
            families.append(
                PushedFamily(
                    name: name, type: PushedBody.textType(metadata.type), help: metadata.help,
                    time: time, content: native.map { .protobuf(Data($0)) } ?? .text(text)))
        }
        for name in series.keys where PushedBody.isReserved(name) { series[name] = nil }
    }

    /// What we say of a group ourselves takes the place of what is pushed under the name.
    private static func isReserved(_ name: String) -> Bool {
        name.bytesEqual(PushedGroup.timeNames.push)
            || name.bytesEqual(PushedGroup.timeNames.failure)
    }

    /// The type in the text format.
    private static func textType(_ type: MetricType) -> MetricType {
        switch type {
        case .info, .stateset: .gauge
        case .gaugehistogram: .histogram
        default: type
        }
    }

    /// A sample as Pushgateway's errors show it.
    private static func shown(_ labels: Labels, _ value: Double?, _ type: MetricType) -> String {
        var pairs = labels.droppingName.sorted
        if labels["instance"] == nil { pairs.append(Label("instance", "")) }
        let shown = pairs.sorted { $0.name < $1.name }.map {
            "label:<name:\($0.name.goQuoted) value:\($0.value.goQuoted) >"
        }
        let kind = textType(type).rawValue
        let number = value.map { "value:\(GoFloat.general($0)) " } ?? ""
        return (shown + ["\(kind):<\(number)>"]).joined(separator: " ")
    }
}
