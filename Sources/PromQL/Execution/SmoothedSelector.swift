import Model
import Store

/// `selector smoothed`: each series' value at the evaluation time, interpolated between the samples
/// around it; the newest sample's where none follows within the lookback.
final class SmoothedSelector: OperatorOutput, Operator {
    private let series: SelectedSeries
    private let look: LookTime
    private let position: PositionRange
    private var follower = SeriesFollower()
    private var samples = SampleBuffer()

    init(_ series: SelectedSeries, look: LookTime, position: PositionRange) {
        self.series = series
        self.look = look
        self.position = position
    }

    func activeTimes(_ run: Run) -> ActiveTimes {
        let lookback = run.lookback.value
        return look.sees(series.activeTimes(run), back: lookback, ahead: lookback)
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try run.checkTime()
        let change = follower.change(to: series.version)
        if change != .none {
            try takeSeries(series.reader.labels, change, run)
            follower.follow(series.version)
        }
        clear()
        let moment = look.time(time, run)
        let lookback = run.lookback.value
        let start = Timestamp(milliseconds: moment.addingSaturating(0 &- lookback))
        let end = Timestamp(milliseconds: moment.addingSaturating(lookback))
        for slot in labels.indices {
            series.reader.read(slot, from: start, through: end, pin: run.pin, into: &samples)
            if samples.values.isEmpty { continue }
            let count = samples.values.count
            try run.hold(count)
            samples.withWindow(from: start, through: end) { window in
                evaluate(slot, window, at: moment, run)
            }
            run.drop(count)
        }
    }

    private func evaluate(
        _ slot: Int, _ window: borrowing WindowSamples, at moment: Int64, _ run: Run
    ) {
        guard SampleKind(window) != nil else {
            run.annotate(
                .mixedFloatsAndHistograms(inMetric: labels[slot].metricName, position))
            return
        }
        var next = 0
        while next < window.count, window.timestamps[next] < moment { next += 1 }
        let isExact = next < window.count && window.timestamps[next] == moment
        if isExact || next == window.count {
            let index = isExact ? next : next - 1
            if let histogram = window.histogram(at: index) {
                put(histogram, slot)
            } else {
                values[slot] = window.values[index]
            }
            return
        }
        if next == 0 { return }
        let place = Interpolation(window, next - 1, at: moment)
        guard let before = window.histogram(at: next - 1),
            let after = window.histogram(at: next)
        else {
            // Nothing tells counters from other numbers here.
            values[slot] = place.value(window, isCounter: false)
            return
        }
        let isCounter = before.resetHint != .gauge && after.resetHint != .gauge
        do throws(HistogramError) {
            if before.usesCustomBuckets != after.usesCustomBuckets { throw .incompatibleSchemas }
            let (result, reconciled) = try place.histogram(before, after, isCounter: isCounter)
            put(result, slot)
            for operation in reconciled {
                run.annotate(.mismatchedCustomBuckets(operation, position))
            }
        } catch {
            run.annotate(.mixedExponentialAndCustom(labels[slot].metricName, position))
        }
    }
}
