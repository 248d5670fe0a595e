import Glibc
import Model

/// Reads the text format, versions 0.0.4 and 1.0.0.
///
/// Where the exposition looks as it did last time, names and labels are compared with the bytes of the
/// last one and only numbers are parsed. Where the order changed, a series is found by its bytes in a
/// dictionary; only one that was never seen has its labels parsed.
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
    /// The line of the last exposition that should come next.
    private var expected = 0
    /// The lines read so far.
    private(set) var lines: [LineTable.Line]

    private init(lines: [LineTable.Line], wantsExemplars: Bool) {
        self.lines = lines
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
        var pass = TextPass(lines: lines.takeSpare(), wantsExemplars: sink.wantsExemplars)
        do throws(ExpositionError) {
            while true {
                try pass.readKnown(body.span, lines)
                if pass.isFull {
                    pass.flush(into: &sink)
                } else if try !pass.readNext(body, &lines, into: &sink) {
                    break
                }
            }
        } catch {
            pass.flush(into: &sink)
            throw error
        }
        pass.flush(into: &sink)
        lines.replace(body: body, lines: pass.lines)
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

    /// Reads lines as long as they begin as those of the last exposition, until the batch is full.
    ///
    /// The hot loop of scraping: it is not generic, and touches nothing but the two bodies and two
    /// lists of lines.
    mutating func readKnown(
        _ bytes: Span<UInt8>, _ table: borrowing LineTable
    ) throws(ExpositionError) {
        let before = table.body.span
        let known = table.lines.span
        while expected < known.count, samples.count < TextReader.batchSize {
            var line = known[expected]
            let start = cursor.position
            guard sameBytes(bytes, start, before, line.start, line.length) else { return }
            if line.series < 0 {
                cursor.skip(line.length, lines: 1, type: line.type)
            } else {
                guard let sample = try cursor.sample(afterSeriesOf: line.length, in: bytes) else {
                    return
                }
                append(
                    ReadSample(
                        series: line.series, value: sample.value, timestamp: sample.timestamp),
                    bytes)
            }
            line.start = start
            lines.append(line)
            expected += 1
        }
    }

    /// Reads one entry, whatever it is; false at the end.
    mutating func readNext<Sink: SampleSink>(
        _ body: [UInt8], _ table: inout LineTable, into sink: inout Sink
    ) throws(ExpositionError) -> Bool {
        let start = cursor.position
        guard let entry = try cursor.next(in: body.span) else { return false }
        switch entry {
        case .sample(let sample): try readSample(sample, body, &table, into: &sink)
        case .type(let metric, let type):
            sink.describe(cursor.metric(metric, in: body.span), .type(type))
            keepComment(from: start, body, type)
        case .help(let metric, let text):
            sink.describe(
                cursor.metric(metric, in: body.span), .help(Cursor.help(text, in: body.span)))
            keepComment(from: start, body)
        case .unit(let metric, let text):
            sink.describe(
                cursor.metric(metric, in: body.span), .unit(cursor.metric(text, in: body.span)))
            keepComment(from: start, body)
        case .comment: keepComment(from: start, body)
        }
        return true
    }

    /// A comment is known by its whole line, where nothing stands before it and it has an end.
    private mutating func keepComment(
        from start: Int, _ body: [UInt8], _ type: MetricType? = nil
    ) {
        guard cursor.position <= body.count, body[start] == Byte.hash else { return }
        lines.append(
            LineTable.Line(
                start: start, length: cursor.position - start, series: -1, type: type))
    }

    private mutating func readSample<Sink: SampleSink>(
        _ sample: TextSample, _ body: [UInt8], _ table: inout LineTable, into sink: inout Sink
    ) throws(ExpositionError) {
        let key = Array(body[sample.series])
        let series: Int
        if let known = table.series(key) {
            series = known
            // Lines may have come or gone: go on where this one stood.
            if let place = table.place(ofSeries: known) { expected = place + 1 }
        } else {
            flush(into: &sink)
            try sink.admit(labelCount: cursor.labelCount)
            guard let new = try sink.add(series: cursor.exposedLabels(in: body.span)) else {
                return
            }
            table.learn(key, series: new)
            series = new
        }
        lines.append(
            LineTable.Line(
                start: sample.series.lowerBound, length: sample.series.count, series: series))
        append(
            ReadSample(series: series, value: sample.value, timestamp: sample.timestamp),
            body.span)
    }
}

/// Whether `length` bytes of both are the same and lie within them.
@inline(__always)
private func sameBytes(
    _ a: Span<UInt8>, _ i: Int, _ b: Span<UInt8>, _ j: Int, _ length: Int
) -> Bool {
    guard length <= a.count - i, length <= b.count - j else { return false }
    // 3 ns a line with memcmp, 60 ns byte by byte. In bounds as checked.
    return unsafe a.withUnsafeBufferPointer { a in
        unsafe b.withUnsafeBufferPointer { b in
            guard let a = a.baseAddress, let b = b.baseAddress else {
                return length == 0
            }
            return unsafe memcmp(a + i, b + j, length) == 0
        }
    }
}
