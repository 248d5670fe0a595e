import Model

/// Samples as plain lists, which is all that the naive evaluator knows of storage.
struct History {
    struct Series {
        var labels: Labels
        /// Rising in time, stale markers among them.
        var samples: [(time: Int64, value: Double)] = []
    }

    /// In the order in which they were first seen.
    private(set) var series: [Series] = []
    private var indices: [Labels: Int] = [:]
    private var lastOfAxis: [String: Set<Labels>] = [:]

    mutating func take(_ write: Write) {
        switch write {
        case .sample(let labels, let time, let value): put(labels, time, value)
        case .frame(let axis, let time, let samples):
            for sample in samples { put(sample.labels, time, sample.value) }
            let present = Set(samples.map(\.labels))
            for gone in lastOfAxis[axis] ?? [] where !present.contains(gone) {
                put(gone, time, SampleValue.stale)
            }
            lastOfAxis[axis] = present
        }
    }

    private mutating func put(_ labels: Labels, _ time: Int64, _ value: Double) {
        let index = indices[labels] ?? series.count
        if index == series.count {
            // A marker ends nothing where nothing was.
            if SampleValue.isStale(value) { return }
            indices[labels] = index
            series.append(Series(labels: labels))
        }
        // A sample that is not newer than the last one is refused.
        if let last = series[index].samples.last, last.time >= time { return }
        series[index].samples.append((time, value))
    }

    /// The series as text, for a failure's report.
    var text: String {
        series.map { one in
            let samples = one.samples.map { sample in
                let value =
                    SampleValue.isStale(sample.value) ? "stale" : GoFloat.fixed(sample.value)
                return "\(value)@\(sample.time)"
            }
            return "\(one.labels.metricDescription) \(samples.joined(separator: " "))"
        }.joined(separator: "\n")
    }
}
