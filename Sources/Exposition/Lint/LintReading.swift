import Model

/// Reads an exposition into metric families for the linter.
enum LintReading {
    static func families(
        in body: [UInt8], format: ExpositionFormat
    ) throws(ExpositionError) -> LintFamilies {
        switch format.reader {
        case is TextReader: try text(body.span)
        case is OpenMetricsReader: try openMetrics(body.span)
        default: try other(body, format)
        }
    }

    // MARK: The text format

    /// Beyond what a scrape asks, metadata is said once and before the samples, and the last line ends.
    private static func text(_ bytes: Span<UInt8>) throws(ExpositionError) -> LintFamilies {
        var families = LintFamilies()
        var cursor = TextCursor()
        while let entry = try cursor.next(in: bytes) {
            let line = cursor.line - 1
            switch entry {
            case .sample: families.add(series: try cursor.exposedLabels(in: bytes))
            case .type(let metric, let type):
                let name = cursor.metric(metric, in: bytes)
                try families.change(name) { (family) throws(ExpositionError) in
                    if family.type != nil {
                        throw ExpositionError(
                            line: line,
                            "second TYPE line for metric name \(name.goQuoted), or TYPE reported "
                                + "after samples")
                    }
                    family.type = type
                }
            case .help(let metric, let text):
                let name = cursor.metric(metric, in: bytes)
                try families.change(name) { (family) throws(ExpositionError) in
                    if text.isEmpty { return }
                    if family.help != nil {
                        throw ExpositionError(
                            line: line, "second HELP line for metric name \(name.goQuoted)")
                    }
                    family.help = TextCursor.help(text, in: bytes)
                }
            case .unit, .comment: break
            }
        }
        if !bytes.isEmpty, bytes[bytes.count - 1] != Byte.newline {
            // The end counts as the end of a line.
            throw ExpositionError(line: cursor.line - 1, "unexpected end of input stream")
        }
        return families
    }

    // MARK: OpenMetrics

    /// Families get the names that they have in the text format: there the rules were made.
    private static func openMetrics(
        _ bytes: Span<UInt8>
    ) throws(ExpositionError) -> LintFamilies {
        var families = LintFamilies()
        var metadata: [String: MetricMetadata] = [:]
        var cursor = OpenMetricsCursor()
        while let entry = try cursor.next(in: bytes) {
            switch entry {
            case .sample:
                add(try cursor.exposedLabels(in: bytes), metadata, to: &families)
            case .type(let metric, let type):
                metadata[cursor.metric(metric, in: bytes), default: MetricMetadata()].type = type
            case .help(let metric, let text):
                metadata[cursor.metric(metric, in: bytes), default: MetricMetadata()].help =
                    OpenMetricsCursor.help(text, in: bytes)
            case .unit, .comment: break
            }
        }
        return families
    }

    private static func add(
        _ exposed: [Label], _ metadata: [String: MetricMetadata], to families: inout LintFamilies
    ) {
        guard let series = exposed.first(where: { $0.name == Labels.name })?.value else { return }
        let found = MetricFamilyName.of(series, in: metadata)
        if found?.suffix == "_created" { return }
        let keepsSuffix = found?.suffix == "_total" || found?.suffix == "_info"
        let name = keepsSuffix ? series : found?.name ?? series
        families.change(name) { family in
            family.type = family.type ?? textType(found?.metadata.type ?? .untyped)
            if let help = found?.metadata.help, !help.isEmpty { family.help = help }
            family.add(exposed.filter { $0.name != Labels.name })
        }
    }

    private static func textType(_ type: MetricType) -> MetricType {
        type == .info || type == .stateset ? .gauge : type
    }

    // MARK: Others

    private static func other(
        _ body: [UInt8], _ format: ExpositionFormat
    ) throws(ExpositionError) -> LintFamilies {
        var sink = LintSink()
        var lines = LineTable()
        try format.reader.read(body, lines: &lines, into: &sink)
        return sink.families
    }
}

/// Takes the series of a reader that has no lines.
private struct LintSink: SampleSink {
    var families = LintFamilies()

    var histograms: HistogramPolicy { HistogramPolicy(readsNative: false, keepsClassic: true) }

    func admit(labelCount: Int) throws(ExpositionError) {}

    mutating func add(series labels: [Label]) throws(ExpositionError) -> Int? {
        families.add(series: labels)
        // Not remembered, so that one that is repeated comes again.
        return nil
    }

    mutating func take(_ samples: [ReadSample]) {}

    mutating func take(_ sample: ReadHistogram) throws(ExpositionError) {}

    mutating func describe(_ metric: String, _ statement: MetadataStatement) {
        families.change(metric) { family in
            switch statement {
            case .type(let type): family.type = type
            case .help(let help): family.help = help.isEmpty ? family.help : help
            case .unit: break
            }
        }
    }
}
