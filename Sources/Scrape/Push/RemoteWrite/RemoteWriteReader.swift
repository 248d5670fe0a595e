import Exposition
import Foundation
import Model
import Store
import SwiftProtobuf
import WireFormats

/// Reads requests of remote write, one series after the other: never all of a message is made into
/// objects, and each series' parts are counted before they are.
public struct RemoteWriteReader {
    private let limits: WriteLimits
    private let version: RemoteWriteVersion
    private let message: [UInt8]
    private var written = WrittenBatch()
    private var places: [Labels: Int] = [:]
    private var symbols: SymbolTable
    /// Samples, histograms and exemplars so far, those of refused series and series without any too.
    private var counted = 0
    /// The bytes of all labels that references name.
    private var expanded = 0

    /// What an uncompressed message holds. Series that cannot be taken are among the refusals; the
    /// message as a whole is refused where it is no protobuf or over a limit.
    public static func read(
        _ message: [UInt8], _ version: RemoteWriteVersion, limits: WriteLimits
    ) throws(WriteFailure) -> WrittenBatch {
        var reader = RemoteWriteReader(message, version, limits)
        switch version {
        case .v1: try reader.readFirst()
        case .v2: try reader.readSecond()
        }
        return reader.written
    }

    private init(_ message: [UInt8], _ version: RemoteWriteVersion, _ limits: WriteLimits) {
        self.message = message
        self.version = version
        self.limits = limits
        symbols = SymbolTable(message)
    }

    // MARK: The two messages

    private mutating func readFirst() throws(WriteFailure) {
        var fields = ProtobufFields(message, 0..<message.count)
        while let field = try fields.next() {
            guard let content = field.content else { continue }
            switch field.number {
            case 1: try takeSeries(content)
            case 3: try takeMetadata(content)
            default: break
            }
        }
    }

    /// The table may stand behind what refers to it.
    private mutating func readSecond() throws(WriteFailure) {
        var fields = ProtobufFields(message, 0..<message.count)
        while let field = try fields.next() {
            if field.number == 4, let content = field.content { symbols.append(content) }
        }
        fields = ProtobufFields(message, 0..<message.count)
        while let field = try fields.next() {
            if field.number == 5, let content = field.content { try takeSymbolSeries(content) }
        }
    }

    private mutating func takeMetadata(_ content: Range<Int>) throws(WriteFailure) {
        let metadata: WrittenFamilyMetadata = try decoded(content)
        let (family, help) = (WireText(metadata.family), WireText(metadata.help))
        let unit = WireText(metadata.unit)
        guard family.isValid, help.isValid, unit.isValid else { return }
        describe(
            family.text,
            MetricMetadata(
                type: MetricType(metadata.kind), help: help.text, unit: unit.text))
    }

    private mutating func describe(_ family: String, _ metadata: MetricMetadata) {
        if family.isEmpty || metadata == MetricMetadata() { return }
        let known = written.batch.metadata
        // One more than is kept, so that who keeps it sees that there are too many.
        if known[family] == nil, known.count > limits.metadata { return }
        written.batch.metadata[family] = metadata
    }

    // MARK: Series

    private mutating func takeSeries(_ content: Range<Int>) throws(WriteFailure) {
        let parts = try count(content, histograms: 4, exemplars: 3)
        let labels = try ProtobufFields.count([1], in: message, content)
        if !isAllowed(parts, labels: labels) { return }
        let series: WrittenSeries = try decoded(content)
        let sent = series.labels.map {
            WireLabel(name: WireText($0.name), value: WireText($0.value))
        }
        guard let place = try place(sent, samples: parts.samples) else { return }
        take(series.samples, series.histograms, place)
        for exemplar in series.exemplars {
            let labels = exemplar.labels.map {
                WireLabel(name: WireText($0.name), value: WireText($0.value))
            }
            take(labels, exemplar.value, exemplar.timestamp, place)
        }
    }

    private mutating func takeSymbolSeries(_ content: Range<Int>) throws(WriteFailure) {
        let parts = try count(content, histograms: 3, exemplars: 4)
        if !isAllowed(parts, labels: 0) { return }
        let series: WrittenSymbolSeries = try decoded(content)
        if !isAllowed(parts, labels: series.labels.count / 2) { return }
        try check(expanding: series)
        let (sent, metadata): ([WireLabel], MetricMetadata)
        do throws(SymbolError) { sent = try symbols.labels(series.labels) } catch {
            refuse(.invalidLabels, "labels", series, error, samples: parts.samples)
            return
        }
        do throws(SymbolError) { metadata = try self.metadata(series.metadata) } catch {
            refuse(.malformed, "metadata", series, error, samples: parts.samples)
            return
        }
        guard let place = try place(sent, metadata, samples: parts.samples) else { return }
        if parts.samples == 0 {
            let labels = written.batch.series[place]
            written.refusals.add(
                .malformed, samples: 0,
                "TimeSeries must contain at least one sample or histogram for series "
                    + WriteRefusals.shown(labels))
            return
        }
        take(series.samples, series.histograms, place)
        take(series.exemplars, place)
        let name = written.batch.series[place].metricName
        describe(MetricFamilyName.of(name, type: metadata.type), metadata)
    }

    /// What references name may not become more than could have been sent without a table.
    private mutating func check(expanding series: WrittenSymbolSeries) throws(WriteFailure) {
        expanded += symbols.size(series.labels)
        for exemplar in series.exemplars { expanded += symbols.size(exemplar.labels) }
        if expanded > limits.bodySize {
            throw .tooLarge(
                "the labels of the request, written out, are larger than the limit "
                    + "push.max_body_size (\(limits.bodySize) bytes): send smaller requests")
        }
    }

    private mutating func metadata(
        _ sent: WrittenSymbolMetadata
    ) throws(SymbolError) -> MetricMetadata {
        let unit = try symbols.text(sent.unit, of: "unit_ref")
        let help = try symbols.text(sent.help, of: "help_ref")
        return MetricMetadata(type: MetricType(sent.kind), help: help, unit: unit)
    }

    private mutating func take(_ exemplars: [WrittenSymbolExemplar], _ place: Int) {
        for exemplar in exemplars {
            do throws(SymbolError) {
                take(
                    try symbols.labels(exemplar.labels), exemplar.value, exemplar.timestamp, place)
            } catch {
                let labels = written.batch.series[place]
                written.refusals.add(
                    .malformed, samples: 0,
                    "parsing exemplar for series \(WriteRefusals.shown(labels)): \(error.text)")
            }
        }
    }

    private mutating func refuse(
        _ reason: WriteRefusals.Reason, _ part: String, _ series: WrittenSymbolSeries,
        _ error: SymbolError, samples: Int
    ) {
        written.refusals.add(
            reason, samples: samples,
            "parsing \(part) for series \(SymbolTable.shown(series.labels)): \(error.text)")
    }

    // MARK: What a series is made of

    /// What is in a series' message, before any of it is made.
    private struct Parts {
        /// Samples and histograms.
        var samples = 0
        /// The most spans of a histogram.
        var spans = 0
        /// The most labels of an exemplar, of 1.0.
        var exemplarLabels = 0
    }

    private mutating func count(
        _ content: Range<Int>, histograms: Int, exemplars: Int
    ) throws(WriteFailure) -> Parts {
        var parts = Parts()
        var fields = ProtobufFields(message, content)
        while let field = try fields.next() {
            guard let content = field.content else { continue }
            switch field.number {
            case 2: parts.samples += 1
            case histograms:
                parts.samples += 1
                let spans = try ProtobufFields.count([8, 11], in: message, content)
                parts.spans = max(parts.spans, spans)
            case exemplars:
                counted += 1
                guard version == .v1 else { continue }
                let labels = try ProtobufFields.count([1], in: message, content)
                parts.exemplarLabels = max(parts.exemplarLabels, labels)
            default: break
            }
        }
        // A series without a sample costs as much as one with a sample.
        counted += max(1, parts.samples)
        try limits.check(samples: counted)
        return parts
    }

    private mutating func isAllowed(_ parts: Parts, labels: Int) -> Bool {
        let most = max(labels, parts.exemplarLabels)
        if most > limits.labels {
            let rules = limits.rules
            written.refusals.add(
                .labelLimit, samples: parts.samples, rules.tooManyLabels("", most))
            return false
        }
        if parts.spans > 2 * limits.buckets {
            let text = tooManyBuckets
            written.refusals.add(.invalidHistogram, samples: parts.samples, text)
            return false
        }
        return true
    }

    private var tooManyBuckets: String {
        "a native histogram has more buckets or spans than the limit "
            + "push.max_buckets_per_histogram (\(limits.buckets))"
    }

    /// The place of a series in the batch; nil, and a refusal, where its labels cannot be stored.
    private mutating func place(
        _ sent: [WireLabel], _ metadata: MetricMetadata? = nil, samples: Int
    ) throws(WriteFailure) -> Int? {
        guard var labels = allowed(sent, samples: samples) else { return nil }
        if let metadata, limits.rules.addsTypeAndUnitLabels {
            let family = MetricFamilyName.of(labels.metricName, type: metadata.type)
            labels = Labels(limits.rules.typed(labels.sorted, [family: metadata]))
        }
        if let known = places[labels] { return known }
        try limits.check(series: places.count + 1)
        let place = written.batch.series.count
        written.batch.series.append(labels)
        places[labels] = place
        return place
    }

    private mutating func allowed(_ sent: [WireLabel], samples: Int) -> Labels? {
        let labels = Labels(sent.map(\.label))
        let hasName = sent.contains { $0.name.text == Labels.name }
        guard hasName, sent.allSatisfy(\.isValid) else {
            written.refusals.add(
                .invalidLabels, samples: samples,
                "invalid metric name or labels, got "
                    + WriteRefusals.shown(Labels(keepingEmpty: sent.map(\.label))))
            return nil
        }
        let names = sent.map(\.name.text).sorted { $0.byteOrder($1) < 0 }
        if let twice = zip(names, names.dropFirst()).first(where: { $0.bytesEqual($1) })?.0 {
            written.refusals.add(
                .invalidLabels, samples: samples,
                "invalid labels for series, labels \(WriteRefusals.shown(labels)), "
                    + "duplicated label \(twice.prefix(WriteRefusals.maximumShownLabels))")
            return nil
        }
        return labels
    }

    private mutating func take(
        _ samples: [WrittenSample], _ histograms: [WrittenHistogram], _ place: Int
    ) {
        for sample in samples {
            add(place, sample.timestamp, sample.value, start: sample.start)
        }
        for histogram in histograms {
            if histogram.isStale {
                add(place, histogram.timestamp, SampleValue.stale, start: 0)
                continue
            }
            do throws(HistogramError) {
                let buckets = histogram.largestSide
                if buckets > limits.buckets { throw HistogramError(tooManyBuckets) }
                add(
                    place, histogram.timestamp, SampleValue.histogram, try histogram.native(),
                    start: histogram.start)
            } catch {
                let labels = written.batch.series[place]
                written.refusals.add(
                    .invalidHistogram, samples: 1,
                    "\(error) for series \(WriteRefusals.shown(labels))")
            }
        }
    }

    private mutating func add(
        _ place: Int, _ time: Int64, _ value: Double, _ histogram: FloatHistogram? = nil,
        start: Int64
    ) {
        let isKnown = version == .v2 && start != 0
        written.batch.samples.append(
            SampleBatch.Sample(
                series: place, time: Timestamp(milliseconds: time), value: value,
                histogram: histogram,
                startTime: isKnown ? Timestamp(milliseconds: start) : nil))
    }

    /// An exemplar without a time has that of the last sample.
    private mutating func take(
        _ labels: [WireLabel], _ value: Double, _ time: Int64, _ place: Int
    ) {
        guard labels.allSatisfy({ $0.name.isValid && $0.value.isValid }) else { return }
        let last = written.batch.samples.last
        let sampled = last?.series == place ? last?.time : nil
        let taken = time != 0 ? Timestamp(milliseconds: time) : sampled
        written.batch.exemplars.append(
            (
                place,
                Exemplar(
                    labels: Labels(labels.map(\.label)), value: value,
                    time: taken ?? Timestamp(milliseconds: 0), hasTime: time != 0)
            ))
    }

    private func decoded<M: SwiftProtobuf.Message>(
        _ content: Range<Int>
    ) throws(WriteFailure) -> M {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        do {
            return try M(serializedBytes: Array(message[content]), options: options)
        } catch {
            throw .malformed("the request cannot be read as protobuf: \(error)")
        }
    }
}

extension WrittenHistogram {
    /// How many buckets, bounds or spans of buckets its larger side has.
    fileprivate var largestSide: Int {
        max(
            max(positiveDeltas.count, positiveCounts.count, positiveSpans.count),
            max(negativeDeltas.count, negativeCounts.count, negativeSpans.count),
            customBounds.count)
    }
}

extension MetricType {
    fileprivate init(_ kind: WrittenKind) {
        switch kind {
        case .counter: self = .counter
        case .gauge: self = .gauge
        case .histogram: self = .histogram
        case .gaugeHistogram: self = .gaugehistogram
        case .summary: self = .summary
        case .info: self = .info
        case .stateset: self = .stateset
        case .unknown, .UNRECOGNIZED: self = .untyped
        }
    }
}
