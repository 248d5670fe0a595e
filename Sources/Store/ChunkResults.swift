import Model

/// What is left to do once a kernel has gone over the rows: the results of the lanes that have a value
/// in every frame, in `results`. As in the scans, loops index without checks, behind a precondition.
extension Chunk {
    /// `lastInterval` is the time between the last two frames.
    func finish(
        _ kernel: WindowKernel, _ span: SampledSpan, frames: Range<Int>, lanes: Range<Int>,
        lastInterval: Int64, into scratch: inout LaneScratch
    ) {
        let (first, last) = (row(frames.lowerBound), row(frames.upperBound - 1))
        switch kernel {
        case .rate, .increase, .delta:
            extrapolate(
                first, last, lanes, span, &scratch.results, isCounter: kernel != .delta,
                isRate: kernel == .rate)
        case .irate, .idelta:
            instantChange(
                row(frames.upperBound - 2), last, lanes, Double(lastInterval) / 1000,
                &scratch.results, isRate: kernel == .irate)
        case .sumOverTime:
            for lane in lanes { scratch.results[lane] += scratch.compensations[lane] }
        case .avgOverTime:
            let count = Double(frames.count)
            for lane in lanes {
                scratch.results[lane] =
                    scratch.results[lane] / count + scratch.compensations[lane] / count
            }
        case .countOverTime:
            for lane in lanes { scratch.results[lane] = Double(frames.count) }
        case .presentOverTime: for lane in lanes { scratch.results[lane] = 1 }
        case .firstOverTime: for lane in lanes { scratch.results[lane] = values[first + lane] }
        case .lastOverTime: for lane in lanes { scratch.results[lane] = values[last + lane] }
        default: break
        }
    }

    /// As `SampledSpan.extrapolate`, lane by lane.
    private func extrapolate(
        _ first: Int, _ last: Int, _ lanes: Range<Int>, _ span: SampledSpan,
        _ results: inout [Double], isCounter: Bool, isRate: Bool
    ) {
        let values = values.span
        var results = results.mutableSpan
        precondition(
            lanes.upperBound <= width && max(first, last) + width <= values.count
                && lanes.upperBound <= results.count)
        let (interval, toStart, toEnd) = (span.interval, span.toStart, span.toEnd)
        let seconds = span.rangeSeconds
        for lane in lanes {
            let start = unsafe values[unchecked: first + lane]
            let change = unsafe values[unchecked: last + lane] - start
            var reach = toStart
            if isCounter {
                let toZero = interval * (start / change)
                let isNear = change > 0 && start >= 0 && toZero < toStart
                reach = isNear ? toZero : toStart
            }
            var factor = (interval + reach + toEnd) / interval
            if isRate { factor /= seconds }
            unsafe results[unchecked: lane] = change * factor
        }
    }

    private func instantChange(
        _ previous: Int, _ last: Int, _ lanes: Range<Int>, _ seconds: Double,
        _ results: inout [Double], isRate: Bool
    ) {
        let values = values.span
        var results = results.mutableSpan
        precondition(
            lanes.upperBound <= width && max(previous, last) + width <= values.count
                && lanes.upperBound <= results.count)
        for lane in lanes {
            let before = unsafe values[unchecked: previous + lane]
            let now = unsafe values[unchecked: last + lane]
            let change = isRate && now < before ? now : now - before
            unsafe results[unchecked: lane] = isRate ? change / seconds : change
        }
    }

    /// Counts the lanes' steps from one value to another, or to a lower one.
    func countSteps(
        _ previous: Int, _ row: Int, _ lanes: Range<Int>, _ counts: inout [Double],
        onlyDecreases: Bool
    ) {
        let values = values.span
        var counts = counts.mutableSpan
        precondition(
            lanes.upperBound <= width && max(previous, row) + width <= values.count
                && lanes.upperBound <= counts.count)
        for lane in lanes {
            let before = unsafe values[unchecked: previous + lane]
            let now = unsafe values[unchecked: row + lane]
            let isStep =
                onlyDecreases ? now < before : now != before && !(now.isNaN && before.isNaN)
            unsafe counts[unchecked: lane] += isStep ? 1 : 0
        }
    }
}
