import Model
import TestSupport

extension SeededRandom {
    mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }
}

/// What is written, kept as a plain list of samples and markers per series: the store in its simplest
/// form.
struct NaiveStore {
    struct Sample {
        let time: Int64
        let value: Double
        var isMarker: Bool { SampleValue.isStale(value) }
    }

    private(set) var series: [Labels: [Sample]] = [:]

    /// A frame of one target: series that it had before and has no more get a marker.
    mutating func write(_ present: [Labels: Double], at time: Int64, alive: inout Set<Labels>) {
        for (labels, value) in present { add(Sample(time: time, value: value), to: labels) }
        for labels in alive.subtracting(present.keys) {
            add(Sample(time: time, value: SampleValue.stale), to: labels)
        }
        alive = Set(present.keys)
    }

    mutating func add(_ sample: Sample, to labels: Labels) {
        var list = series[labels] ?? []
        let index = list.firstIndex { $0.time >= sample.time } ?? list.count
        if index < list.count && list[index].time == sample.time {
            // Of a sample and a marker at one time the sample stays.
            if list[index].isMarker { list[index] = sample }
        } else {
            list.insert(sample, at: index)
        }
        series[labels] = list
    }

    func instant(_ labels: Labels, at t: Int64, lookback: Int64) -> Sample? {
        guard let newest = series[labels]?.last(where: { $0.time <= t }) else { return nil }
        return newest.isMarker || newest.time <= t - lookback ? nil : newest
    }

    func window(_ labels: Labels, from: Int64, through: Int64) -> [Sample] {
        (series[labels] ?? []).filter { $0.time > from && $0.time <= through && !$0.isMarker }
    }
}
