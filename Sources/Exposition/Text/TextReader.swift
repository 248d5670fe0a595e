import Model

/// Reads the text format, versions 0.0.4 and 1.0.0.
///
/// Where the exposition looks as it did last time, names and labels are hashed and only numbers are
/// parsed. Where the order changed, a series is found by the hash of its bytes; only one that was never
/// seen has its labels parsed.
public struct TextReader: ExpositionReader {
    /// How many samples are given to the sink at a time.
    static let batchSize = 256

    /// The reader.
    public init() {}

    public func read<Sink: SampleSink>(
        _ body: [UInt8], lines: inout LineTable, into sink: inout Sink
    ) throws(ExpositionError) {
        try TextPass<TextCursor>.read(body, lines: &lines, into: &sink)
    }
}

/// One pass over an exposition of a format that has a cursor.
struct TextPass<Cursor: LineCursor> {
    private var cursor = Cursor()
    private var samples: [ReadSample] = []
    /// The exemplars of `samples`, where the sink wants them.
    private var exemplars: [ReadExemplar] = []
    private let wantsExemplars: Bool

    private init(wantsExemplars: Bool) {
        self.wantsExemplars = wantsExemplars
        samples.reserveCapacity(TextReader.batchSize)
    }

    /// Reads all of `body`, as `ExpositionReader.read` promises.
    ///
    /// Inlined into a reader, it knows the cursor; the hot loop would else call it through a table.
    @inline(__always)
    static func read<Sink: SampleSink>(
        _ body: [UInt8], lines: inout LineTable, into sink: inout Sink
    ) throws(ExpositionError) {
        var pass = TextPass(wantsExemplars: sink.wantsExemplars)
        do throws(ExpositionError) {
            while true {
                lines.advance(to: try pass.readKnown(body.span, lines))
                if pass.isFull {
                    pass.flush(into: &sink)
                } else if try !pass.readNext(body.span, &lines, into: &sink) {
                    break
                }
            }
        } catch {
            pass.flush(into: &sink)
            lines.end(isWhole: false)
            throw error
        }
        pass.flush(into: &sink)
        lines.end(isWhole: true)
    }

    var isFull: Bool { samples.count >= TextReader.batchSize }

    mutating func flush<Sink: SampleSink>(into sink: inout Sink) {
        if samples.isEmpty { return }
        sink.take(samples)
        samples.removeAll(keepingCapacity: true)
        if exemplars.isEmpty { return }
        for exemplar in exemplars { sink.take(exemplar) }
        exemplars.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private mutating func append(_ sample: ReadSample, _ bytes: Span<UInt8>) {
        samples.append(sample)
        guard wantsExemplars, cursor.hasExemplar, let exemplar = cursor.exemplar(in: bytes) else {
            return
        }
        exemplars.append(ReadExemplar(sample: sample, exemplar: exemplar))
    }

    /// Reads lines as long as they begin as those of the last exposition, until the batch is full. Returns
    /// the first line that was not read.
    ///
    /// The hot loop of scraping: it is not generic, and touches nothing but the body and two lists.
    private mutating func readKnown(
        _ bytes: Span<UInt8>, _ table: borrowing LineTable
    ) throws(ExpositionError) -> Int {
        let hash = LineHash.shared
        let known = table.lines.span
        var next = table.next
        while next < known.count, samples.count < TextReader.batchSize {
            let line = known[next]
            let length = Int(line.key.length)
            guard length <= bytes.count - cursor.position,
                hash.hash(bytes, cursor.position, length) == line.key.hash
            else { break }
            if let series = line.series {
                guard let sample = try cursor.sample(afterSeriesOf: length, in: bytes) else {
                    break
                }
                append(
                    ReadSample(
                        series: series, value: sample.value, timestamp: sample.timestamp), bytes)
            } else {
                cursor.skip(length, lines: 1, type: line.type)
            }
            next += 1
        }
        return next
    }

    /// Reads one entry, whatever it is; false at the end.
    mutating func readNext<Sink: SampleSink>(
        _ bytes: Span<UInt8>, _ table: inout LineTable, into sink: inout Sink
    ) throws(ExpositionError) -> Bool {
        let start = cursor.position
        guard let entry = try cursor.next(in: bytes) else { return false }
        switch entry {
        case .sample(let sample): try readSample(sample, bytes, &table, into: &sink)
        case .type(let metric, let type):
            sink.describe(cursor.metric(metric, in: bytes), .type(type))
            keepComment(from: start, bytes, type, &table)
        case .help(let metric, let text):
            sink.describe(
                cursor.metric(metric, in: bytes), .help(Cursor.help(text, in: bytes)))
            keepComment(from: start, bytes, nil, &table)
        case .unit(let metric, let text):
            sink.describe(
                cursor.metric(metric, in: bytes), .unit(cursor.metric(text, in: bytes)))
            keepComment(from: start, bytes, nil, &table)
        case .comment: keepComment(from: start, bytes, nil, &table)
        }
        return true
    }

    /// A comment is known by its whole line, where nothing stands before it and it has an end.
    private func keepComment(
        from start: Int, _ bytes: Span<UInt8>, _ type: MetricType?, _ table: inout LineTable
    ) {
        guard cursor.position <= bytes.count, bytes[start] == Byte.hash else { return }
        table.learn(
            comment: LineHash.shared.key(bytes, start, cursor.position - start), type: type)
    }

    private mutating func readSample<Sink: SampleSink>(
        _ sample: TextSample, _ bytes: Span<UInt8>, _ table: inout LineTable, into sink: inout Sink
    ) throws(ExpositionError) {
        let key = LineHash.shared.key(bytes, sample.series.lowerBound, sample.series.count)
        let series: Int
        if let known = table.series(key) {
            series = known
        } else {
            flush(into: &sink)
            try sink.admit(labelCount: cursor.labelCount)
            guard let new = try sink.add(series: cursor.exposedLabels(in: bytes)) else {
                return
            }
            table.learn(key, series: new)
            series = new
        }
        append(
            ReadSample(series: series, value: sample.value, timestamp: sample.timestamp), bytes)
    }
}
