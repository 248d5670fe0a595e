import Model
import PromQL

/// An interpreter of PromQL that knows nothing but label sets and lists of samples: no binding, no
/// columns, no state between steps. What it says is what the engine has to say.
struct NaiveEvaluator {
    let history: History
    var lookback: Int64 = 300_000
    var defaultStep: Int64 = 60_000
    /// Where it does as another Prometheus does.
    var departures: Set<Departure> = []
    /// Where given, the series of every vector come in an order that is made up.
    var disorder: Disorder?

    /// Puts series into another order each time.
    final class Disorder {
        private var dice: Dice

        init(seed: UInt64) { dice = Dice(seed) }

        func shuffled(_ elements: [Element]) -> [Element] { elements.shuffled(using: &dice) }
    }

    /// A present series.
    struct Element {
        var labels: Labels
        var value: Double
    }

    /// A series' samples in a window, markers left out.
    struct Window {
        var labels: Labels
        var samples: [(time: Int64, value: Double)]
    }

    enum Value {
        case scalar(Double)
        case string(String)
        case vector([Element])
    }

    struct Failure: Error {
        var message: String
    }

    static let sameLabels = Failure(
        message: "vector cannot contain metrics with the same labelset")

    /// What one query remembers between its steps.
    final class Run {
        let start: Int64
        let end: Int64
        var hasWarnings = false
        var hasInfos = false
        /// Which series each output of a range function came from.
        var owners: [ObjectIdentifier: [Labels: Labels]] = [:]

        init(start: Int64, end: Int64) {
            self.start = start
            self.end = end
        }

        /// Two series may not share an output anywhere in a whole run.
        func own(_ labels: Labels, _ owner: Labels, in expr: Expr) throws {
            let former = owners[ObjectIdentifier(expr), default: [:]]
                .updateValue(owner, forKey: labels)
            if let former, former != owner { throw sameLabels }
        }
    }

    /// When an expression is evaluated: now, and the first step of what it is evaluated for.
    struct Moment {
        var now: Int64
        var first: Int64
        /// The last of these steps.
        var last: Int64
    }

    func evaluate(_ expr: Expr, _ at: Moment, _ run: Run) throws -> Value {
        let value = try evaluateInOrder(expr, at, run)
        guard let disorder, case .vector(let elements) = value else { return value }
        return .vector(disorder.shuffled(elements))
    }

    private func evaluateInOrder(_ expr: Expr, _ at: Moment, _ run: Run) throws -> Value {
        switch expr.kind {
        case .number(let number): return .scalar(number.value)
        case .string(let text): return .string(text)
        case .paren(let inner), .stepInvariant(let inner): return try evaluate(inner, at, run)
        case .unary(.plus, let inner): return try evaluate(inner, at, run)
        case .unary(.minus, let inner):
            if case .scalar(let number) = try evaluate(inner, at, run) { return .scalar(-number) }
            return .vector(
                try unique(
                    try vector(inner, at, run).map {
                        let labels = $0.labels.droppingName
                        if departures.contains(.negationOverWholeRange) {
                            try run.own(labels, $0.labels, in: expr)
                        }
                        return Element(labels: labels, value: -$0.value)
                    }))
        case .vectorSelector(let selector):
            return .vector(instant(selector, at, run).map { Element(labels: $0, value: $2) })
        case .binary(let binary): return try self.binary(binary, at, run)
        case .aggregate(let aggregate):
            // Of an aggregation of something fixed the parameter is evaluated once, too.
            let now = isFixed(aggregate.expr) ? at.first : at.now
            return .vector(
                try self.aggregate(aggregate, Moment(now: now, first: at.first, last: at.last), run)
            )
        case .call(let call): return try self.call(expr, call, at, run)
        case .matrixSelector, .subquery: throw Failure(message: "a range vector here")
        }
    }

    func vector(_ expr: Expr, _ at: Moment, _ run: Run) throws -> [Element] {
        guard case .vector(let elements) = try evaluate(expr, at, run) else {
            throw Failure(message: "no vector here")
        }
        return elements
    }

    func scalar(_ expr: Expr, _ at: Moment, _ run: Run) throws -> Double {
        guard case .scalar(let number) = try evaluate(expr, at, run) else {
            throw Failure(message: "no scalar here")
        }
        return number
    }

    func unique(_ elements: [Element]) throws -> [Element] {
        if Set(elements.map(\.labels)).count < elements.count { throw Self.sameLabels }
        return elements
    }

    /// Whether everything in an expression is fixed by an `@`.
    func isFixed(_ expr: Expr) -> Bool {
        let timely: Set<String> = [
            "days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute",
            "month", "year", "predict_linear", "time", "timestamp",
        ]
        switch expr.kind {
        case .number, .string: return true
        case .paren(let inner), .stepInvariant(let inner), .unary(_, let inner):
            return isFixed(inner)
        case .vectorSelector(let selector): return selector.at != nil
        case .matrixSelector(let matrix): return matrix.selector.at != nil
        case .subquery(let subquery): return subquery.at != nil
        case .aggregate(let aggregate): return isFixed(aggregate.expr)
        case .binary(let binary): return isFixed(binary.left) && isFixed(binary.right)
        case .call(let call):
            return !timely.contains(call.function.name) && call.arguments.allSatisfy(isFixed)
        }
    }

    // MARK: Selectors

    /// How far left of its edge a window begins.
    private var slack: Int64 { departures.contains(.closedWindows) ? 1 : 0 }

    private func milliseconds(_ duration: DurationExpr) -> Int64 {
        let value = try? duration.evaluated(step: .zero, range: .zero).value
        return value ?? 0
    }

    private func time(
        _ at: AtModifier?, _ offset: DurationExpr, _ now: Int64, _ run: Run
    ) -> Int64 {
        let base: Int64 =
            switch at {
            case nil: now
            case .timestamp(let fixed): fixed.milliseconds
            case .start: run.start
            case .end: run.end
            }
        return base - milliseconds(offset)
    }

    func instant(
        _ selector: VectorSelector, _ at: Moment, _ run: Run
    ) -> [(labels: Labels, time: Int64, value: Double)] {
        let now = time(selector.at, selector.offset, at.now, run)
        return history.series.compactMap { one in
            guard selector.matchers.allSatisfy({ $0.matches(one.labels) }),
                let last = one.samples.last(where: { $0.time <= now }),
                last.time > now - lookback - slack, !SampleValue.isStale(last.value)
            else { return nil }
            return (one.labels, last.time, last.value)
        }
    }

    /// The windows of a range vector that have samples, and where they begin and end.
    func windows(
        _ expr: Expr, _ at: Moment, _ run: Run
    ) throws -> (windows: [Window], from: Int64, through: Int64) {
        switch expr.kind {
        case .paren(let inner), .stepInvariant(let inner): return try windows(inner, at, run)
        case .matrixSelector(let matrix):
            let through = time(matrix.selector.at, matrix.selector.offset, at.now, run)
            let from = through - milliseconds(matrix.range)
            let found = history.series.compactMap { one -> Window? in
                guard matrix.selector.matchers.allSatisfy({ $0.matches(one.labels) }) else {
                    return nil
                }
                let samples = one.samples.filter {
                    $0.time > from - slack && $0.time <= through && !SampleValue.isStale($0.value)
                }
                return samples.isEmpty ? nil : Window(labels: one.labels, samples: samples)
            }
            return (found, from, through)
        case .subquery(let subquery):
            let through = time(subquery.at, subquery.offset, at.now, run)
            let range = milliseconds(subquery.range)
            let step = subquery.step.map { milliseconds($0) } ?? defaultStep
            func firstMultiple(after time: Int64) -> Int64 {
                let multiple = time / step * step
                return multiple <= time - slack ? multiple + step : multiple
            }
            let first = firstMultiple(
                after: time(subquery.at, subquery.offset, at.first, run) - range)
            let last = time(subquery.at, subquery.offset, at.last, run)
            if departures.contains(.subqueriesEverywhere), at.now == at.first {
                // What it finds is forgotten; an error is one. What is fixed is evaluated in any case.
                let end = isFixed(subquery.expr) ? max(first, last) : last
                for now in stride(from: first, through: end, by: Int(step)) {
                    let moment = Moment(now: now, first: first, last: last)
                    _ = try evaluate(subquery.expr, moment, run)
                }
            }
            var order: [Labels] = []
            var samples: [Labels: [(time: Int64, value: Double)]] = [:]
            for now in stride(
                from: firstMultiple(after: through - range), through: through, by: Int(step))
            {
                let value = try evaluate(
                    subquery.expr, Moment(now: now, first: first, last: last), run)
                var elements: [Element] = []
                if case .vector(let list) = value { elements = list }
                if case .scalar(let number) = value {
                    elements = [Element(labels: .empty, value: number)]
                }
                for element in elements {
                    if samples[element.labels] == nil { order.append(element.labels) }
                    samples[element.labels, default: []].append((now, element.value))
                }
            }
            return (
                order.map { Window(labels: $0, samples: samples[$0] ?? []) }, through - range,
                through
            )
        default: throw Failure(message: "no range vector here")
        }
    }
}

/// Go's `math.Max` and `math.Min`: infinities win over NaN, and zeros have signs.
enum GoExtreme {
    static func max(_ a: Double, _ b: Double) -> Double {
        if a == .infinity || b == .infinity { return .infinity }
        if a.isNaN || b.isNaN { return .nan }
        if a == 0 && b == 0 { return a.sign == .minus ? b : a }
        return a > b ? a : b
    }

    static func min(_ a: Double, _ b: Double) -> Double {
        if a == -.infinity || b == -.infinity { return -.infinity }
        if a.isNaN || b.isNaN { return .nan }
        if a == 0 && b == 0 { return a.sign == .minus ? a : b }
        return a < b ? a : b
    }
}

/// A sum that carries along what it lost (Neumaier).
struct NaiveSum {
    var sum = 0.0
    var lost = 0.0
    /// Whether what was lost is nothing once the sum is infinite.
    var forgets = true

    mutating func add(_ number: Double) {
        let next = sum + number
        if forgets && next.isInfinite {
            lost = 0
        } else if abs(sum) >= abs(number) {
            lost += (sum - next) + number
        } else {
            lost += (number - next) + sum
        }
        sum = next
    }

    /// The mean: of the sum, or taken step by step from where the sum would overflow.
    static func mean(_ values: [Double]) -> Double {
        var total = NaiveSum(sum: values[0])
        var isStepwise = false
        for (index, value) in values.enumerated().dropFirst() {
            let count = Double(index + 1)
            if !isStepwise {
                var next = total
                next.add(value)
                if !next.sum.isInfinite {
                    total = next
                    continue
                }
                isStepwise = true
                total = NaiveSum(sum: total.sum / (count - 1), lost: total.lost / (count - 1))
            }
            let share = (count - 1) / count
            total = NaiveSum(sum: share * total.sum, lost: share * total.lost)
            total.add(value / count)
        }
        let count = Double(values.count)
        return isStepwise ? total.sum + total.lost : total.sum / count + total.lost / count
    }

    /// The mean taken step by step from the start, as it was before.
    static func stepwiseMean(_ values: [Double], isCompensated: Bool) -> Double {
        var mean = isCompensated ? NaiveSum(forgets: false) : NaiveSum(sum: values[0])
        for (index, value) in values.enumerated().dropFirst(isCompensated ? 0 : 1) {
            if mean.sum.isInfinite && !value.isNaN && (value.isFinite || value == mean.sum) {
                continue
            }
            let count = Double(index + 1)
            let change = value / count - mean.sum / count
            if isCompensated { mean.add(change) } else { mean.sum += change }
        }
        return mean.sum.isInfinite ? mean.sum : mean.sum + mean.lost
    }

    /// The φ-quantile of some numbers, NaN the smallest.
    static func quantile(_ quantile: Double, _ values: [Double]) -> Double {
        if values.isEmpty || quantile.isNaN { return .nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        // Go sorts few values in a way that keeps the order of zeros; of more, it says nothing.
        let numbers = values.filter { !$0.isNaN }.sorted {
            values.count > 12 && $0 == $1 ? $0.sign == .minus && $1.sign == .plus : $0 < $1
        }
        let sorted = values.filter(\.isNaN) + numbers
        let rank = quantile * Double(sorted.count - 1)
        let lower = max(0, Int(rank.rounded(.down)))
        let upper = min(sorted.count - 1, lower + 1)
        let weight = rank - rank.rounded(.down)
        return sorted[lower] * (1 - weight) + sorted[upper] * weight
    }
}
