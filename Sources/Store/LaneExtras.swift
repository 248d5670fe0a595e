import Model

/// What a series' samples have beside their numbers: native histograms and start timestamps.
///
/// By frame rather than by row, so that it does not care how the ring beside it grows; only series
/// that have such samples take memory for them.
struct LaneExtras: Sendable {
    struct HistogramSample: Sendable {
        var frame: Int
        var histogram: FloatHistogram
    }

    /// The start timestamp of the samples from a frame on; 0 where it is not known.
    struct StartRun: Sendable {
        var frame: Int
        var start: Int64
    }

    private(set) var histograms: [HistogramSample] = []
    private(set) var starts: [StartRun] = []
    /// How many of `histograms` and `starts` are forgotten.
    private var (deadHistograms, deadStarts) = (0, 0)

    var isEmpty: Bool { histograms.isEmpty && starts.isEmpty }

    /// Adds the histogram of a frame newer than all before; `previous` is the frame before it that says
    /// something of the series.
    mutating func add(_ histogram: FloatHistogram, frame: Int, previous: Int?) {
        var stored = histogram
        if let last = histograms.last {
            stored.shareLayout(with: last.histogram)
            stored.resetHint = histogram.storedHint(
                after: last.frame == previous ? last.histogram : nil)
        } else {
            stored.resetHint = histogram.storedHint(after: nil)
        }
        histograms.append(HistogramSample(frame: frame, histogram: stored))
    }

    /// Says what start timestamp the samples from a frame on have.
    mutating func setStart(_ start: Int64, frame: Int) {
        if starts.last?.frame == frame { starts.removeLast() }
        if (starts.last?.start ?? 0) == start { return }
        starts.append(StartRun(frame: frame, start: start))
    }

    /// Forgets the frames before `oldest`.
    mutating func forget(before oldest: Int) {
        while deadHistograms < histograms.count && histograms[deadHistograms].frame < oldest {
            deadHistograms += 1
        }
        if deadHistograms > 8 && deadHistograms * 2 > histograms.count {
            histograms.removeFirst(deadHistograms)
            deadHistograms = 0
        }
        while deadStarts + 1 < starts.count && starts[deadStarts + 1].frame <= oldest {
            deadStarts += 1
        }
        if deadStarts > 8 && deadStarts * 2 > starts.count {
            starts.removeFirst(deadStarts)
            deadStarts = 0
        }
    }

    /// Takes over what another lane has of the frames from `first` on.
    mutating func copy(_ other: LaneExtras, from first: Int) {
        self = other
        forget(before: first)
    }

    /// The histogram of a frame.
    func histogram(_ frame: Int) -> FloatHistogram? {
        let index = firstHistogram(notBefore: frame)
        guard index < histograms.count, histograms[index].frame == frame else { return nil }
        return histograms[index].histogram
    }

    /// The index of the first histogram of `frame` or a later one.
    func firstHistogram(notBefore frame: Int) -> Int {
        var (low, high) = (deadHistograms, histograms.count)
        while low < high {
            let middle = (low + high) / 2
            if histograms[middle].frame >= frame { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The start timestamp of a frame's sample, or 0.
    func start(_ frame: Int) -> Int64 {
        let index = lastStart(notAfter: frame)
        return index < 0 ? 0 : starts[index].start
    }

    /// The index of the run that a frame lies in, or -1.
    func lastStart(notAfter frame: Int) -> Int {
        var (low, high) = (deadStarts, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle].frame > frame { high = middle } else { low = middle + 1 }
        }
        return low - 1 < deadStarts ? -1 : low - 1
    }

    /// Whether there is a histogram in the frames.
    func hasHistogram(in frames: Range<Int>) -> Bool {
        let index = firstHistogram(notBefore: frames.lowerBound)
        return index < histograms.count && histograms[index].frame < frames.upperBound
    }

    /// Whether a sample in the frames may have a start timestamp.
    func hasStart(in frames: Range<Int>) -> Bool {
        if starts.isEmpty { return false }
        for index in max(deadStarts, lastStart(notAfter: frames.lowerBound))..<starts.count {
            if starts[index].frame >= frames.upperBound { return false }
            if starts[index].start != 0 { return true }
        }
        return false
    }
}

extension FloatHistogram {
    /// What is known of counter resets when the sample is read back, where `previous` is the sample
    /// before it, if that was a histogram. As in Prometheus's storage only "gauge" and "no reset" are
    /// ever known: a sample after which counting began anew is one of which nothing is known, since
    /// other samples may turn up before it.
    fileprivate func storedHint(after previous: FloatHistogram?) -> ResetHint {
        if resetHint == .gauge { return .gauge }
        guard resetHint != .reset, let previous, previous.resetHint != .gauge,
            schema == previous.schema, zeroThreshold == previous.zeroThreshold,
            customValues == previous.customValues
        else { return .unknown }
        var counter = self
        counter.resetHint = .unknown
        return counter.detectsReset(since: previous) ? .unknown : .notReset
    }

    /// Uses another histogram's arrays of spans and bounds where they are equal, as they mostly are of
    /// consecutive samples: they take memory once.
    fileprivate mutating func shareLayout(with other: FloatHistogram) {
        if positiveSpans == other.positiveSpans { positiveSpans = other.positiveSpans }
        if negativeSpans == other.negativeSpans { negativeSpans = other.negativeSpans }
        if customValues == other.customValues { customValues = other.customValues }
    }
}
