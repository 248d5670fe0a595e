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
    /// The start timestamps that stood beside samples of the scrape under way.
    private var exposedStarts: [SlotStartTime] = []

    /// Whether `_created` lines are start timestamps in the exposition that is read.
    var readsCreatedTimes = false
    /// How many exemplars are taken of an exposition.
    private var maximumExemplars = 0
    private var classic = ClassicHistogramSeries()

    private var scrape: UInt64 = 0
    private var time = Timestamp.distantPast
    private var seenSeries = 0
    private var appended = 0
    private(set) var isOverLimit = false
    private(set) var isOverBucketLimit = false
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
        classic.begin()
        exposedStarts = []
        self.time = time
        seenSeries = 0
        appended = 0
        isOverLimit = false
        isOverBucketLimit = false
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
        let labels = rules.labels(exposed: rules.typed(exposed, metadata), target: target)
        if let labels {
            if let reason = rules.refusal(labels) { throw ExpositionError(reason) }
            if isFull {
                isOverLimit = true
                reading.report.scraped += 1
                reading.report.added += 1
                return nil
            }
        }
        let histogram = try histogram(ofPart: exposed)
        let isKept = histogram == nil || rules.histograms.alwaysScrapesClassic
        let number = number(exposed, isKept ? labels : nil)
        if let histogram { classic.learn(number, histogram.part, of: histogram.series) }
        return number
    }

    private mutating func number(_ exposed: [Label], _ labels: Labels?) -> Int {
        if labels != nil { reading.report.seriesAdded += 1 }
        return number(exposed, labels ?? .empty, labels.map { axis.slot(for: $0) } ?? -1)
    }

    /// Instead of a slot: the series is a `_created` line that says a start timestamp.
    private static let createdSlot = -2

    private mutating func number(_ exposed: [Label], _ labels: Labels, _ slot: Int) -> Int {
        if rules.readsStartTimestamps { created.add(exposed, metadata) }
        if slot >= 0 { reading.newSlots.append(slot) }
        slots.append(slot)
        self.labels.append(labels)
        lastScrape.append(scrape &- 1)
        return slots.count - 1
    }

    var wantsStartTimes: Bool { rules.readsStartTimestamps }

    mutating func take(start: Timestamp, ofSeries number: Int) {
        let slot = slots[number]
        // A sample with a time of its own is not in the frame.
        guard slot >= 0, !reading.lacks(slot) else { return }
        exposedStarts.append(SlotStartTime(slot: slot, start: start))
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

    /// The series of the native histogram that a new series becomes a part of.
    private mutating func histogram(
        ofPart exposed: [Label]
    ) throws(ExpositionError) -> (series: Int, part: ClassicHistogram.Part)? {
        guard rules.histograms.convertsClassic else { return nil }
        let all = Labels(exposed)
        guard let (part, name) = ClassicHistogram.Part.read(all.metricName, bound: all["le"]),
            metadata[name]?.type == .histogram
        else { return nil }
        let own = all.dropping("le").setting(Labels.name, name)
        if let known = classic.series(of: own) { return (known, part) }
        let labels = rules.labels(exposed: rules.typed(own.sorted, metadata), target: target)
        if let reason = labels.flatMap(rules.refusal) { throw ExpositionError(reason) }
        let number = number(own.sorted, labels)
        classic.learn(number, of: own)
        return (number, part)
    }

    mutating func take(_ samples: [ReadSample]) {
        if classic.isEmpty {
            for sample in samples { take(sample) }
        } else {
            for sample in samples where !collect(sample) { take(sample) }
        }
    }

    /// Whether the sample went into a histogram, and nowhere else.
    private mutating func collect(_ sample: ReadSample) -> Bool {
        guard classic.collect(sample) else { return false }
        if rules.histograms.alwaysScrapesClassic { return false }
        see(sample.series)
        return true
    }

    /// To be called when the exposition is read: the histograms that its classic series make up.
    mutating func finishReading() {
        for sample in classic.takeAll() {
            let slot = slots[sample.series]
            // A native histogram that was exposed itself wins.
            if let histogram = sample.histogram, slot < 0 || reading.lacks(slot) {
                store(sample.series, histogram, sample.timestamp)
            } else {
                see(sample.series)
            }
        }
    }

    mutating func describe(_ metric: String, _ statement: MetadataStatement) {
        metadata[metric, default: MetricMetadata()].apply(statement)
    }

    var histograms: HistogramPolicy {
        HistogramPolicy(
            readsNative: rules.histograms.scrapesNative,
            keepsClassic: rules.histograms.alwaysScrapesClassic)
    }

    mutating func take(_ sample: ReadHistogram) throws(ExpositionError) {
        store(sample.series, sample.histogram, sample.timestamp)
    }

    private mutating func store(
        _ series: Int, _ sample: FloatHistogram, _ timestamp: Timestamp?
    ) {
        guard let slot = admit(series, timestamp) else { return }
        guard let histogram = rules.histograms.bounded(sample) else {
            isOverBucketLimit = true
            return
        }
        if let ownTime = rules.honorTimestamps ? timestamp : nil {
            appendTimestamped(slot, series, ownTime, SampleValue.histogram, histogram)
        } else if reading.lacks(slot) {
            reading.set(slot, histogram)
        } else {
            reading.report.duplicates += 1
        }
    }

    private var isFull: Bool { rules.limits.samples > 0 && appended >= rules.limits.samples }

    /// Counts a sample and puts it where it belongs.
    @inline(__always)
    private mutating func take(_ sample: ReadSample) {
        if slots[sample.series] == SampleIntake.createdSlot {
            takeCreated(sample)
            return
        }
        guard let slot = admit(sample.series, sample.timestamp) else { return }
        if let ownTime = rules.honorTimestamps ? sample.timestamp : nil {
            appendTimestamped(slot, sample.series, ownTime, sample.value, nil)
        } else if reading.lacks(slot) {
            reading.set(slot, sample.value)
        } else {
            reading.report.duplicates += 1
        }
    }

    private mutating func takeCreated(_ sample: ReadSample) {
        see(sample.series)
        created.take(sample.value, ofSeries: sample.series)
    }

    /// Since when the samples of the frame count, as far as the exposition says it.
    var startTimes: [SlotStartTime] {
        if created.isEmpty { return exposedStarts }
        return exposedStarts
            + slots.indices.compactMap { number in
                guard slots[number] >= 0, lastScrape[number] == scrape,
                    let start = created.start(ofSeries: number)
                else { return nil }
                return SlotStartTime(slot: slots[number], start: start)
            }
    }

    /// Counts a sample of a series; its slot, or nil where the sample is not stored.
    @inline(__always)
    private mutating func admit(_ number: Int, _ timestamp: Timestamp?) -> Int? {
        reading.report.scraped += 1
        let isRepeated = !see(number)
        let slot = slots[number]
        if slot < 0 { return nil }
        reading.report.added += 1
        if isRepeated, timestamp == nil || !rules.honorTimestamps {
            reading.report.duplicates += 1
            return nil
        }
        if isFull {
            isOverLimit = true
            return nil
        }
        appended += 1
        return slot
    }

    /// The series is in this scrape; whether it was not before.
    @inline(__always)
    @discardableResult
    private mutating func see(_ number: Int) -> Bool {
        if lastScrape[number] == scrape { return false }
        lastScrape[number] = scrape
        seenSeries += 1
        return true
    }

    private mutating func appendTimestamped(
        _ slot: Int, _ number: Int, _ time: Timestamp, _ value: Double,
        _ histogram: FloatHistogram?
    ) {
        guard time <= self.time + SampleRules.maximumAhead else {
            reading.report.outOfBounds += 1
            return
        }
        var index = -1
        if let histogram {
            index = reading.timestampedHistograms.count
            reading.timestampedHistograms.append(histogram)
        }
        reading.timestamped.append(
            .init(slot: slot, series: number, time: time, value: value, histogram: index))
    }

    /// The labels of a series.
    func labels(ofSeries number: Int) -> Labels { labels[number] }

    // MARK: Between scrapes

    /// To be called after every scrape, when its frame is committed. Forgets series that were not in a
    /// successful one, in `lines` too, and returns the slots that no series needs any more.
    mutating func finish(isSuccess: Bool, lines: inout LineTable) -> [Int] {
        if metadata.count > slots.count + SampleIntake.metadataSlack {
            metadata = [:]
            lines.forgetComments()
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
        classic.renumber(numbers)
        return freed.sorted()
    }

    private mutating func forgetAll(_ lines: inout LineTable) -> [Int] {
        let freed = Set(slots.filter { $0 >= 0 })
        created = CreatedTimes()
        labels = []
        slots = []
        lastScrape = []
        metadata = [:]
        classic = ClassicHistogramSeries()
        lines = LineTable()
        return freed.sorted()
    }
}

/// The frame in the making.
struct ExpositionReading {
    struct TimestampedSample {
        let slot: Int
        let series: Int
        let time: Timestamp
        let value: Double
        /// The index into `timestampedHistograms`; -1 where the sample is a number.
        let histogram: Int
    }

    var frame: [Double]
    /// Of the slots that hold `SampleValue.histogram`.
    var histograms: [SlotHistogram] = []
    var report = ScrapeReport()
    /// Samples with a time of their own, as they came.
    var timestamped: [TimestampedSample] = []
    var timestampedHistograms: [FloatHistogram] = []
    /// Of the samples in the frame that were not taken at its time.
    var ownTimes: [SlotTime] = []
    /// Whether slots are absent in the frame.
    var isPartial = false
    /// The slots that were given to series which are new.
    var newSlots: [Int] = []
    /// Exemplars, with the labels of their series.
    var exemplars: [(series: Labels, exemplar: Exemplar)] = []

    /// Puts a value into the frame, which grows as needed.
    mutating func set(_ slot: Int, _ value: Double) {
        while frame.count <= slot { frame.append(SampleValue.stale) }
        frame[slot] = value
    }

    /// Puts a histogram into the frame.
    mutating func set(_ slot: Int, _ histogram: FloatHistogram) {
        set(slot, SampleValue.histogram)
        histograms.append(SlotHistogram(slot: slot, histogram: histogram))
    }

    /// Whether the slot has no value yet.
    func lacks(_ slot: Int) -> Bool {
        slot >= frame.count || !SampleValue.isSample(frame[slot])
    }

    /// Nothing of an exposition that could not be read whole is stored.
    mutating func forgetSamples() {
        for index in frame.indices { frame[index] = SampleValue.stale }
        timestamped = []
        timestampedHistograms = []
        exemplars = []
        histograms = []
    }
}
