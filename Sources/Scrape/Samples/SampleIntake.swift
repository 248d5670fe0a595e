import Exposition
import Model
import Store

/// Turns what a reader reads of a target's expositions into a frame: a series gets its labels and its
/// slot when it is first seen, and from then on its samples are put there.
struct SampleIntake: SampleSink {
    private let axis: Axis
    private let target: Labels
    private var rules: SampleRules

    // What is known of a series, by its number.
    private var labels: [Labels] = []
    /// Where it stands in a frame; -1 where relabelling dropped it.
    private var slots: [Int] = []
    private var lastScrape: [UInt64] = []
    private var created = CreatedTimes()

    /// Whether `_created` lines are start timestamps in the exposition that is read.
    var readsCreatedTimes = false
    /// How many exemplars are taken of an exposition.
    private var maximumExemplars = 0

    private var scrape: UInt64 = 0
    private var time = Timestamp.distantPast
    private var seenSeries = 0
    private var appended = 0
    private(set) var isOverLimit = false
    private var lastSuccessfulCount = 0
    private(set) var metadata: [String: MetricMetadata] = [:]
    /// What the scrape under way has brought so far.
    var reading = ExpositionReading(frame: [])

    init(axis: Axis, target: Labels, rules: SampleRules) {
        self.axis = axis
        self.target = target
        self.rules = rules
    }

    /// Goes on from an intake of the same axis, which had rules that give the same series.
    init(continuing old: SampleIntake, rules: SampleRules) {
        self = old
        self.rules = rules
    }

    /// A scrape of that time begins.
    mutating func begin(at time: Timestamp, maximumExemplars: Int = 0) {
        scrape &+= 1
        self.maximumExemplars = maximumExemplars
        readsCreatedTimes = false
        created.begin()
        self.time = time
        seenSeries = 0
        appended = 0
        isOverLimit = false
        reading = ExpositionReading(
            frame: [Double](repeating: SampleValue.stale, count: axis.slotCount))
    }

    // MARK: What a reader brings

    func admit(labelCount: Int) throws(ExpositionError) {
        if labelCount > SampleRules.maximumLabels {
            throw ExpositionError(rules.tooManyLabels("", labelCount))
        }
    }

    mutating func add(series exposed: [Label]) throws(ExpositionError) -> Int? {
        if readsCreatedTimes, CreatedTimes.isCreatedLine(exposed, metadata) {
            return number(exposed, .empty, SampleIntake.createdSlot)
        }
        let labels = rules.labels(exposed: exposed, target: target)
        if let labels {
            if let reason = rules.refusal(labels) { throw ExpositionError(reason) }
            if isFull {
                isOverLimit = true
                reading.report.scraped += 1
                reading.report.added += 1
                return nil
            }
        }
        if labels != nil { reading.report.seriesAdded += 1 }
        return number(exposed, labels ?? .empty, labels.map { axis.slot(for: $0) } ?? -1)
    }

    /// Instead of a slot: the series is a `_created` line that says a start timestamp.
    private static let createdSlot = -2

    private mutating func number(_ exposed: [Label], _ labels: Labels, _ slot: Int) -> Int {
        if rules.readsStartTimestamps { created.add(exposed, metadata) }
        slots.append(slot)
        self.labels.append(labels)
        lastScrape.append(scrape &- 1)
        return slots.count - 1
    }

    var wantsExemplars: Bool { maximumExemplars > 0 }

    mutating func take(_ read: ReadExemplar) {
        let number = read.sample.series
        guard slots[number] >= 0, reading.exemplars.count < maximumExemplars else { return }
        var exemplar = read.exemplar
        if !exemplar.hasTime {
            exemplar.time = (rules.honorTimestamps ? read.sample.timestamp : nil) ?? time
        }
        reading.exemplars.append((labels[number], exemplar))
    }

    mutating func take(_ samples: [ReadSample]) {
        for sample in samples { take(sample) }
    }

    mutating func describe(_ metric: String, _ statement: MetadataStatement) {
        metadata[metric, default: MetricMetadata()].apply(statement)
    }

    private var isFull: Bool { rules.limits.samples > 0 && appended >= rules.limits.samples }

    /// Counts a sample and puts it where it belongs.
    @inline(__always)
    private mutating func take(_ sample: ReadSample) {
        let number = sample.series
        if slots[number] == SampleIntake.createdSlot {
            takeCreated(sample)
            return
        }
        reading.report.scraped += 1
        let isRepeated = lastScrape[number] == scrape
        if !isRepeated {
            lastScrape[number] = scrape
            seenSeries += 1
        }
        let slot = slots[number]
        if slot < 0 { return }
        reading.report.added += 1
        let ownTime = rules.honorTimestamps ? sample.timestamp : nil
        if isRepeated, ownTime == nil {
            reading.report.duplicates += 1
            return
        }
        if isFull {
            isOverLimit = true
            return
        }
        appended += 1
        if let ownTime {
            guard ownTime <= time + SampleRules.maximumAhead else {
                reading.report.outOfBounds += 1
                return
            }
            reading.timestamped.append(
                .init(slot: slot, labels: labels[number], time: ownTime, value: sample.value))
        } else if reading.isAbsent(slot) {
            reading.set(slot, sample.value)
        } else {
            reading.report.duplicates += 1
        }
    }

    private mutating func takeCreated(_ sample: ReadSample) {
        if lastScrape[sample.series] != scrape { seenSeries += 1 }
        lastScrape[sample.series] = scrape
        created.take(sample.value, ofSeries: sample.series)
    }

    /// Since when the samples of the frame count, as far as the exposition says it.
    var startTimes: [SlotStartTime] {
        if created.isEmpty { return [] }
        return slots.indices.compactMap { number in
            guard slots[number] >= 0, lastScrape[number] == scrape,
                let start = created.start(ofSeries: number)
            else { return nil }
            return SlotStartTime(slot: slots[number], start: start)
        }
    }

    // MARK: Between scrapes

    /// To be called after every scrape, when its frame is committed. Forgets series that were not in a
    /// successful one, in `lines` too, and returns the slots that no series needs any more.
    mutating func finish(isSuccess: Bool, lines: inout LineTable) -> [Int] {
        if metadata.count > slots.count + SampleIntake.metadataSlack {
            metadata = [:]
            lines.forgetLines()
        }
        if isSuccess {
            defer { lastSuccessfulCount = slots.count }
            return seenSeries == slots.count ? [] : forgetUnseen(&lines)
        }
        // A target whose labels vary in scrapes that fail must not fill the memory.
        let most = lastSuccessfulCount * 2 + SampleIntake.failedSeriesSlack
        return slots.count > most ? forgetAll(&lines) : []
    }

    /// So many series more than twice those of the last success are remembered of scrapes that fail.
    static let failedSeriesSlack = 1000
    /// So many metrics more than series are remembered: a target may name ever new ones.
    static let metadataSlack = 10_000

    private mutating func forgetUnseen(_ lines: inout LineTable) -> [Int] {
        var numbers = [Int](repeating: -1, count: slots.count)
        var freed: Set<Int> = []
        var kept = 0
        for number in slots.indices {
            guard lastScrape[number] == scrape else {
                if slots[number] >= 0 { freed.insert(slots[number]) }
                continue
            }
            numbers[number] = kept
            labels[kept] = labels[number]
            slots[kept] = slots[number]
            lastScrape[kept] = scrape
            kept += 1
        }
        labels.removeSubrange(kept...)
        slots.removeSubrange(kept...)
        lastScrape.removeSubrange(kept...)
        freed.subtract(slots)
        created.renumber(numbers)
        lines.renumber(numbers)
        return freed.sorted()
    }

    private mutating func forgetAll(_ lines: inout LineTable) -> [Int] {
        let freed = Set(slots.filter { $0 >= 0 })
        created = CreatedTimes()
        labels = []
        slots = []
        lastScrape = []
        metadata = [:]
        lines = LineTable()
        return freed.sorted()
    }
}

/// The frame in the making.
struct ExpositionReading {
    struct TimestampedSample {
        let slot: Int
        let labels: Labels
        let time: Timestamp
        let value: Double
    }

    var frame: [Double]
    var report = ScrapeReport()
    var timestamped: [TimestampedSample] = []
    /// Exemplars, with the labels of their series.
    var exemplars: [(series: Labels, exemplar: Exemplar)] = []

    /// Puts a value into the frame, which grows as needed.
    mutating func set(_ slot: Int, _ value: Double) {
        while frame.count <= slot { frame.append(SampleValue.stale) }
        frame[slot] = value
    }

    /// Whether the slot has no value yet.
    func isAbsent(_ slot: Int) -> Bool {
        slot >= frame.count || SampleValue.isStale(frame[slot])
    }

    /// Nothing of an exposition that could not be read whole is stored.
    mutating func forgetSamples() {
        for index in frame.indices { frame[index] = SampleValue.stale }
        timestamped = []
        exemplars = []
    }
}
