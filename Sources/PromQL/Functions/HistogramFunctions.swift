import Model

/// Functions of histograms.
let histogramFunctions: [String: FunctionImplementation] = [
    "histogram_quantile": .custom { call throws(QueryError) in
        HistogramQuantile(
            try call.argument(1), quantile: try call.argument(0), call: call.call,
            names: call.names)
    }
]

/// The buckets of classic histograms, found among the series of a vector by their label `le`.
struct BucketGroups {
    /// A histogram's buckets in order of their bounds.
    struct Group {
        var buckets: [(bound: Double, slot: Int)] = []
        /// The output slot.
        var output = 0
    }

    /// The histograms, in the order of their first bucket.
    private(set) var groups: [Group] = []
    /// The output series: labels without `le`.
    private(set) var labels: [Labels] = []
    private(set) var dropsName: [Bool] = []
    /// Series whose `le` is no number.
    private(set) var malformed: [(slot: Int, le: String)] = []

    static let label = "le"

    init(_ input: Operator, names: NameRemoval) {
        var ids: [Labels: Int] = [:]
        var table = SlotTable()
        for slot in input.labels.indices {
            let le = input.labels[slot].value(Self.label)
            guard let bound = GoFloat.parse(le) else {
                malformed.append((slot, le))
                continue
            }
            let key = input.labels[slot].dropping(Self.label)
            let id = ids[key] ?? groups.count
            if id == groups.count {
                let (labels, drops) = names.removing(key)
                ids[key] = id
                groups.append(Group(output: table.slot(labels, dropsName: drops)))
            }
            groups[id].buckets.append((bound, slot))
        }
        for id in groups.indices { groups[id].buckets.sort { $0.bound < $1.bound } }
        labels = table.labels
        dropsName = table.dropsName
    }

    /// Says of present series with a malformed `le` that they are left out.
    func annotateMalformed(
        _ input: Operator, _ run: Run, _ position: PositionRange, names: NameRemoval
    ) {
        for (slot, le) in malformed where !SampleValue.isStale(input.values[slot]) {
            let metric = names.isDelayed ? input.labels[slot].metricName : ""
            run.annotate(.badBucketLabel(metric: metric, label: le, position))
        }
    }
}

/// One classic histogram at one time: cumulative counts by upper bound.
struct ClassicHistogram {
    var bounds: [Double] = []
    var counts: [Double] = []
    /// What `makeMonotonic` had to lower or raise, beyond rounding errors.
    private(set) var lowestFixed = Double.infinity
    private(set) var highestFixed = -Double.infinity
    private(set) var largestFix = 0.0
    private(set) var isForced = false

    /// Takes the present buckets of a group; buckets of the same bound are added up.
    mutating func load(_ group: BucketGroups.Group, _ values: [Double]) {
        bounds.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        for (bound, slot) in group.buckets {
            let count = values[slot]
            if SampleValue.isStale(count) { continue }
            if let last = bounds.last, last == bound {
                counts[counts.count - 1] += count
            } else {
                bounds.append(bound)
                counts.append(count)
            }
        }
    }

    /// Differences up to this share are taken for rounding errors.
    private static let tolerance = 1e-12

    /// Makes the counts rise, as cumulative counts must.
    private mutating func makeMonotonic() {
        isForced = false
        lowestFixed = .infinity
        highestFixed = -.infinity
        largestFix = 0
        var previous = counts[0]
        for index in counts.indices.dropFirst() {
            let count = counts[index]
            if count == previous { continue }
            if Self.isAlmostEqual(previous, count) {
                counts[index] = previous
            } else if count < previous {
                counts[index] = previous
                isForced = true
                lowestFixed = min(lowestFixed, bounds[index])
                highestFixed = max(highestFixed, bounds[index])
                largestFix = max(largestFix, previous - count)
            } else {
                previous = count
            }
        }
    }

    private static func isAlmostEqual(_ a: Double, _ b: Double) -> Bool {
        if a.isNaN && b.isNaN { return true }
        if a == b { return true }
        let sum = a.magnitude + b.magnitude
        let difference = (a - b).magnitude
        let smallest = Double.leastNormalMagnitude
        if a == 0 || b == 0 || sum < smallest { return difference < tolerance * smallest }
        return difference / min(sum, .greatestFiniteMagnitude) < tolerance
    }

    /// The quantile, by linear interpolation within the bucket that it falls into.
    mutating func quantile(_ quantile: Double) -> Double {
        isForced = false
        if quantile.isNaN { return SampleValue.nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        guard let highest = bounds.last, highest == .infinity else { return SampleValue.nan }
        makeMonotonic()
        let last = bounds.count - 1
        if last < 1 { return SampleValue.nan }
        let observations = counts[last]
        if observations == 0 { return SampleValue.nan }
        var rank = quantile * observations
        let bucket = firstBucket(reaching: rank, before: last)
        if bucket == last { return bounds[last - 1] }
        if bucket == 0 && bounds[0] <= 0 { return bounds[0] }
        var start = 0.0
        var count = counts[bucket]
        if bucket > 0 {
            start = bounds[bucket - 1]
            count -= counts[bucket - 1]
            rank -= counts[bucket - 1]
        }
        return start + (bounds[bucket] - start) * (rank / count)
    }

    private func firstBucket(reaching rank: Double, before end: Int) -> Int {
        var (low, high) = (0, end)
        while low < high {
            let middle = (low + high) / 2
            if counts[middle] >= rank { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// `histogram_quantile(φ, v)`.
final class HistogramQuantile: Operator {
    private let input: Operator
    private let quantile: Operator
    private let call: CallExpr
    private let names: NameRemoval
    private var groups: BucketGroups
    private var histogram = ClassicHistogram()
    private var seenVersion = -1

    init(_ input: Operator, quantile: Operator, call: CallExpr, names: NameRemoval) {
        self.input = input
        self.quantile = quantile
        self.call = call
        self.names = names
        groups = BucketGroups(input, names: names)
    }

    override func step(at time: Int64, _ run: Run) throws(QueryError) {
        try quantile.step(at: time, run)
        try input.step(at: time, run)
        if input.version != seenVersion {
            groups = BucketGroups(input, names: names)
            labels = groups.labels
            dropsName = groups.dropsName
            seenVersion = input.version
            version += 1
        }
        clear()
        let phi = quantile.scalar
        if !(0...1).contains(phi) {
            run.annotate(.invalidQuantile(phi, call.arguments[0].range))
        }
        groups.annotateMalformed(input, run, call.arguments[1].range, names: names)
        for group in groups.groups {
            histogram.load(group, input.values)
            if histogram.bounds.isEmpty { continue }
            if !SampleValue.isStale(values[group.output]) { throw .sameLabels }
            values[group.output] = histogram.quantile(phi)
            if histogram.isForced { tell(group, time, run) }
        }
    }

    private func tell(_ group: BucketGroups.Group, _ time: Int64, _ run: Run) {
        let moment = Timestamp(milliseconds: time)
        let metric = names.isDelayed ? labels[group.output].metricName : ""
        run.annotate(
            .info(
                "input to histogram_quantile needed to be fixed for monotonicity (see "
                    + "https://prometheus.io/docs/prometheus/latest/querying/functions/"
                    + "#histogram_quantile)" + Annotation.forMetric(metric),
                call.arguments[1].range),
            MonotonicityFixes(
                lowestBucket: histogram.lowestFixed, highestBucket: histogram.highestFixed,
                largestDifference: histogram.largestFix, count: 1, first: moment, last: moment))
    }
}
