import Model
import Store

/// `rate`, `increase` and `delta` of windows with native histograms, or with start timestamps.
func mixedChange(isCounter: Bool, isRate: Bool) -> MixedWindowFunction {
    { samples, context in
        let position = context.position(0)
        guard let kind = SampleKind(samples) else {
            context.run.annotate(.mixedFloatsAndHistograms(inMetric: context.metricName, position))
            return .none
        }
        let countsStarts = isCounter && context.run.usesStartTimes
        if countsStarts, samples.hasOverlappingStart {
            context.run.annotate(.overlappingStartTimes(context.metricName, position))
        }
        let zero = countsStarts ? samples.startWithin : nil
        if samples.count < 2, zero == nil { return .none }
        let span = ExtrapolatedSpan(samples, zero: zero)
        switch kind {
        case .numbers:
            let change = numberChange(
                samples, isCounter: isCounter, countsStarts: countsStarts, addsFirst: zero != nil)
            let first = samples.values[0]
            return .number(
                change
                    * span.factor(
                        change: change, first: first, isCounter: isCounter, isRate: isRate))
        case .histograms:
            guard
                var change = histogramChange(
                    samples, isCounter: isCounter, addsFirst: zero != nil, context)
            else { return .none }
            let first = samples.histogram(at: 0)?.count ?? 0
            change.multiply(
                by: span.factor(
                    change: change.count, first: first, isCounter: isCounter, isRate: isRate))
            return .histogram(change)
        }
    }
}

/// What a window's samples are, where they are all the same.
enum SampleKind {
    case numbers
    case histograms

    init?(_ samples: borrowing WindowSamples) {
        if !samples.hasHistograms {
            self = .numbers
            return
        }
        var histograms = 0
        for index in 0..<samples.count where SampleValue.isHistogram(samples.values[index]) {
            histograms += 1
        }
        if histograms == 0 {
            self = .numbers
        } else if histograms == samples.count {
            self = .histograms
        } else {
            return nil
        }
    }
}

/// How far a change between samples is stretched to their window.
private struct ExtrapolatedSpan {
    private var interval: Double
    private var toStart: Double
    private var toEnd: Double
    private var range: Double
    private var isAnchored: Bool

    /// `zero` is when the counter is known to have been zero.
    init(_ samples: borrowing WindowSamples, zero: Int64?) {
        func seconds(_ a: Int64, _ b: Int64) -> Double {
            Double(a.addingSaturating(0 &- b)) / 1000
        }
        let first = samples.timestamps[0]
        let last = samples.timestamps[samples.count - 1]
        let average =
            samples.count > 1 ? seconds(last, first) / Double(samples.count - 1) : 0
        let threshold = average * 1.1
        isAnchored = zero != nil
        interval = seconds(last, zero ?? first)
        toStart = zero == nil ? seconds(first, samples.from) : 0
        if zero == nil, toStart >= threshold { toStart = average / 2 }
        toEnd = seconds(samples.through, last)
        if toEnd >= threshold { toEnd = average / 2 }
        let length = samples.through.addingSaturating(0 &- samples.from)
        // Whole seconds and the rest apart, as Go's Duration.Seconds adds them.
        range = Double(length / 1000) + Double(length % 1000 * 1_000_000) / 1e9
    }

    /// A counter is not stretched to where it would have been below zero.
    func factor(change: Double, first: Double, isCounter: Bool, isRate: Bool) -> Double {
        var toStart = toStart
        if isCounter, !isAnchored, change > 0, first >= 0 {
            let toZero = interval * (first / change)
            if toZero < toStart { toStart = toZero }
        }
        let factor = (interval + toStart + toEnd) / interval
        return isRate ? factor / range : factor
    }
}

private func numberChange(
    _ samples: borrowing WindowSamples, isCounter: Bool, countsStarts: Bool, addsFirst: Bool
) -> Double {
    let last = samples.count - 1
    var change = samples.values[last] - samples.values[0]
    if isCounter, last > 0 {
        for index in 1...last {
            let isReset = samples.values[index] < samples.values[index - 1]
            if isReset || countsStarts && samples.startsAnew(at: index) {
                change += samples.values[index - 1]
            }
        }
    }
    return addsFirst ? change + samples.values[0] : change
}

/// The last histogram less the first, with what counter resets took away; nil, and remarked on, where
/// they do not fit together.
private func histogramChange(
    _ samples: borrowing WindowSamples, isCounter: Bool, addsFirst: Bool,
    _ context: FunctionContext
) -> FloatHistogram? {
    let run = HistogramRun(samples, isCounter: isCounter, context.run)
    // All there is counts from zero.
    if run.histograms.count == 1 { return addsFirst ? run.histograms[0] : nil }
    let position = context.position(0)
    var additions = false
    do throws(HistogramError) {
        let base = run.base
        var change = run.last.reducedResolution(to: try run.commonSchema(with: base))
        let subtraction = try change.subtract(base).boundsReconciled
        if isCounter { additions = try run.addLost(to: &change, from: base) }
        if addsFirst, try change.add(run.histograms[0]).boundsReconciled { additions = true }
        if isCounter, run.hasGauge {
            context.run.annotate(.histogramIsNoCounter(context.metricName, position))
        }
        if !isCounter, !run.endsAreGauges {
            context.run.annotate(.histogramIsNoGauge(context.metricName, position))
        }
        if subtraction { context.run.annotate(.mismatchedCustomBuckets(.subtraction, position)) }
        if additions { context.run.annotate(.mismatchedCustomBuckets(.addition, position)) }
        change.resetHint = .gauge
        change.compact()
        return change
    } catch {
        // What the ends are is looked at before what lies between them.
        if isCounter, run.hasGaugeEnd, run.last.usesCustomBuckets != run.base.usesCustomBuckets {
            context.run.annotate(.histogramIsNoCounter(context.metricName, position))
        }
        context.run.annotate(.mixedExponentialAndCustom(context.metricName, position))
        return nil
    }
}

/// The histograms of a window, oldest first.
private struct HistogramRun {
    var histograms: [FloatHistogram] = []
    /// Which of them start anew by their start timestamps.
    private var startsAnew: [Bool] = []
    private let isCounter: Bool

    init(_ samples: borrowing WindowSamples, isCounter: Bool, _ run: Run) {
        self.isCounter = isCounter
        let countsStarts = isCounter && run.usesStartTimes
        for index in 0..<samples.count {
            guard let histogram = samples.histogram(at: index) else { continue }
            histograms.append(histogram)
            startsAnew.append(countsStarts && index > 0 && samples.startsAnew(at: index))
        }
    }

    var last: FloatHistogram { histograms[histograms.count - 1] }

    var hasGauge: Bool { histograms.contains { $0.resetHint == .gauge } }

    var endsAreGauges: Bool { histograms[0].resetHint == .gauge && last.resetHint == .gauge }

    var hasGaugeEnd: Bool { histograms[0].resetHint == .gauge || last.resetHint == .gauge }

    private func isReset(_ index: Int, since previous: FloatHistogram) -> Bool {
        startsAnew[index] || histograms[index].detectsReset(since: previous)
    }

    /// What to subtract: the first, or nothing where counting began anew at once. Whatever its layout
    /// was, it does not matter then.
    var base: FloatHistogram {
        guard isCounter, isReset(1, since: histograms[0]) else { return histograms[0] }
        var empty = FloatHistogram()
        empty.schema = histograms[1].schema
        empty.customValues = histograms[1].customValues
        return empty
    }

    /// The lowest schema of those that matter.
    func commonSchema(with base: FloatHistogram) throws(HistogramError) -> Int32 {
        var schema = base.schema
        for histogram in isCounter ? histograms[1...] : histograms[(histograms.count - 1)...] {
            if histogram.usesCustomBuckets != base.usesCustomBuckets { throw .incompatibleSchemas }
            schema = min(schema, histogram.schema)
        }
        return schema
    }

    /// Adds what every reset took away; whether bounds had to be reconciled.
    func addLost(
        to change: inout FloatHistogram, from base: FloatHistogram
    ) throws(HistogramError) -> Bool {
        var reconciled = false
        var previous = base
        for index in histograms.indices.dropFirst() {
            if isReset(index, since: previous), try change.add(previous).boundsReconciled {
                reconciled = true
            }
            previous = histograms[index]
        }
        return reconciled
    }
}

/// `irate` and `idelta` of windows with native histograms, or with start timestamps.
func mixedInstantChange(isRate: Bool) -> MixedWindowFunction {
    { samples, context in
        let last = samples.count - 1
        if last < 1 { return .none }
        let interval = samples.timestamps[last].addingSaturating(
            0 &- samples.timestamps[last - 1])
        if interval == 0 { return .none }
        let seconds = Double(interval) / 1000
        let startsAnew =
            isRate && context.run.usesStartTimes && samples.startsAnew(at: last)
        switch (samples.histogram(at: last - 1), samples.histogram(at: last)) {
        case (nil, nil):
            let (previous, current) = (samples.values[last - 1], samples.values[last])
            let isReset = startsAnew || isRate && current < previous
            let change = isReset ? current : current - previous
            return .number(isRate ? change / seconds : change)
        case (let previous?, let current?):
            guard
                var change = instantChange(
                    previous, current, isRate: isRate, startsAnew: startsAnew, context)
            else { return .none }
            if isRate { change.divide(by: seconds) }
            return .histogram(change)
        default:
            context.run.annotate(
                .mixedFloatsAndHistograms(inMetric: context.metricName, context.position(0)))
            return .none
        }
    }
}

/// The change from one histogram to the next; nil, and remarked on, where they do not fit together.
private func instantChange(
    _ previous: FloatHistogram, _ current: FloatHistogram, isRate: Bool, startsAnew: Bool,
    _ context: FunctionContext
) -> FloatHistogram? {
    let position = context.position(0)
    let gauges = [previous, current].count { $0.resetHint == .gauge }
    if isRate, gauges > 0 {
        context.run.annotate(.histogramIsNoCounter(context.metricName, position))
    }
    if !isRate, gauges < 2 {
        context.run.annotate(.histogramIsNoGauge(context.metricName, position))
    }
    var change = current
    if !isRate || !(startsAnew || current.detectsReset(since: previous)) {
        do throws(HistogramError) {
            if try change.subtract(previous).boundsReconciled {
                context.run.annotate(.mismatchedCustomBuckets(.subtraction, position))
            }
        } catch {
            context.run.annotate(.mixedExponentialAndCustom(context.metricName, position))
            return nil
        }
    }
    change.resetHint = .gauge
    change.compact()
    return change
}
