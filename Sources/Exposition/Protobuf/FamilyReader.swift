import Model
import WireFormats

/// Tells a sink what one metric family holds.
struct FamilyReader {
    private let family: ExposedFamily
    private let type: MetricType
    private let isHistogram: Bool

    init(_ family: ExposedFamily) throws(ExpositionError) {
        guard !family.name.isEmpty || family.metrics.isEmpty else {
            throw ExpositionError("invalid metric name: ")
        }
        self.family = family
        isHistogram = family.kind == .histogram || family.kind == .gaugeHistogram
        switch family.kind {
        case .counter: type = .counter
        case .gauge: type = .gauge
        case .summary: type = .summary
        case .untyped: type = .untyped
        case .histogram: type = .histogram
        case .gaugeHistogram: type = .gaugehistogram
        case .UNRECOGNIZED(let number):
            throw ExpositionError(
                "unknown metric type for metric \(family.name.goQuoted): \(number)")
        }
    }

    func read<Sink: SampleSink>(
        _ lines: inout LineTable, into sink: inout Sink
    ) throws(ExpositionError) {
        // As in Prometheus, a family without metrics says nothing.
        if family.metrics.isEmpty { return }
        sink.describe(family.name, .help(family.help))
        sink.describe(family.name, .type(type))
        if !family.unit.isEmpty { sink.describe(family.name, .unit(family.unit)) }
        for metric in family.metrics {
            var writer = SeriesWriter(family.name, metric)
            if isHistogram {
                try readHistogram(metric, &writer, &lines, &sink)
            } else if family.kind == .summary {
                try readSummary(metric.summary, &writer, &lines, &sink)
            } else {
                let exemplar = metric.counter.hasExemplar ? metric.counter.exemplar : nil
                try writer.write("", nil, value(metric), exemplar: exemplar, &lines, &sink)
            }
        }
    }

    private func value(_ metric: ExposedMetric) -> Double {
        switch family.kind {
        case .counter: metric.counter.value
        case .gauge: metric.gauge.value
        default: metric.untyped.value
        }
    }

    private func readSummary<Sink: SampleSink>(
        _ summary: ExposedSummary, _ writer: inout SeriesWriter, _ lines: inout LineTable,
        _ sink: inout Sink
    ) throws(ExpositionError) {
        try writer.write("_count", nil, Double(summary.count), &lines, &sink)
        try writer.write("_sum", nil, summary.sum, &lines, &sink)
        for quantile in summary.quantiles {
            try writer.write(
                "", Label("quantile", GoFloat.openMetrics(quantile.quantile)), quantile.value,
                &lines,
                &sink)
        }
    }

    private func readHistogram<Sink: SampleSink>(
        _ metric: ExposedMetric, _ writer: inout SeriesWriter, _ lines: inout LineTable,
        _ sink: inout Sink
    ) throws(ExpositionError) {
        let histogram = metric.histogram
        let isNative = sink.histograms.readsNative && histogram.isNative
        if isNative {
            let sample: FloatHistogram
            do throws(HistogramError) {
                sample = try histogram.native(isGauge: family.kind == .gaugeHistogram)
            } catch {
                throw ExpositionError("histogram \(family.name.goQuoted): \(error)")
            }
            try writer.write(sample, histogram.nativeExemplars, &lines, &sink)
            if !sink.histograms.keepsClassic || histogram.buckets.isEmpty { return }
        }
        try readClassic(histogram, &writer, &lines, &sink)
    }

    private func readClassic<Sink: SampleSink>(
        _ histogram: ExposedHistogram, _ writer: inout SeriesWriter, _ lines: inout LineTable,
        _ sink: inout Sink
    ) throws(ExpositionError) {
        let count = histogram.observations
        try writer.write("_count", nil, count, &lines, &sink)
        try writer.write("_sum", nil, histogram.sum, &lines, &sink)
        for bucket in histogram.buckets {
            let bound = Label("le", GoFloat.openMetrics(bucket.upperBound))
            let exemplar = bucket.hasExemplar ? bucket.exemplar : nil
            try writer.write(
                "_bucket", bound, bucket.observations, exemplar: exemplar, &lines, &sink)
            // What stands behind the last bucket is not looked at, as in Prometheus.
            if bucket.upperBound == .infinity { return }
        }
        try writer.write("_bucket", Label("le", "+Inf"), count, &lines, &sink)
    }
}

/// Writes the samples of one metric.
struct SeriesWriter {
    private let metric: ExposedMetric
    private let name: String
    /// What identifies the metric's labels, without its name.
    private let key: [UInt8]
    private let timestamp: Timestamp?
    private let start: Timestamp?

    init(_ name: String, _ metric: ExposedMetric) {
        self.metric = metric
        self.name = name
        timestamp =
            metric.timestampMs == 0 ? nil : Timestamp(milliseconds: metric.timestampMs)
        start = metric.start
        key = metric.labels.reduce(into: []) { key, label in
            SeriesWriter.append(label.name, to: &key)
            SeriesWriter.append(label.value, to: &key)
        }
    }

    /// Behind every part of a key: no text in UTF-8 has this byte.
    private static let separator: UInt8 = 0xff

    private static func append(_ text: String, to key: inout [UInt8]) {
        key.append(contentsOf: text.utf8)
        key.append(separator)
    }

    /// A plain sample of the series `NAME + suffix` with one more label.
    mutating func write<Sink: SampleSink>(
        _ suffix: String, _ extra: Label?, _ value: Double, exemplar: ExposedExemplar? = nil,
        _ lines: inout LineTable, _ sink: inout Sink
    ) throws(ExpositionError) {
        guard let series = try series(name + suffix, extra, isHistogram: false, &lines, &sink)
        else {
            return
        }
        let plain = value.isNaN ? SampleValue.nan : value
        let sample = ReadSample(series: series, value: plain, timestamp: timestamp)
        sink.take([sample])
        takeStart(ofSeries: series, &sink)
        if sink.wantsExemplars, let exemplar { sink.take(read(exemplar, of: sample)) }
    }

    /// The metric's native histogram.
    mutating func write<Sink: SampleSink>(
        _ histogram: FloatHistogram, _ exemplars: [ExposedExemplar], _ lines: inout LineTable,
        _ sink: inout Sink
    ) throws(ExpositionError) {
        guard let series = try series(name, nil, isHistogram: true, &lines, &sink) else { return }
        try sink.take(
            ReadHistogram(series: series, histogram: histogram, timestamp: timestamp))
        takeStart(ofSeries: series, &sink)
        guard sink.wantsExemplars else { return }
        let sample = ReadSample(
            series: series, value: SampleValue.histogram, timestamp: timestamp)
        for exemplar in exemplars { sink.take(read(exemplar, of: sample)) }
    }

    private func takeStart<Sink: SampleSink>(ofSeries series: Int, _ sink: inout Sink) {
        if let start, sink.wantsStartTimes { sink.take(start: start, ofSeries: series) }
    }

    private func read(_ exemplar: ExposedExemplar, of sample: ReadSample) -> ReadExemplar {
        let labels = Labels(exemplar.labels.map { Label($0.name, $0.value) })
        return ReadExemplar(
            sample: sample,
            exemplar: Exemplar(
                labels: labels, value: exemplar.value,
                time: exemplar.hasTimestamp
                    ? Timestamp(exemplar.timestamp) : Timestamp(milliseconds: 0),
                hasTime: exemplar.hasTimestamp))
    }

    private func series<Sink: SampleSink>(
        _ name: String, _ extra: Label?, isHistogram: Bool, _ lines: inout LineTable,
        _ sink: inout Sink
    ) throws(ExpositionError) -> Int? {
        var key = key
        SeriesWriter.append(name, to: &key)
        if let extra { SeriesWriter.append(extra.value, to: &key) }
        if let known = lines.series(key) { return known }
        try sink.admit(labelCount: metric.labels.count + (extra == nil ? 1 : 2))
        var labels = metric.labels.map { Label($0.name, $0.value) }
        labels.append(Label(Labels.name, name))
        if let extra { labels.append(extra) }
        guard let new = try sink.add(series: labels) else { return nil }
        lines.learn(key, series: new)
        return new
    }
}
