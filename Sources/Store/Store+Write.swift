import Model

extension Store {
    /// How the keys of the axes start that `write` makes.
    static let writtenAxisPrefix = "written:"
    /// How the keys of the axes start that hold a series' samples of the past.
    static let lateAxisPrefix = "late:"

    /// Writes the samples of a batch; says of each what became of it. Exemplars and metadata are the
    /// caller's business.
    ///
    /// `sender` tells apart who writes what: by it, `job` and `instance`, series are laid out together.
    /// A sample that is older than its series' newest is taken within `outOfOrderWindow` of the newest
    /// sample of all.
    public func write(
        _ batch: SampleBatch, from sender: String, outOfOrderWindow: Milliseconds = .zero
    ) -> [SampleVerdict] {
        var verdicts = [SampleVerdict](repeating: .stored, count: batch.samples.count)
        var members: [String: [Int]] = [:]
        let keys = batch.series.map { Store.writtenAxis(of: $0, sender) }
        for (index, sample) in batch.samples.enumerated() {
            members[keys[sample.series], default: []].append(index)
        }
        for (key, indices) in members {
            let written = write(indices, of: batch, to: key)
            for (index, verdict) in zip(indices, written.verdicts) { verdicts[index] = verdict }
            for index in written.apart { append(batch.samples[indices[index]], of: batch) }
        }
        for index in verdicts.indices where verdicts[index] == .outOfOrder {
            let sample = batch.samples[index]
            verdicts[index] = insert(
                sample, of: batch.series[sample.series], window: outOfOrderWindow)
        }
        return verdicts
    }

    /// The lengths keep values that contain the separator apart.
    private static func writtenAxis(of series: Labels, _ sender: String) -> String {
        let job = series["job"] ?? ""
        return "\(writtenAxisPrefix)\(sender):\(job.utf8.count):\(job):\(series["instance"] ?? "")"
    }

    private func write(_ indices: [Int], of batch: SampleBatch, to key: String) -> Axis.Written {
        while true {
            let axis = openAxis(key)
            var slots: [Int: Int] = [:]
            let samples = indices.map { index in
                let sample = batch.samples[index]
                let slot =
                    slots[sample.series] ?? axis.slot(for: batch.series[sample.series])
                slots[sample.series] = slot
                return WrittenSample(
                    slot: slot, time: sample.time, value: sample.value,
                    histogram: sample.histogram, start: sample.startTime)
            }
            if let written = axis.write(samples) { return written }
            // A sweep ended the axis, which had aged out.
            drop([axis])
        }
    }

    private func append(_ sample: SampleBatch.Sample, of batch: SampleBatch) {
        append(
            batch.series[sample.series], at: sample.time, value: sample.value,
            histogram: sample.histogram, startTime: sample.startTime)
    }

    /// Puts a sample among those before it, where the window reaches back so far.
    private func insert(
        _ sample: SampleBatch.Sample, of series: Labels, window: Milliseconds
    ) -> SampleVerdict {
        if window <= .zero { return .outOfOrder }
        if sample.time < newestTime - window { return .tooOld }
        let key = Store.lateAxisPrefix + series.description
        while true {
            let axis = openAxis(key)
            let written = WrittenSample(
                slot: axis.slot(for: series), time: sample.time, value: sample.value,
                histogram: sample.histogram, start: sample.startTime)
            if let verdict = axis.insert(written) { return verdict }
            drop([axis])
        }
    }
}
