import Model

/// A sample as the strict check sees it.
struct OpenMetricsSample {
    let name: String
    /// Without the name.
    let labels: Labels
    let value: Double
    /// The time exposed with it.
    let seconds: Double?
}

/// The metric family whose lines are read: what its metadata said, and how its samples are grouped.
///
/// A group is what one thing exposes of the family: all buckets, sum and count of a histogram.
struct OpenMetricsFamily {
    let name: String
    private var type: MetricType?
    private var unit: String?
    private var hasHelp = false
    private(set) var hasSamples = false

    private var group: Labels?
    private var groupSeconds: Double?
    private var endedGroups: Set<Labels> = []
    private var histogram = OpenMetricsHistogram()

    init(name: String) { self.name = name }

    private var kind: MetricType { type ?? .untyped }

    // MARK: Metadata

    mutating func setType(_ type: MetricType) throws(OpenMetricsViolation) {
        guard self.type == nil else { throw repeated("TYPE") }
        self.type = type
    }

    mutating func setHelp() throws(OpenMetricsViolation) {
        guard !hasHelp else { throw repeated("HELP") }
        hasHelp = true
    }

    mutating func setUnit(_ unit: String) throws(OpenMetricsViolation) {
        guard self.unit == nil else { throw repeated("UNIT") }
        self.unit = unit
    }

    private func repeated(_ what: String) -> OpenMetricsViolation {
        OpenMetricsViolation("\(name.goQuoted) has more than one \(what) line")
    }

    // MARK: Names

    /// What the names of the family's samples add to its own.
    private var suffixes: [String] {
        switch kind {
        case .counter: ["_total", "_created"]
        case .summary: ["", "_count", "_sum", "_created"]
        case .histogram: ["_bucket", "_count", "_sum", "_created"]
        case .gaugehistogram: ["_bucket", "_gcount", "_gsum"]
        case .info: ["_info"]
        case .gauge, .stateset, .untyped: [""]
        }
    }

    /// What the sample's name adds to the family's, or nil where it is another family's.
    private func suffix(_ sample: String) -> String? {
        guard sample.utf8.starts(with: name.utf8) else { return nil }
        let rest = String(decoding: sample.utf8.dropFirst(name.utf8.count), as: UTF8.self)
        return suffixes.contains(rest) ? rest : nil
    }

    func owns(_ sample: String) -> Bool { suffix(sample) != nil }

    /// The family's own name, and those of its samples.
    var claimedNames: Set<String> { Set(suffixes.map { name + $0 }).union([name]) }

    // MARK: Samples

    mutating func add(
        _ sample: OpenMetricsSample, hasExemplar: Bool
    ) throws(OpenMetricsViolation) {
        guard let suffix = suffix(sample.name) else { return }
        hasSamples = true
        try checkLabels(sample, suffix)
        try checkValue(sample, suffix)
        if hasExemplar, !allowsExemplar(suffix) {
            throw OpenMetricsViolation(
                "\(sample.name.goQuoted) has an exemplar: only totals of counters and buckets may")
        }
        try enterGroup(sample, suffix)
        if kind == .histogram || kind == .gaugehistogram {
            try histogram.add(sample, suffix)
        }
    }

    func finish() throws(OpenMetricsViolation) {
        if let unit, !unit.isEmpty, kind == .info || kind == .stateset {
            throw OpenMetricsViolation(
                "\(name.goQuoted) has a unit, which a metric of type \(kind.apiName) must not have")
        }
        try histogram.finish()
    }

    private func allowsExemplar(_ suffix: String) -> Bool {
        suffix == "_bucket" || kind == .counter && suffix == "_total"
    }

    private func checkLabels(
        _ sample: OpenMetricsSample, _ suffix: String
    ) throws(OpenMetricsViolation) {
        if suffix == "_bucket" { _ = try OpenMetricsHistogram.bound(sample) }
        if kind == .stateset, sample.labels[name] == nil {
            throw OpenMetricsViolation(
                "a state of \(name.goQuoted) lacks the label \(name.goQuoted) that names it")
        }
        if kind == .summary, suffix.isEmpty {
            let quantile = sample.labels["quantile"].flatMap { GoFloat.parse($0) } ?? .nan
            guard (0...1).contains(quantile) else {
                throw OpenMetricsViolation(
                    "a quantile of \(name.goQuoted) has no label \"quantile\" from 0 to 1")
            }
        }
    }

    private func checkValue(
        _ sample: OpenMetricsSample, _ suffix: String
    ) throws(OpenMetricsViolation) {
        let value = sample.value
        func violation(_ what: String) -> OpenMetricsViolation {
            OpenMetricsViolation(
                "\(sample.name.goQuoted) is \(GoFloat.general(value, exponentFrom: 21)): \(what)")
        }
        switch (kind, suffix) {
        case (.stateset, _) where value != 0 && value != 1:
            throw violation("a state is 0 or 1")
        case (.info, _) where value != 1:
            throw violation("an info metric is 1")
        case (.summary, "") where value < 0:
            throw violation("a quantile is never negative")
        case (_, "_total"), (_, "_sum"), (_, "_count"), (_, "_bucket"), (_, "_gcount"):
            if value.isNaN || value < 0 { throw violation("what counts is a number from 0") }
        case (_, "_gsum") where value.isNaN: throw violation("a sum is a number")
        default: break
        }
        let counts = suffix == "_bucket" || suffix == "_count" || suffix == "_gcount"
        if counts, value != value.rounded(.down) { throw violation("a count is a whole number") }
    }

    // MARK: Groups

    private mutating func enterGroup(
        _ sample: OpenMetricsSample, _ suffix: String
    ) throws(OpenMetricsViolation) {
        let labels = groupLabels(sample, suffix)
        guard labels == group else {
            if endedGroups.contains(labels) {
                throw OpenMetricsViolation(
                    "the samples of \(name.goQuoted) with \(labels) are not in one piece")
            }
            try endGroup()
            group = labels
            groupSeconds = sample.seconds
            return
        }
        if (sample.seconds == nil) != (groupSeconds == nil) {
            throw OpenMetricsViolation(
                "some samples of \(name.goQuoted) with \(labels) have timestamps and some have none"
            )
        }
        guard let seconds = sample.seconds, let before = groupSeconds else { return }
        // All of an info metric is one group, whose order means nothing.
        if seconds < before, kind != .info {
            throw OpenMetricsViolation(
                "the timestamps of \(name.goQuoted) with \(labels) go backwards")
        }
        if seconds != before { try endPoint() }
        groupSeconds = seconds
    }

    private mutating func endGroup() throws(OpenMetricsViolation) {
        if let group { endedGroups.insert(group) }
        try endPoint()
    }

    /// What comes next is of another time or another group.
    private mutating func endPoint() throws(OpenMetricsViolation) {
        try histogram.finish()
        histogram = OpenMetricsHistogram()
    }

    private func groupLabels(_ sample: OpenMetricsSample, _ suffix: String) -> Labels {
        switch (kind, suffix) {
        case (.info, _): .empty
        case (.summary, ""): sample.labels.dropping("quantile")
        case (.stateset, _): sample.labels.dropping(name)
        case (_, "_bucket"): sample.labels.dropping("le")
        default: sample.labels
        }
    }
}
