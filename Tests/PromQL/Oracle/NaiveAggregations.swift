import Model
import PromQL

/// Aggregations, group by group.
extension NaiveEvaluator {
    func aggregate(_ aggregate: AggregateExpr, _ at: Moment, _ run: Run) throws -> [Element] {
        var parameter = 0.0
        var label = ""
        if let expr = aggregate.parameter {
            switch try evaluate(expr, at, run) {
            case .scalar(let number): parameter = number
            case .string(let text): label = text
            case .vector: throw Failure(message: "no parameter")
            }
        }
        let input = try vector(aggregate.expr, at, run)
        switch aggregate.op {
        case .countValues:
            let counted = input.map {
                Element(
                    labels: $0.labels.setting(label, GoFloat.fixed($0.value)), value: $0.value)
            }
            let names = aggregate.grouping + (aggregate.without ? [] : [label])
            return groups(counted, names, aggregate.without).map {
                Element(labels: $0.labels, value: Double($0.members.count))
            }
        case .topk, .bottomk, .limitk:
            if departures.contains(.strictParameters), !(abs(parameter) <= 0x1p63) {
                throw Failure(message: "Scalar value")
            }
            if parameter < 1 { return [] }
            if parameter.isNaN { throw Failure(message: "Parameter value is NaN") }
            if parameter >= 9.2e18 { throw Failure(message: "Scalar value") }
            let count = min(Int(parameter), input.count)
            return groups(input, aggregate.grouping, aggregate.without).flatMap { group in
                aggregate.op == .limitk
                    ? Array(group.members.prefix(count))
                    : best(count, of: group.members, isTop: aggregate.op == .topk)
            }
        case .quantile:
            if !(0...1).contains(parameter) { run.hasWarnings = true }
        default: break
        }
        return groups(input, aggregate.grouping, aggregate.without).map { group in
            Element(
                labels: group.labels,
                value: reduce(aggregate.op, group.members.map(\.value), parameter))
        }
    }

    /// In order of their first members.
    private func groups(
        _ input: [Element], _ names: [String], _ without: Bool
    ) -> [(labels: Labels, members: [Element])] {
        var list: [(labels: Labels, members: [Element])] = []
        var indices: [Labels: Int] = [:]
        for element in input {
            let key =
                without
                ? element.labels.dropping(names + ["__name__"]) : element.labels.keeping(names)
            if let index = indices[key] {
                list[index].members.append(element)
            } else {
                indices[key] = list.count
                list.append((key, [element]))
            }
        }
        return list
    }

    private func reduce(_ op: Aggregation, _ values: [Double], _ parameter: Double) -> Double {
        switch op {
        case .sum:
            if departures.contains(.plainSums) { return values.reduce(0, +) }
            var total = NaiveSum(sum: values[0])
            for value in values.dropFirst() { total.add(value) }
            return total.sum + total.lost
        case .avg:
            return departures.contains(.stepwiseMeans)
                ? NaiveSum.stepwiseMean(values, isCompensated: false) : NaiveSum.mean(values)
        case .count: return Double(values.count)
        case .group: return 1
        case .min: return values.dropFirst().reduce(values[0]) { $0 > $1 || $0.isNaN ? $1 : $0 }
        case .max: return values.dropFirst().reduce(values[0]) { $0 < $1 || $0.isNaN ? $1 : $0 }
        case .stdvar: return deviation(values)
        case .stddev: return deviation(values).squareRoot()
        case .quantile: return NaiveSum.quantile(parameter, values)
        default: return .nan
        }
    }

    /// Welford's, without compensation.
    private func deviation(_ values: [Double]) -> Double {
        var mean = values[0]
        let isZero = values[0].isFinite || departures.contains(.deviationOfInfinity)
        var squares = isZero ? 0 : Double.nan
        for (index, value) in values.enumerated().dropFirst() {
            let delta = value - mean
            mean += delta / Double(index + 1)
            squares += delta * (value - mean)
        }
        return squares / Double(values.count)
    }

    /// The best of a group, best first. Which of equals stay is decided by a binary heap of Go's kind
    /// with the worst on top.
    private func best(_ count: Int, of members: [Element], isTop: Bool) -> [Element] {
        func isWorse(_ a: Double, _ b: Double) -> Bool { a.isNaN || (isTop ? a < b : a > b) }
        var heap: [Element] = []
        for element in members {
            let value = element.value
            if heap.count < count {
                heap.append(element)
                var child = heap.count - 1
                while child > 0, isWorse(heap[child].value, heap[(child - 1) / 2].value) {
                    heap.swapAt(child, (child - 1) / 2)
                    child = (child - 1) / 2
                }
                continue
            }
            let worst = heap[0].value
            if !(isTop ? worst < value : worst > value) && !(worst.isNaN && !value.isNaN) {
                continue
            }
            heap[0] = element
            var parent = 0
            while 2 * parent + 1 < heap.count {
                var child = 2 * parent + 1
                if child + 1 < heap.count, isWorse(heap[child + 1].value, heap[child].value) {
                    child += 1
                }
                if !isWorse(heap[child].value, heap[parent].value) { break }
                heap.swapAt(child, parent)
                parent = child
            }
        }
        // Sorted as Go sorts short slices: by insertion.
        for end in heap.indices.dropFirst() {
            var place = end
            while place > 0, isWorse(heap[place - 1].value, heap[place].value) {
                heap.swapAt(place, place - 1)
                place -= 1
            }
        }
        return heap
    }
}
