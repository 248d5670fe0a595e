import Model
import WireFormats

/// Tells a sink what one metric family holds.
struct FamilyReader {
    private let family: ExposedFamily
    private let type: MetricType
    private let isHistogram: Bool
    private let names: SeriesNames

    init(_ family: ExposedFamily) throws(ExpositionError) {
        guard !family.name.isEmpty || family.metrics.isEmpty else {
            throw ExpositionError("invalid metric name: ")
        }
        self.family = family
        isHistogram = family.kind == .histogram || family.kind == .gaugeHistogram
        names = SeriesNames(family.name, hasParts: isHistogram || family.kind == .summary)
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
            let writer = SeriesWriter(metric)
            if isHistogram {
                try readHistogram(metric, writer, &lines, &sink)
            } else if family.kind == .summary {
                try readSummary(metric.summary, writer, &lines, &sink)
            } else {
                let exemplar = metric.counter.hasExemplar ? metric.counter.exemplar : nil
                try writer.write(
                    names.plain, nil, value(metric), exemplar: exemplar, &lines, &sink)
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
        _ summary: ExposedSummary, _ writer: SeriesWriter, _ lines: inout LineTable,
        _ sink: inout Sink
    ) throws(ExpositionError) {
        try writer.write(names.count, nil, Double(summary.count), &lines, &sink)
        try writer.write(names.sum, nil, summary.sum, &lines, &sink)
        for quantile in summary.quantiles {
            let boundary = Boundary(name: "quantile", value: quantile.quantile)
            try writer.write(names.plain, boundary, quantile.value, &lines, &sink)
        }
    }

    private func readHistogram<Sink: SampleSink>(
        _ metric: ExposedMetric, _ writer: SeriesWriter, _ lines: inout LineTable,
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
            try writer.write(names.plain, sample, histogram.nativeExemplars, &lines, &sink)
            if !sink.histograms.keepsClassic || histogram.buckets.isEmpty { return }
        }
        try readClassic(histogram, writer, &lines, &sink)
    }

    private func readClassic<Sink: SampleSink>(
        _ histogram: ExposedHistogram, _ writer: SeriesWriter, _ lines: inout LineTable,
        _ sink: inout Sink
    ) throws(ExpositionError) {
        let count = histogram.observations
        try writer.write(names.count, nil, count, &lines, &sink)
        try writer.write(names.sum, nil, histogram.sum, &lines, &sink)
        for bucket in histogram.buckets {
            let bound = Boundary(name: "le", value: bucket.upperBound)
            let exemplar = bucket.hasExemplar ? bucket.exemplar : nil
            try writer.write(
                names.bucket, bound, bucket.observations, exemplar: exemplar, &lines, &sink)
            // What stands behind the last bucket is not looked at, as in Prometheus.
            if bucket.upperBound == .infinity { return }
        }
        let last = Boundary(name: "le", value: .infinity)
        try writer.write(names.bucket, last, count, &lines, &sink)
    }
}

/// The name of a series, and its hash.
private struct SeriesName {
    let text: String
    let key: LineKey

    init(_ text: String) {
        self.text = text
        key = LineHash.shared.key(text)
    }
}

/// The names of the series that a family's metrics are made of.
private struct SeriesNames {
    let plain: SeriesName
    let count: SeriesName
    let sum: SeriesName
    let bucket: SeriesName

    /// Where a metric is one series, all are the family's own name.
    init(_ family: String, hasParts: Bool) {
        plain = SeriesName(family)
        count = hasParts ? SeriesName(family + "_count") : plain
        sum = hasParts ? SeriesName(family + "_sum") : plain
        bucket = hasParts ? SeriesName(family + "_bucket") : plain
    }
}

/// The label that tells the parts of a summary or of a histogram apart.
private struct Boundary {
    let name: String
    let value: Double

    var label: Label { Label(name, GoFloat.openMetrics(value)) }
}

/// Writes the samples of one metric.
private struct SeriesWriter {
    private let metric: ExposedMetric
    /// Of the metric's labels, without its name.
    private let key: PartsKey
    private let timestamp: Timestamp?
    private let start: Timestamp?

    init(_ metric: ExposedMetric) {
        self.metric = metric
        timestamp =
            metric.timestampMs == 0 ? nil : Timestamp(milliseconds: metric.timestampMs)
        start = metric.start
        key = metric.labels.reduce(into: PartsKey()) { key, label in
            key.append(LineHash.shared.key(label.name))
            key.append(LineHash.shared.key(label.value))
        }
    }

    /// A plain sample of the series of that name with one more label.
    func write<Sink: SampleSink>(
        _ name: SeriesName, _ boundary: Boundary?, _ value: Double,
        exemplar: ExposedExemplar? = nil, _ lines: inout LineTable, _ sink: inout Sink
    ) throws(ExpositionError) {
        guard let series = try series(name, boundary, &lines, &sink) else { return }
        let plain = value.isNaN ? SampleValue.nan : value
        let sample = ReadSample(series: series, value: plain, timestamp: timestamp)
        sink.take([sample])
        takeStart(ofSeries: series, &sink)
        if sink.wantsExemplars, let exemplar { sink.take(read(exemplar, of: sample)) }
    }

    /// The metric's native histogram.
    func write<Sink: SampleSink>(
        _ name: SeriesName, _ histogram: FloatHistogram, _ exemplars: [ExposedExemplar],
        _ lines: inout LineTable, _ sink: inout Sink
    ) throws(ExpositionError) {
        guard let series = try series(name, nil, &lines, &sink) else { return }
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
        _ name: SeriesName, _ boundary: Boundary?, _ lines: inout LineTable, _ sink: inout Sink
    ) throws(ExpositionError) -> Int? {
        var parts = key
        parts.append(name.key)
        if let boundary { parts.append(boundary.value) }
        if let known = lines.series(parts.key) { return known }
        try sink.admit(labelCount: metric.labels.count + (boundary == nil ? 1 : 2))
        var labels = metric.labels.map { Label($0.name, $0.value) }
        labels.append(Label(Labels.name, name.text))
        if let boundary { labels.append(boundary.label) }
        guard let new = try sink.add(series: labels) else { return nil }
        lines.learn(parts.key, series: new)
        return new
    }
}
