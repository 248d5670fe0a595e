import Compression
import Foundation
import Model
import SwiftProtobuf
import Transport
import WireFormats

extension ProcessorSnapshot {
    /// The request that hands it over to the daemon at `base`; nil where there is none: a text file.
    func request(_ output: ProcessorOutput, to base: String) throws -> HTTPRequest? {
        switch output {
        case .textfile: nil
        case .pushgateway: push(base)
        case .remoteWrite: try remoteWrite(base)
        case .otlp: try otlp(base)
        }
    }

    private func push(_ base: String) -> HTTPRequest {
        let job = "/job/" + ProcessorOutput.identity.value("job")
        let others = ProcessorOutput.identity.dropping("job").sorted
            .map { "/\($0.name)/\($0.value)" }.joined()
        return HTTPRequest(
            method: "PUT", url: base + "/metrics" + job + others,
            headers: [.init("Content-Type", "text/plain; version=0.0.4")],
            body: Array(families.text.utf8))
    }

    private static let protobuf = HTTPRequest.Header("Content-Type", "application/x-protobuf")

    private func remoteWrite(_ base: String) throws -> HTTPRequest {
        var request = WrittenRequest()
        request.series = families.flatMap(\.samples).map(written)
        request.metadata = families.map { family in
            var metadata = WrittenFamilyMetadata()
            metadata.family = Data(family.name.utf8)
            metadata.kind =
                switch family.kind {
                case .counter: .counter
                case .gauge: .gauge
                case .histogram: .histogram
                }
            return metadata
        }
        return HTTPRequest(
            method: "POST", url: base + "/api/v1/write",
            headers: [
                ProcessorSnapshot.protobuf, .init("Content-Encoding", "snappy"),
                .init("X-Prometheus-Remote-Write-Version", "0.1.0"),
            ], body: try Snappy.compress(request.serializedBytes()))
    }

    private func written(_ sample: MetricFamily.Sample) -> WrittenSeries {
        var series = WrittenSeries()
        let labels = sample.labels.merging(ProcessorOutput.identity)
            .setting(Labels.name, sample.name)
        series.labels = labels.sorted.map { label in
            var pair = WrittenLabelPair()
            pair.name = Data(label.name.utf8)
            pair.value = Data(label.value.utf8)
            return pair
        }
        var written = WrittenSample()
        written.value = sample.value
        written.timestamp = now.milliseconds
        series.samples = [written]
        return series
    }

    private func otlp(_ base: String) throws -> HTTPRequest {
        var scope = OTLPScopeMetrics()
        scope.metrics = families.map { OTLPMetric($0, start: start, now: now) }
        var resource = OTLPResourceMetrics()
        resource.resource.attributes = ProcessorOutput.identity.sorted.map { label in
            let name =
                switch label.name {
                case "job": "service.name"
                case "instance": "service.instance.id"
                default: label.name
                }
            return OTLPKeyValue(name, label.value)
        }
        resource.scopeMetrics = [scope]
        var request = OTLPExportRequest()
        request.resourceMetrics = [resource]
        return HTTPRequest(
            method: "POST", url: base + "/api/v1/otlp/v1/metrics",
            headers: [ProcessorSnapshot.protobuf], body: try request.serializedBytes())
    }
}

extension OTLPKeyValue {
    fileprivate init(_ key: String, _ value: String) {
        self.init()
        self.key = key
        self.value.stringValue = value
    }
}

extension OTLPMetric {
    /// The family under the name that OpenTelemetry would have for it: dots, and no suffix of its unit or
    /// type. The daemon adds them.
    fileprivate init(_ family: MetricFamily, start: Timestamp, now: Timestamp) {
        self.init()
        var base = family.name[...]
        switch family.kind {
        case .counter:
            if base.hasSuffix("_total") { base = base.dropLast("_total".count) }
            sum.isMonotonic = true
            sum.aggregationTemporality = .aggregationTemporalityCumulative
            sum.dataPoints = OTLPMetric.numbers(family, start, now)
        case .gauge:
            gauge.dataPoints = OTLPMetric.numbers(family, start, now)
        case .histogram:
            if base.hasSuffix("_seconds") {
                base = base.dropLast("_seconds".count)
                unit = "s"
            }
            histogram.aggregationTemporality = .aggregationTemporalityCumulative
            histogram.dataPoints = OTLPMetric.histograms(family, start, now)
        }
        name = String(base).replacing("_", with: ".")
    }

    private static func numbers(
        _ family: MetricFamily, _ start: Timestamp, _ now: Timestamp
    ) -> [OTLPNumberPoint] {
        family.points.compactMap { point in
            guard case .number(let value) = point.value else { return nil }
            var number = OTLPNumberPoint()
            number.startTimeUnixNano = start.nanoseconds
            number.timeUnixNano = now.nanoseconds
            number.asDouble = value
            number.attributes = point.labels.sorted.map { OTLPKeyValue($0.name, $0.value) }
            return number
        }
    }

    private static func histograms(
        _ family: MetricFamily, _ start: Timestamp, _ now: Timestamp
    ) -> [OTLPHistogramPoint] {
        family.points.compactMap { point in
            guard case .histogram(let histogram) = point.value else { return nil }
            var made = OTLPHistogramPoint()
            made.startTimeUnixNano = start.nanoseconds
            made.timeUnixNano = now.nanoseconds
            made.count = UInt64(clamping: Int64(histogram.count))
            made.sum = histogram.sum
            made.explicitBounds = histogram.bounds
            // Of each bucket alone.
            let counts = histogram.cumulativeCounts + [histogram.count]
            made.bucketCounts = zip(counts, [0] + counts).map { UInt64(max(0, $0 - $1)) }
            made.attributes = point.labels.sorted.map { OTLPKeyValue($0.name, $0.value) }
            return made
        }
    }
}

extension Timestamp {
    /// Since 1970, as OTLP counts.
    fileprivate var nanoseconds: UInt64 {
        UInt64(clamping: milliseconds.multipliedSaturating(1_000_000))
    }
}
