import Model
import Store

/// `rate`, `increase` and `delta` of anchored and smoothed windows: the change between the values at
/// the window's ends, nothing extrapolated.
func extendedChange(
    isCounter: Bool, isRate: Bool
) -> @Sendable (RangeExtension) -> MixedWindowFunction {
    { reach in
        { samples, context in
            guard let kind = SampleKind(samples) else {
                context.run.annotate(
                    .mixedFloatsAndHistograms(
                        inMetric: context.metricName, context.position(0)))
                return .none
            }
            guard let edges = WindowEdges(samples, reach) else { return .none }
            let length = samples.through.addingSaturating(0 &- samples.from)
            // Whole seconds and the rest apart, as Go's Duration.Seconds adds them.
            let seconds = Double(length / 1000) + Double(length % 1000 * 1_000_000) / 1e9
            switch kind {
            case .numbers:
                let change = numberChange(samples, edges, reach, isCounter: isCounter)
                return .number(isRate ? change / seconds : change)
            case .histograms:
                guard
                    var change = histogramChange(
                        samples, edges, reach, isCounter: isCounter, context)
                else { return .none }
                if isRate { change.divide(by: seconds) }
                change.resetHint = .gauge
                change.compact()
                return .histogram(change)
            }
        }
    }
}

private func numberChange(
    _ samples: borrowing WindowSamples, _ edges: WindowEdges, _ reach: RangeExtension,
    isCounter: Bool
) -> Double {
    let interpolates = reach == .smoothed
    let left = edges.left(samples, interpolates: interpolates, isCounter: isCounter)
    let right = edges.right(samples, interpolates: interpolates, isCounter: isCounter)
    let change = right - left
    if !isCounter { return change }
    // The values at the ends have taken account of resets beyond them.
    let first = samples.timestamps[edges.first] <= samples.from ? edges.first + 1 : edges.first
    let last = samples.timestamps[edges.last] >= samples.through ? edges.last - 1 : edges.last
    var correction = 0.0
    var previous = left
    for index in first..<max(first, last + 1) {
        if samples.values[index] < previous { correction += previous }
        previous = samples.values[index]
    }
    if right < previous { correction += previous }
    return change + correction
}

/// The change of histograms; nil, and remarked on, where they do not fit together.
private func histogramChange(
    _ samples: borrowing WindowSamples, _ edges: WindowEdges, _ reach: RangeExtension,
    isCounter: Bool, _ context: FunctionContext
) -> FloatHistogram? {
    let position = context.position(0)
    guard let inside = histograms(samples, edges, context), !inside.isEmpty else { return nil }
    if isCounter, inside.contains(where: { $0.resetHint == .gauge }) {
        context.run.annotate(.histogramIsNoCounter(context.metricName, position))
    }
    do throws(HistogramError) {
        var ends = try HistogramEnds(samples, edges, reach, inside, isCounter: isCounter)
        if !isCounter, ends.left.resetHint != .gauge || ends.right.resetHint != .gauge {
            context.run.annotate(.histogramIsNoGauge(context.metricName, position))
        }
        let change = try ends.change(inside, isCounter: isCounter)
        for operation in ends.reconciled {
            context.run.annotate(.mismatchedCustomBuckets(operation, position))
        }
        return change
    } catch {
        context.run.annotate(.mixedExponentialAndCustom(context.metricName, position))
        return nil
    }
}

/// The histograms from one edge to the other; nil where one is none, or, remarked on, where their buckets
/// are of two kinds.
private func histograms(
    _ samples: borrowing WindowSamples, _ edges: WindowEdges, _ context: FunctionContext
) -> [FloatHistogram]? {
    var list: [FloatHistogram] = []
    for index in edges.first...edges.last {
        guard let histogram = samples.histogram(at: index) else { return nil }
        if let first = list.first, first.usesCustomBuckets != histogram.usesCustomBuckets {
            context.run.annotate(
                .mixedExponentialAndCustom(context.metricName, context.position(0)))
            return nil
        }
        list.append(histogram)
    }
    return list
}

/// The histograms at the ends of a window, interpolated where it is smoothed.
private struct HistogramEnds {
    private(set) var left: FloatHistogram
    private(set) var right: FloatHistogram
    /// The operations for which bounds had to be reconciled.
    private(set) var reconciled: [Annotation.HistogramOperation] = []
    private let interpolatesLeft: Bool

    /// `inside` has at least one histogram.
    init(
        _ samples: borrowing WindowSamples, _ edges: WindowEdges, _ reach: RangeExtension,
        _ inside: [FloatHistogram], isCounter: Bool
    ) throws(HistogramError) {
        left = inside[0]
        right = inside[inside.count - 1]
        interpolatesLeft =
            reach == .smoothed && samples.timestamps[edges.first] < samples.from
            && inside.count > 1
        if interpolatesLeft {
            let (histogram, operations) = try Interpolation(samples, edges.first, at: samples.from)
                .histogram(left, inside[1], isCounter: isCounter)
            left = histogram
            reconciled += operations
        }
        if reach == .smoothed, edges.last > 0, samples.timestamps[edges.last] > samples.through,
            let before = samples.histogram(at: edges.last - 1)
        {
            let (histogram, operations) = try Interpolation(
                samples, edges.last - 1, at: samples.through
            ).histogram(before, right, isCounter: isCounter)
            right = histogram
            reconciled += operations
        }
    }

    /// What lies between the ends.
    mutating func change(
        _ inside: [FloatHistogram], isCounter: Bool
    ) throws(HistogramError) -> FloatHistogram {
        var change = right
        if try change.subtract(left).boundsReconciled { reconciled.append(.subtraction) }
        if isCounter,
            let correction = try resetCorrection(
                inside, left: left, right: right, skipsFirst: interpolatesLeft, &reconciled)
        {
            if try change.add(correction).boundsReconciled { reconciled.append(.addition) }
        }
        return change
    }
}

/// What counter resets between the values at a window's ends took away; nil where there were none.
/// `skipsFirst`: the left value was interpolated, which has taken account of a reset before the next
/// sample.
private func resetCorrection(
    _ inside: [FloatHistogram], left: FloatHistogram, right: FloatHistogram, skipsFirst: Bool,
    _ reconciled: inout [Annotation.HistogramOperation]
) throws(HistogramError) -> FloatHistogram? {
    var next = 1
    var previous = left
    if skipsFirst, inside[1].detectsReset(since: inside[0]) {
        previous = inside[1]
        next = 2
    }
    // The last sample is what `right` is made of, and has its hint.
    let end = inside.count - 1
    if next > end { return nil }
    var correction: FloatHistogram?
    func add(_ lost: FloatHistogram) throws(HistogramError) {
        guard var sum = correction else {
            correction = lost
            return
        }
        if try sum.add(lost).boundsReconciled { reconciled.append(.addition) }
        correction = sum
    }
    for current in inside[next..<end] {
        if current.detectsReset(since: previous) { try add(previous) }
        previous = current
    }
    if right.detectsReset(since: previous) { try add(previous) }
    return correction
}

/// Where the samples of an anchored window begin that count: with the last at or before its start. Nil
/// where none is behind its start.
func anchor(_ samples: borrowing WindowSamples) -> Int? {
    var index = 0
    while index < samples.count, samples.timestamps[index] <= samples.from { index += 1 }
    return index == samples.count ? nil : max(0, index - 1)
}
