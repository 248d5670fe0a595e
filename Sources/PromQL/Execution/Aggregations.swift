import Model
import Store

/// The output group of every slot of an aggregation's input.
struct Grouping {
    let by: [String]
    let without: Bool
    private(set) var labels: [Labels] = []
    private(set) var dropsName: [Bool] = []
    private(set) var groupOf: [Int] = []
    private var ids: [Labels: Int] = [:]
    private var follower = SeriesFollower()

    init(_ names: [String], without: Bool) {
        by = names
        self.without = without
    }

    /// The labels of the group that a series belongs to.
    func key(_ series: Labels) -> Labels {
        if without { return series.dropping(by + [Labels.name]) }
        return by.isEmpty ? .empty : series.keeping(by)
    }

    /// Binds to the input where it changed; says what became of the groups.
    mutating func bind(_ input: OperatorOutput, _ run: Run) throws(QueryError) -> SeriesChange {
        var change = follower.change(to: input.version)
        if change == .none { return .none }
        if change == .rebuilt {
            ids = [:]
            labels = []
            dropsName = []
            groupOf = []
        }
        try run.memory.take((input.labels.count - groupOf.count) * MemoryLayout<Int>.stride)
        groupOf.reserveCapacity(input.labels.count)
        for slot in groupOf.count..<input.labels.count {
            try run.checkTime()
            let key = key(input.labels[slot])
            if let known = ids[key] {
                groupOf.append(known)
                if input.dropsName[slot], !dropsName[known] {
                    dropsName[known] = true
                    change = .rebuilt
                }
                continue
            }
            try run.memory.take(MemoryCost.slot + MemoryCost.labels(key))
            ids[key] = labels.count
            groupOf.append(labels.count)
            labels.append(key)
            dropsName.append(input.dropsName[slot])
        }
        follower.follow(input.version)
        return change
    }
}

/// Aggregations with one output series per group.
final class GroupAggregation: OperatorOutput, Operator {
    let input: any Operator
    private let parameter: (any Operator)?
    let expr: AggregateExpr
    private(set) var grouping: Grouping
    private var counts: [Double] = []
    private var sums: [CompensatedSum] = []
    private var means: [Double] = []
    private var isIncremental: [Bool] = []
    private var members: [[Double]] = []
    private var countedGroups = CountedBytes()

    init(_ input: any Operator, parameter: (any Operator)?, _ expr: AggregateExpr) {
        self.input = input
        self.parameter = parameter
        self.expr = expr
        grouping = Grouping(expr.grouping, without: expr.without)
    }

    func activeTimes(_ run: Run) -> ActiveTimes {
        parameter?.isConstant ?? true ? input.activeTimes(run) : .always
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try parameter?.step(at: time, run)
        try input.step(at: time, run)
        let change = try grouping.bind(input, run)
        if change != .none {
            try takeSeries(grouping.labels, dropsName: grouping.dropsName, change, run)
        }
        clear()
        try start(run)
        let slots = numbers(run)
        switch expr.op {
        case .sum: sum(slots)
        case .avg: average(slots)
        case .count:
            count(slots)
            finish { counts[$0] }
        case .group:
            count(slots)
            finish { _ in 1 }
        case .min: extreme(slots) { $0 > $1 }
        case .max: extreme(slots) { $0 < $1 }
        case .stdvar:
            deviate(slots)
            finish { values[$0] / counts[$0] }
        case .stddev:
            deviate(slots)
            finish { (values[$0] / counts[$0]).squareRoot() }
        case .quantile: quantile(slots, run)
        default: throw .execution("aggregation \(expr.op.rawValue.goQuoted) is not supported yet")
        }
        if input.hasHistograms && (expr.op == .sum || expr.op == .avg) {
            accumulateHistograms(averaging: expr.op == .avg, run)
        }
    }

    /// What the sums of one group take, and the members of a quantile's group.
    private static let groupBytes = 40
    private static let memberBytes = 16

    private func start(_ run: Run) throws(QueryError) {
        if counts.count == labels.count {
            for group in counts.indices { counts[group] = 0 }
        } else {
            var bytes = labels.count * Self.groupBytes
            if expr.op == .quantile {
                bytes +=
                    labels.count * MemoryCost.buffer + input.labels.count * Self.memberBytes
            }
            try countedGroups.become(bytes, run)
            counts = [Double](repeating: 0, count: labels.count)
            sums = [CompensatedSum](repeating: CompensatedSum(), count: labels.count)
            means = counts
            isIncremental = [Bool](repeating: false, count: labels.count)
        }
    }

    /// Gives every group that has members its result.
    @inline(__always)
    private func finish(_ result: (Int) -> Double) {
        for group in counts.indices where counts[group] > 0 { values[group] = result(group) }
    }

    private func count(_ slots: [Double]) {
        for slot in slots.indices where !SampleValue.isStale(slots[slot]) {
            counts[grouping.groupOf[slot]] += 1
        }
    }

    private func sum(_ slots: [Double]) {
        for slot in slots.indices {
            let value = slots[slot]
            if SampleValue.isStale(value) { continue }
            let group = grouping.groupOf[slot]
            if counts[group] == 0 {
                sums[group] = CompensatedSum(value: value)
            } else {
                sums[group].add(value)
            }
            counts[group] += 1
        }
        finish { sums[$0].value + sums[$0].compensation }
    }

    /// The compensated sum divided by the count, or an incremental mean where the sum overflows.
    private func average(_ slots: [Double]) {
        for slot in slots.indices {
            let value = slots[slot]
            if SampleValue.isStale(value) { continue }
            let group = grouping.groupOf[slot]
            counts[group] += 1
            let count = counts[group]
            if count == 1 {
                sums[group] = CompensatedSum(value: value)
                isIncremental[group] = false
                continue
            }
            if !isIncremental[group] {
                var next = sums[group]
                next.add(value)
                if !next.value.isInfinite {
                    sums[group] = next
                    continue
                }
                isIncremental[group] = true
                sums[group].value /= count - 1
                sums[group].compensation /= count - 1
            }
            // From here on `sums` holds the mean.
            let share = (count - 1) / count
            sums[group].value *= share
            sums[group].compensation *= share
            sums[group].add(value / count)
        }
        finish { group in
            let sum = sums[group]
            return isIncremental[group]
                ? sum.value + sum.compensation
                : sum.value / counts[group] + sum.compensation / counts[group]
        }
    }

    @inline(__always)
    private func extreme(_ slots: [Double], _ isWorse: (Double, Double) -> Bool) {
        for slot in slots.indices {
            let value = slots[slot]
            if SampleValue.isStale(value) { continue }
            let group = grouping.groupOf[slot]
            let best = values[group]
            if counts[group] == 0 || isWorse(best, value) || best.isNaN { values[group] = value }
            counts[group] = 1
        }
    }

    /// Welford's sum of squared deviations, in `values`.
    private func deviate(_ slots: [Double]) {
        for slot in slots.indices {
            let value = slots[slot]
            if SampleValue.isStale(value) { continue }
            let group = grouping.groupOf[slot]
            counts[group] += 1
            if counts[group] == 1 {
                means[group] = value
                values[group] = value.isFinite ? 0 : SampleValue.nan
                continue
            }
            let delta = value - means[group]
            means[group] += delta / counts[group]
            values[group] += delta * (value - means[group])
        }
    }

    private func quantile(_ slots: [Double], _ run: Run) {
        let quantile = parameter?.scalar ?? SampleValue.nan
        if !(0...1).contains(quantile) {
            let position = expr.parameter?.range ?? PositionRange(0, 0)
            run.annotate(.invalidQuantile(quantile, position))
        }
        if members.count != labels.count {
            members = [[Double]](repeating: [], count: labels.count)
        }
        for group in members.indices { members[group].removeAll(keepingCapacity: true) }
        for slot in slots.indices where !SampleValue.isStale(slots[slot]) {
            members[grouping.groupOf[slot]].append(slots[slot])
        }
        for group in members.indices where !members[group].isEmpty {
            values[group] = Quantile.of(&members[group], quantile)
        }
    }
}
