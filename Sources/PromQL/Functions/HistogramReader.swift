import Model

/// A function of histograms: native ones, and classic ones, whose buckets are found among the series of
/// a vector by their label `le`.
class HistogramReader: OperatorOutput {
    /// Where a result comes from.
    enum Source {
        /// A classic histogram, by its number among the groups.
        case classic(Int)
        /// A native one, by its slot of the input.
        case native(Int)
    }

    final let input: any Operator
    final let call: CallExpr
    /// The place of the vector among the arguments.
    final let position: PositionRange
    private let names: NameRemoval
    private var groups = BucketGroups()
    private var histogram = CumulativeBuckets()
    private var follower = SeriesFollower()
    private var outputs = HistogramOutputs()
    /// Per group, whether a native histogram contradicts it in this step.
    private var isContradicted: [Bool] = []
    /// What had to be mended in this step, by the name that remarks have.
    private var fixes: [String: MonotonicityFixes] = [:]

    init(_ input: any Operator, at argument: Int, _ call: FunctionCall) {
        self.input = input
        self.call = call.call
        position = call.call.arguments[argument].range
        names = call.names
    }

    /// Steps the input and binds to it where it changed.
    fileprivate final func stepInput(at time: Int64, _ run: Run) throws(QueryError) {
        try input.step(at: time, run)
        let change = follower.change(to: input.version)
        if change == .none { return }
        if change == .rebuilt {
            groups = BucketGroups()
            outputs.clear()
            removeSeries()
            rebuilt()
        }
        try groups.add(input, run)
        follower.follow(input.version)
    }

    /// The native histograms; one with a classic histogram of the same labels beside it is nothing, and
    /// neither is that.
    fileprivate final func forEachNative(
        _ run: Run, _ body: (FloatHistogram, Source) throws(QueryError) -> Void
    ) throws(QueryError) {
        isContradicted = [Bool](repeating: false, count: groups.groups.count)
        for slot in input.values.indices {
            guard let native = input.histogram(slot) else { continue }
            if let id = groups.classicTwin(of: input.labels[slot]),
                groups.isPresent(id, input.values)
            {
                isContradicted[id] = true
                run.annotate(.mixedClassicAndNative(input.labels[slot].metricName, position))
                continue
            }
            try body(native, .native(slot))
        }
    }

    /// The classic histograms that have buckets.
    fileprivate final func forEachClassic(
        _ body: (inout CumulativeBuckets, Source) throws(QueryError) -> Void
    ) throws(QueryError) {
        for id in groups.groups.indices {
            if input.hasHistograms, isContradicted[id] { continue }
            histogram.load(groups.groups[id], input.values)
            if histogram.bounds.isEmpty { continue }
            try body(&histogram, .classic(id))
        }
    }

    fileprivate final func annotateMalformed(_ run: Run) {
        groups.annotateMalformed(input, run, position)
    }

    /// The name that remarks on a result have, "" where names are removed at once.
    final func metric(_ source: Source) -> String {
        names.isDelayed ? seriesLabels(source).metricName : ""
    }

    /// Remembers that a classic histogram's counts did not rise as they must.
    final func noteFixes(_ histogram: CumulativeBuckets, _ source: Source, at time: Int64) {
        if !histogram.isForced { return }
        let moment = Timestamp(milliseconds: time)
        let fix = MonotonicityFixes(
            lowestBucket: histogram.lowestFixed, highestBucket: histogram.highestFixed,
            largestDifference: histogram.largestFix, count: 1, first: moment, last: moment)
        let name = metric(source)
        if fixes[name]?.merge(fix) == nil { fixes[name] = fix }
    }

    fileprivate final func annotateFixes(_ run: Run) {
        if fixes.isEmpty { return }
        for (name, fix) in fixes.sorted(by: { $0.key < $1.key }) {
            run.annotate(
                .info(
                    "input to histogram_quantile needed to be fixed for monotonicity (see "
                        + "https://prometheus.io/docs/prometheus/latest/querying/functions/"
                        + "#histogram_quantile)" + Annotation.forMetric(name), position),
                fix)
        }
        fixes.removeAll(keepingCapacity: true)
    }

    private func seriesLabels(_ source: Source) -> Labels {
        switch source {
        case .classic(let id): groups.groups[id].labels
        case .native(let slot): input.labels[slot]
        }
    }

    /// Makes results differ by the value of a label.
    final func setVariants(_ label: String, _ texts: [String]) {
        outputs.setVariants(label, texts)
    }

    /// Puts out a result.
    final func emit(
        _ value: Double, _ source: Source, variant: Int = 0, _ run: Run
    ) throws(QueryError) {
        let slot: Int
        if let known = outputs.slot(source, variant) {
            slot = known
        } else {
            let series = outputs.add(source, variant, names.removing(seriesLabels(source)))
            slot = series.slot
            if slot == labels.count {
                try addSeriesInStep(series.labels, dropsName: series.dropsName, run)
            }
        }
        if !SampleValue.isStale(values[slot]) { throw .sameLabels }
        values[slot] = value
    }
}

/// What is made of histograms.
protocol HistogramFunction: HistogramReader, Operator {
    /// The scalar arguments.
    var scalars: [any Operator] { get }

    /// Says what there is to say of the scalar arguments.
    func prepare(_ run: Run)

    /// Emits what comes of a classic histogram.
    func evaluate(
        _ histogram: inout CumulativeBuckets, _ source: Source, at time: Int64, _ run: Run
    ) throws(QueryError)

    /// Emits what comes of a native histogram.
    func evaluate(
        _ histogram: FloatHistogram, _ source: Source, _ run: Run
    ) throws(QueryError)
}

extension HistogramFunction {
    func activeTimes(_ run: Run) -> ActiveTimes {
        scalars.allSatisfy(\.isConstant) ? input.activeTimes(run) : .always
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        for scalar in scalars { try scalar.step(at: time, run) }
        prepare(run)
        try stepInput(at: time, run)
        clear()
        annotateMalformed(run)
        if input.hasHistograms {
            try forEachNative(run) { histogram, source throws(QueryError) in
                try evaluate(histogram, source, run)
            }
        }
        try forEachClassic { histogram, source throws(QueryError) in
            try evaluate(&histogram, source, at: time, run)
        }
        annotateFixes(run)
    }
}

/// The output slots of histograms, given out when first needed: which samples are native histograms is
/// known only then.
private struct HistogramOutputs {
    private var table = SlotTable()
    private var label: String?
    private var texts = [""]
    /// Per variant, the slots of the classic histograms and of the native ones; -1 for none yet.
    private var slots = [Slots()]

    private struct Slots {
        var classic: [Int] = []
        var native: [Int] = []

        subscript(source: HistogramReader.Source) -> Int {
            get {
                switch source {
                case .classic(let id): id < classic.count ? classic[id] : -1
                case .native(let slot): slot < native.count ? native[slot] : -1
                }
            }
            set {
                switch source {
                case .classic(let id): Slots.put(newValue, id, &classic)
                case .native(let slot): Slots.put(newValue, slot, &native)
                }
            }
        }

        private static func put(_ value: Int, _ index: Int, _ list: inout [Int]) {
            while list.count <= index { list.append(-1) }
            list[index] = value
        }
    }

    mutating func clear() {
        table = SlotTable()
        slots = [Slots](repeating: Slots(), count: texts.count)
    }

    mutating func setVariants(_ label: String, _ texts: [String]) {
        self.label = label
        if texts.count != self.texts.count {
            self.texts = texts
            slots = [Slots](repeating: Slots(), count: texts.count)
            return
        }
        for index in texts.indices where !texts[index].bytesEqual(self.texts[index]) {
            self.texts[index] = texts[index]
            slots[index] = Slots()
        }
    }

    func slot(_ source: HistogramReader.Source, _ variant: Int) -> Int? {
        let slot = slots[variant][source]
        return slot >= 0 ? slot : nil
    }

    mutating func add(
        _ source: HistogramReader.Source, _ variant: Int, _ series: (Labels, Bool)
    ) -> (slot: Int, labels: Labels, dropsName: Bool) {
        let labels = label.map { series.0.setting($0, texts[variant]) } ?? series.0
        let slot = table.slot(labels, dropsName: series.1)
        slots[variant][source] = slot
        return (slot, labels, series.1)
    }
}

/// The buckets of classic histograms, found among the series of a vector by their label `le`.
struct BucketGroups {
    /// A histogram's buckets in order of their bounds.
    struct Group {
        /// The labels without `le`.
        var labels: Labels
        var buckets: [(bound: Double, slot: Int)] = []
    }

    /// The histograms, in the order of their first bucket.
    private(set) var groups: [Group] = []
    /// Series whose `le` is no number.
    private(set) var malformed: [(slot: Int, le: String)] = []
    private var ids: [Labels: Int] = [:]
    /// How many of the input's series are sorted in.
    private var taken = 0

    static let label = "le"
    /// What a bucket takes at most: its bound and slot, and what room there is for more.
    private static let bucketBytes = 32

    /// Sorts in the input's series that came since.
    mutating func add(_ input: OperatorOutput, _ run: Run) throws(QueryError) {
        var changed: Set<Int> = []
        defer { for id in changed { groups[id].buckets.sort { $0.bound < $1.bound } } }
        while taken < input.labels.count {
            let slot = taken
            try run.checkTime()
            try run.memory.take(Self.bucketBytes)
            let le = input.labels[slot].value(Self.label)
            guard let bound = GoFloat.parse(le) else {
                malformed.append((slot, le))
                taken += 1
                continue
            }
            let key = input.labels[slot].dropping(Self.label)
            let id = ids[key] ?? groups.count
            if id == groups.count {
                try run.memory.take(
                    MemoryCost.labels(key) + MemoryCost.tableEntry + MemoryCost.buffer)
                ids[key] = id
                groups.append(Group(labels: key))
            }
            groups[id].buckets.append((bound, slot))
            changed.insert(id)
            taken += 1
        }
    }

    /// The classic histogram with the labels of a native one.
    func classicTwin(of labels: Labels) -> Int? {
        ids.isEmpty ? nil : ids[labels]
    }

    /// Whether any bucket of a histogram is there.
    func isPresent(_ id: Int, _ values: [Double]) -> Bool {
        groups[id].buckets.contains { _, slot in
            !SampleValue.isStale(values[slot]) && !SampleValue.isHistogram(values[slot])
        }
    }

    /// Says of present series with a malformed `le` that they are left out.
    func annotateMalformed(_ input: OperatorOutput, _ run: Run, _ position: PositionRange) {
        for (slot, le) in malformed {
            let value = input.values[slot]
            if SampleValue.isStale(value) || SampleValue.isHistogram(value) { continue }
            run.annotate(
                .badBucketLabel(metric: input.labels[slot].metricName, label: le, position))
        }
    }
}
