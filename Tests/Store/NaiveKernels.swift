import Store

/// The kernels once more, each written down by itself over plain arrays.
func naiveKernel(
    _ kernel: WindowKernel, _ times: [Int64], _ values: [Double], from: Int64, through: Int64
) -> Double? {
    guard let first = values.first, let last = values.last else { return nil }
    let pairs = zip(values, values.dropFirst())
    switch kernel {
    case .rate, .increase, .delta:
        if values.count < 2 { return nil }
        var change = last - first
        if kernel != .delta { for (a, b) in pairs where b < a { change += a } }
        var start = Double(times[0] - from) / 1000
        var end = Double(through - times[times.count - 1]) / 1000
        let sampled = Double(times[times.count - 1] - times[0]) / 1000
        let average = sampled / Double(values.count - 1)
        if start >= average * 1.1 { start = average / 2 }
        if kernel != .delta, change > 0, first >= 0 {
            start = min(start, sampled * (first / change))
        }
        if end >= average * 1.1 { end = average / 2 }
        var factor = (sampled + start + end) / sampled
        if kernel == .rate { factor /= Double((through - from) / 1000) }
        return change * factor
    case .irate, .idelta:
        if values.count < 2 { return nil }
        let before = values[values.count - 2]
        let change = kernel == .irate && last < before ? last : last - before
        if kernel == .idelta { return change }
        return change / (Double(times[times.count - 1] - times[times.count - 2]) / 1000)
    case .sumOverTime:
        let (sum, lost) = compensated(values)
        return sum.isInfinite ? sum : sum + lost
    case .avgOverTime:
        return naiveMean(values)
    case .minOverTime: return values.reduce(first) { $1 < $0 || $0.isNaN ? $1 : $0 }
    case .maxOverTime: return values.reduce(first) { $1 > $0 || $0.isNaN ? $1 : $0 }
    case .countOverTime: return Double(values.count)
    case .firstOverTime: return first
    case .lastOverTime: return last
    case .presentOverTime: return 1
    case .changes:
        return Double(pairs.filter { !($0 == $1 || $0.isNaN && $1.isNaN) }.count)
    case .resets: return Double(pairs.filter { $1 < $0 }.count)
    case .stdvarOverTime: return naiveVariance(values)
    case .stddevOverTime: return naiveVariance(values).squareRoot()
    }
}

private func compensated(_ values: [Double]) -> (sum: Double, lost: Double) {
    values.reduce((0.0, 0.0)) { step($0, $1) }
}

private func step(_ sum: (Double, Double), _ number: Double) -> (Double, Double) {
    let next = sum.0 + number
    if next.isInfinite { return (next, 0) }
    return abs(sum.0) >= abs(number)
        ? (next, sum.1 + ((sum.0 - next) + number)) : (next, sum.1 + ((number - next) + sum.0))
}

private func naiveMean(_ values: [Double]) -> Double {
    var sum = (values[0], 0.0)
    for index in values.indices.dropFirst() {
        let next = step(sum, values[index])
        if !next.0.isInfinite {
            sum = next
            continue
        }
        var mean = (sum.0 / Double(index), sum.1 / Double(index))
        for later in index..<values.count {
            let count = Double(later + 1)
            let share = (count - 1) / count
            mean = step((share * mean.0, share * mean.1), values[later] / count)
        }
        return mean.0 + mean.1
    }
    let count = Double(values.count)
    return sum.0 / count + sum.1 / count
}

private func naiveVariance(_ values: [Double]) -> Double {
    var (mean, squares, count) = ((0.0, 0.0), (0.0, 0.0), 0.0)
    for value in values {
        count += 1
        let delta = value - (mean.0 + mean.1)
        mean = step(mean, delta / count)
        squares = step(squares, delta * (value - (mean.0 + mean.1)))
    }
    return (squares.0 + squares.1) / count
}
