import Model

/// Arithmetic and comparison between vectors.
///
/// Which series meet is known by number from binding; which of them are present is tested at each
/// step, since only that decides whether a match is ambiguous. The label set of a pair is made when
/// the pair first meets.
final class VectorJoin: OperatorOutput, Operator {
    private let left: any Operator
    private let right: any Operator
    private let expr: BinaryExpr
    private let matching: VectorMatching
    private let names: NameRemoval
    private let position: PositionRange
    private var groups = MatchGroups()
    private var table = SlotTable()
    /// The output slot of a pair of slots; -1 stands for a filled side.
    private var pairs: [Pair: Int] = [:]
    /// For each slot of the many side, the partner it last met and their output slot.
    private var lastPartner: [Int] = []
    private var lastOutput: [Int] = []
    private var oneOfGroup: [Int] = []
    private var matchedInStep: [Int] = []
    /// For each output slot, the step and group that last had it, filtered out or not.
    private var metInStep: [Int] = []
    private var metGroup: [Int] = []
    private var currentStep = 0
    /// Whether a side has histograms, or the operator is one for them.
    private var isMixed = false
    /// What there is to say of the step: the last remark counts.
    private var remark: Annotation?
    private var seenRun = -1
    private var countedPartners = CountedBytes()

    private struct Pair: Hashable {
        var many: Int
        var one: Int
    }

    private static let nobody = -1
    private static let never = -2

    init(
        _ left: any Operator, _ right: any Operator, _ expr: BinaryExpr, matching: VectorMatching,
        names: NameRemoval, position: PositionRange
    ) {
        self.left = left
        self.right = right
        self.expr = expr
        self.matching = matching
        self.names = names
        self.position = position
    }

    /// With `group_right` the left side is the one that has a single series per group.
    private var isSwapped: Bool { matching.cardinality == .oneToMany }
    private var many: any Operator { isSwapped ? right : left }
    private var one: any Operator { isSwapped ? left : right }
    private var manyGroups: [Int] { isSwapped ? groups.right : groups.left }
    private var oneGroups: [Int] { isSwapped ? groups.left : groups.right }
    // Fill values go by the side they stand in for after the swap, as in Prometheus.
    private var fillOne: Double? { matching.fillRight }
    private var fillMany: Double? { matching.fillLeft }

    func activeTimes(_ run: Run) -> ActiveTimes {
        left.activeTimes(run).union(right.activeTimes(run))
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try left.step(at: time, run)
        try right.step(at: time, run)
        let isNewRun = run.id != seenRun
        seenRun = run.id
        let change = try groups.bind(left, right, matching, run)
        if change != .none { try bind(change, afresh: isNewRun && change == .rebuilt, run) }
        clear()
        let (leftCount, rightCount) = (left.presentCount, right.presentCount)
        let fills = matching.fillLeft != nil || matching.fillRight != nil
        if leftCount == 0 && rightCount == 0 { return }
        if (leftCount == 0 || rightCount == 0) && !fills { return }
        currentStep += 1
        try index(time)
        remark = nil
        isMixed =
            left.hasHistograms || right.hasHistograms
            || expr.op == .trimUpper || expr.op == .trimLower
        try match(run)
        if let remark { run.annotate(remark) }
    }

    /// Within a run inputs only gain slots, so what is known of the others stays; so it does from run
    /// to run as long as that is all that happened.
    private func bind(
        _ change: SeriesChange, afresh: Bool, _ run: Run
    ) throws(QueryError) {
        if afresh {
            table = SlotTable()
            pairs = [:]
            removeSeries()
            lastPartner = []
            lastOutput = []
            metInStep = []
            metGroup = []
            rebuilt()
        }
        let added = many.labels.count - lastPartner.count
        try countedPartners.become(
            (many.labels.count + groups.count) * 2 * MemoryLayout<Int>.stride, run)
        lastPartner += [Int](repeating: Self.never, count: added)
        lastOutput += [Int](repeating: 0, count: added)
        if change == .rebuilt {
            oneOfGroup = []
            matchedInStep = []
        }
        let addedGroups = groups.count - oneOfGroup.count
        oneOfGroup += [Int](repeating: Self.nobody, count: addedGroups)
        matchedInStep += [Int](repeating: 0, count: addedGroups)
    }

    /// Finds the present series of each group on the one side.
    private func index(_ time: Int64) throws(QueryError) {
        for group in oneOfGroup.indices { oneOfGroup[group] = Self.nobody }
        let (values, groupOf) = (one.values, oneGroups)
        for slot in values.indices where !SampleValue.isStale(values[slot]) {
            let group = groupOf[slot]
            if oneOfGroup[group] != Self.nobody {
                throw duplicate(slot, oneOfGroup[group])
            }
            oneOfGroup[group] = slot
        }
    }

    private func duplicate(_ slot: Int, _ other: Int) -> QueryError {
        let a = min(one.labels[slot], one.labels[other])
        let b = max(one.labels[slot], one.labels[other])
        let group = matching.on ? a.keeping(matching.labels) : matching.key(a)
        return .execution(
            "found duplicate series for the match group \(group) on the "
                + "\(isSwapped ? "left" : "right") hand-side of the operation: "
                + "[\(a), \(b)];many-to-many matching not allowed: matching labels must be "
                + "unique on one side")
    }

    private func match(_ run: Run) throws(QueryError) {
        let (values, groupOf) = (many.values, manyGroups)
        for slot in values.indices where !SampleValue.isStale(values[slot]) {
            let group = groupOf[slot]
            let partner = oneOfGroup[group]
            if partner != Self.nobody {
                try combine(slot, partner, group, values[slot], one.values[partner], run)
            } else if let fill = fillOne {
                try combine(slot, Self.nobody, group, values[slot], fill, run)
            }
        }
        guard let fill = fillMany else { return }
        for group in oneOfGroup.indices {
            let partner = oneOfGroup[group]
            if partner == Self.nobody || matchedInStep[group] == currentStep { continue }
            try combine(Self.nobody, partner, group, fill, one.values[partner], run)
        }
    }

    /// Puts the result for a pair of slots into its output slot.
    private func combine(
        _ slot: Int, _ partner: Int, _ group: Int, _ manyValue: Double, _ oneValue: Double,
        _ run: Run
    ) throws(QueryError) {
        if isMixed {
            try combineSamples(slot, partner, group, manyValue, oneValue, run)
            return
        }
        let (a, b) = isSwapped ? (oneValue, manyValue) : (manyValue, oneValue)
        let result = Arithmetic.element(
            expr.op, a, b, kept: a, returnsBool: expr.returnsBool)
        let out = try meet(slot, partner, group, run)
        if SampleValue.isStale(result) { return }
        if !SampleValue.isStale(values[out]) { throw .sameLabels }
        values[out] = result
    }

    /// The same, where one of the two is a histogram.
    private func combineSamples(
        _ slot: Int, _ partner: Int, _ group: Int, _ manyValue: Double, _ oneValue: Double,
        _ run: Run
    ) throws(QueryError) {
        let manySample = slot >= 0 ? many.sample(slot) : .number(manyValue)
        let oneSample = partner >= 0 ? one.sample(partner) : .number(oneValue)
        let result = Arithmetic.combine(
            expr.op, isSwapped ? oneSample : manySample, isSwapped ? manySample : oneSample,
            position, &remark)
        guard case .result(let value, let holds) = result else { return }
        let out = try meet(slot, partner, group, run)
        if !holds && !expr.returnsBool { return }
        if !SampleValue.isStale(values[out]) { throw .sameLabels }
        switch value {
        case _ where expr.returnsBool: values[out] = holds ? 1 : 0
        case .number(let number): values[out] = number
        case .histogram(let histogram): put(histogram, out)
        }
    }

    /// Notes that two series met, and returns the output slot.
    private func meet(
        _ slot: Int, _ partner: Int, _ group: Int, _ run: Run
    ) throws(QueryError) -> Int {
        let out = try output(slot, partner, run)
        if matching.cardinality == .oneToOne {
            if matchedInStep[group] == currentStep {
                throw .execution(
                    "multiple matches for labels: many-to-one matching must be explicit "
                        + "(group_left/group_right)")
            }
        } else if metInStep[out] == currentStep && metGroup[out] == group {
            throw .execution(
                "multiple matches for labels: grouping labels must ensure unique matches")
        }
        matchedInStep[group] = currentStep
        metInStep[out] = currentStep
        metGroup[out] = group
        return out
    }

    private func output(_ slot: Int, _ partner: Int, _ run: Run) throws(QueryError) -> Int {
        if slot >= 0 && lastPartner[slot] == partner { return lastOutput[slot] }
        let pair = Pair(many: slot, one: partner)
        let out: Int
        if let known = pairs[pair] {
            out = known
        } else {
            try run.checkTime()
            try run.memory.take(MemoryCost.tableEntry)
            out = try makeOutput(slot, partner, run)
            pairs[pair] = out
        }
        if slot >= 0 {
            lastPartner[slot] = partner
            lastOutput[slot] = out
        }
        return out
    }

    private func makeOutput(_ slot: Int, _ partner: Int, _ run: Run) throws(QueryError) -> Int {
        let manyLabels = slot >= 0 ? many.labels[slot] : matching.fillKey(one.labels[partner])
        let oneLabels = partner >= 0 ? one.labels[partner] : matching.fillKey(manyLabels)
        var series = manyLabels
        if Arithmetic.changesMetric(expr.op) { series = NameRemoval.final(series) }
        if matching.cardinality == .oneToOne {
            series =
                matching.on ? series.keeping(matching.labels) : series.dropping(matching.labels)
        }
        for name in matching.include { series = series.setting(name, oneLabels.value(name)) }
        var drops = false
        if expr.returnsBool { (series, drops) = names.removing(series) }
        let out = table.slot(series, dropsName: drops)
        if out == labels.count {
            try addSeriesInStep(series, dropsName: drops, run)
            metInStep.append(0)
            metGroup.append(0)
        }
        return out
    }
}

extension VectorMatching {
    /// The labels of a series that is made up for one without a partner.
    func fillKey(_ series: Labels) -> Labels {
        on ? series.keeping(labels) : series.dropping(labels + [Labels.name])
    }
}
