import Exposition
import Glibc
import Model
import Store

/// What a target's exposition looked like last time, so that the next one is read by comparing.
///
/// The lines of the last exposition are kept in order with what each of them was. A line that begins
/// with the same bytes is the same series: only its number is parsed. Where the order changed, the
/// series is found by its bytes in a dictionary; only a series that was never seen is parsed,
/// relabelled and given a slot.
struct ExpositionCache {
    /// A line of the last exposition: the bytes it is known by, and its series, or -1 for a comment.
    private struct Line {
        var start: Int
        var length: Int
        var series: Int
        var type: MetricType?
    }

    private struct Series {
        let key: [UInt8]
        let labels: Labels
        /// Where it stands in a frame; nil where relabelling dropped it.
        let slot: Int?
        var lastScrape: UInt64
        var line = 0
    }

    private var body: [UInt8] = []
    private var lines: [Line] = []
    private var spare: [Line] = []
    private var series: [Series] = []
    private var byKey: [[UInt8]: Int] = [:]
    private var scrape: UInt64 = 0
    private var seenSeries = 0
    private var lastSuccessfulCount = 0
    private(set) var metadata: [String: MetricMetadata] = [:]

    /// Reads a whole exposition into the reading. False where it cannot be read or breaks a limit;
    /// the report then says why.
    mutating func read(
        _ body: [UInt8], at time: Timestamp, axis: Axis, target: Labels, rules: SampleRules,
        into reading: inout ExpositionReading
    ) -> Bool {
        scrape &+= 1
        seenSeries = 0
        spare.removeAll(keepingCapacity: true)
        do throws(ScrapeRefusal) {
            var state = Pass(time: time, rules: rules)
            try readLines(body, &state, axis, target, &reading)
            if state.isOverLimit { throw ScrapeRefusal("sample limit exceeded") }
        } catch {
            reading.report.error = error.message
            return false
        }
        swap(&lines, &spare)
        self.body = body
        for index in lines.indices where lines[index].series >= 0 {
            series[lines[index].series].line = index
        }
        return true
    }

    /// To be called after every scrape, when its frame is committed. Forgets series that were not in
    /// a successful one, and returns the slots that no series needs any more.
    mutating func finish(isSuccess: Bool) -> [Int] {
        if isSuccess {
            defer { lastSuccessfulCount = series.count }
            return seenSeries == series.count ? [] : forgetUnseen()
        }
        // A target whose labels vary in scrapes that fail must not fill the memory.
        return series.count > lastSuccessfulCount * 2 + 1000 ? forgetAll() : []
    }

    private mutating func forgetUnseen() -> [Int] {
        var moved = [Int](repeating: -1, count: series.count)
        var kept: [Series] = []
        var freed: Set<Int> = []
        for (index, entry) in series.enumerated() {
            if entry.lastScrape == scrape {
                moved[index] = kept.count
                byKey[entry.key] = kept.count
                kept.append(entry)
            } else {
                byKey[entry.key] = nil
                if let slot = entry.slot { freed.insert(slot) }
            }
        }
        for entry in kept { if let slot = entry.slot { freed.remove(slot) } }
        series = kept
        for index in lines.indices where lines[index].series >= 0 {
            lines[index].series = moved[lines[index].series]
        }
        return freed.sorted()
    }

    private mutating func forgetAll() -> [Int] {
        let freed = Set(series.compactMap(\.slot))
        series = []
        byKey = [:]
        lines = []
        body = []
        metadata = [:]
        return freed.sorted()
    }

    /// What is counted over one exposition.
    private struct Pass {
        let time: Timestamp
        let rules: SampleRules
        var appended = 0
        var isOverLimit = false
        var nextLine = 0
    }

    private mutating func readLines(
        _ body: [UInt8], _ pass: inout Pass, _ axis: Axis, _ target: Labels,
        _ reading: inout ExpositionReading
    ) throws(ScrapeRefusal) {
        var cursor = TextCursor()
        let bytes = body.span
        let last = self.body
        let before = last.span
        while true {
            let start = cursor.position
            if pass.nextLine < lines.count {
                var line = lines[pass.nextLine]
                if sameBytes(bytes, start, before, line.start, line.length) {
                    line.start = start
                    if line.series < 0 {
                        cursor.skip(line.length, lines: 1, type: line.type)
                        spare.append(line)
                        pass.nextLine += 1
                        continue
                    }
                    if let sample = try cursor.readValue(afterSeriesOf: line.length, in: bytes) {
                        spare.append(line)
                        pass.nextLine += 1
                        take(sample, line.series, &pass, &reading)
                        continue
                    }
                }
            }
            guard let entry = try cursor.readEntry(in: bytes) else { return }
            guard case .sample(let sample) = entry else {
                note(entry, cursor, bytes)
                if cursor.position <= bytes.count, bytes[start] == UInt8(ascii: "#") {
                    var type: MetricType?
                    if case .type(_, let named) = entry { type = named }
                    spare.append(
                        Line(
                            start: start, length: cursor.position - start, series: -1, type: type))
                }
                continue
            }
            let key = Array(body[sample.series])
            let index: Int
            if let known = byKey[key] {
                index = known
                // Lines may have come or gone: go on where this one stood.
                let place = series[known].line
                if place < lines.count, lines[place].series == known { pass.nextLine = place + 1 }
            } else if let new = try learn(key, cursor, bytes, axis, target, &pass, &reading) {
                index = new
            } else {
                continue
            }
            spare.append(
                Line(start: sample.series.lowerBound, length: sample.series.count, series: index))
            take(sample, index, &pass, &reading)
        }
    }

    /// A series that was never seen: its labels, and its slot. Nil where the sample limit is reached:
    /// then nothing is stored, and it is only counted.
    private mutating func learn(
        _ key: [UInt8], _ cursor: TextCursor, _ bytes: Span<UInt8>, _ axis: Axis,
        _ target: Labels, _ pass: inout Pass, _ reading: inout ExpositionReading
    ) throws(ScrapeRefusal) -> Int? {
        let rules = pass.rules
        if cursor.labelCount > SampleRules.maximumLabels {
            reading.report.scraped += 1
            throw ScrapeRefusal(rules.tooManyLabels("", cursor.labelCount))
        }
        let exposed = try cursor.readLabels(in: bytes)
        let labels = rules.labels(exposed: exposed, target: target)
        if let labels, let reason = rules.refusal(labels) {
            reading.report.scraped += 1
            throw ScrapeRefusal(reason)
        }
        if labels != nil, isFull(pass) {
            pass.isOverLimit = true
            reading.report.scraped += 1
            reading.report.added += 1
            return nil
        }
        let slot = labels.map { axis.slot(for: $0) }
        if slot != nil { reading.report.seriesAdded += 1 }
        byKey[key] = series.count
        series.append(
            Series(key: key, labels: labels ?? .empty, slot: slot, lastScrape: scrape &- 1))
        return series.count - 1
    }

    private func isFull(_ pass: Pass) -> Bool {
        pass.rules.limits.samples > 0 && pass.appended >= pass.rules.limits.samples
    }

    /// Counts a sample and puts it where it belongs.
    @inline(__always)
    private mutating func take(
        _ sample: TextSample, _ index: Int, _ pass: inout Pass,
        _ reading: inout ExpositionReading
    ) {
        reading.report.scraped += 1
        let isRepeated = series[index].lastScrape == scrape
        if !isRepeated {
            series[index].lastScrape = scrape
            seenSeries += 1
        }
        guard let slot = series[index].slot else { return }
        reading.report.added += 1
        let ownTime = pass.rules.honorTimestamps ? sample.timestamp : nil
        if isRepeated, ownTime == nil {
            reading.report.duplicates += 1
            return
        }
        if isFull(pass) {
            pass.isOverLimit = true
            return
        }
        pass.appended += 1
        if let ownTime {
            guard ownTime <= pass.time + SampleRules.maximumAhead else {
                reading.report.outOfBounds += 1
                return
            }
            reading.timestamped.append(
                .init(
                    slot: slot, labels: series[index].labels, time: ownTime, value: sample.value))
        } else if reading.isAbsent(slot) {
            reading.set(slot, sample.value)
        } else {
            reading.report.duplicates += 1
        }
    }

    private mutating func note(_ entry: TextEntry, _ cursor: TextCursor, _ bytes: Span<UInt8>) {
        switch entry {
        case .type(let metric, let type):
            metadata[cursor.metric(metric, in: bytes), default: MetricMetadata()].type = type
        case .help(let metric, let text):
            let help = TextCursor.help(text, in: bytes)
            metadata[cursor.metric(metric, in: bytes), default: MetricMetadata()].help = help
        case .sample, .comment: break
        }
    }
}

/// Why an exposition as a whole is refused.
struct ScrapeRefusal: Error {
    let message: String

    init(_ message: String) { self.message = message }
    init(_ error: ExpositionError) { message = error.description }
}

// The cursor's steps with the error of this module.
extension TextCursor {
    @inline(__always)
    fileprivate mutating func readValue(
        afterSeriesOf length: Int, in bytes: Span<UInt8>
    ) throws(ScrapeRefusal) -> TextSample? {
        do throws(ExpositionError) {
            return try sample(afterSeriesOf: length, in: bytes)
        } catch { throw ScrapeRefusal(error) }
    }

    fileprivate mutating func readEntry(
        in bytes: Span<UInt8>
    ) throws(ScrapeRefusal) -> TextEntry? {
        do throws(ExpositionError) { return try next(in: bytes) } catch {
            throw ScrapeRefusal(error)
        }
    }

    fileprivate func readLabels(in bytes: Span<UInt8>) throws(ScrapeRefusal) -> [Label] {
        do throws(ExpositionError) { return try exposedLabels(in: bytes) } catch {
            throw ScrapeRefusal(error)
        }
    }
}

/// Whether `length` bytes of both are the same and lie within them.
@inline(__always)
private func sameBytes(
    _ a: Span<UInt8>, _ i: Int, _ b: Span<UInt8>, _ j: Int, _ length: Int
) -> Bool {
    guard length <= a.count - i, length <= b.count - j else { return false }
    // The hot loop of a scrape: 3 ns a line with memcmp, 60 ns byte by byte. In bounds as checked.
    return unsafe a.withUnsafeBufferPointer { a in
        unsafe b.withUnsafeBufferPointer { b in
            guard let a = a.baseAddress, let b = b.baseAddress else {
                return length == 0
            }
            return unsafe memcmp(a + i, b + j, length) == 0
        }
    }
}
