import Foundation
import Model
import PromQL
import Store

/// The same samples for both extras: a recording, and made-up series of every kind at the same time.
struct DifferentialData {
    private(set) var history = History()
    private var writer = StoreWriter()
    let engine: Engine
    /// The recording's metrics, then those of each made-up world.
    private(set) var vocabularies: [ExpressionGenerator.Vocabulary] = []
    let start: Int64
    let end: Int64

    static let worlds = 4

    init(_ recording: [Write]) {
        var options = EngineOptions()
        options.parser = .all
        engine = Engine(store: writer.store, options: options)
        start = recording.first?.time ?? 0
        end = recording.last?.time ?? 0
        var writes = recording
        for world in 0..<Self.worlds {
            let made = HistoryGenerator.writes(seed: 1_000 + UInt64(world), minutes: 240)
            writes += made.writes.map { $0.moved(by: start - made.start, prefix: "w\(world)_") }
        }
        for write in writes.enumerated().sorted(by: {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }) {
            history.take(write.element)
            writer.take(write.element)
        }
        vocabularies = [vocabulary(of: recording)]
        for world in 0..<Self.worlds { vocabularies.append(vocabulary(prefix: "w\(world)_")) }
    }

    private static let windowed = [
        "delta", "idelta", "count_over_time", "last_over_time", "present_over_time",
        "sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "stdvar_over_time",
        "stddev_over_time", "changes", "resets", "deriv",
    ]

    /// What 2.42 knows of the language.
    private func restricted(
        _ vocabulary: ExpressionGenerator.Vocabulary
    ) -> ExpressionGenerator.Vocabulary {
        var words = vocabulary
        words.takesK = ["topk", "bottomk"]
        words.allowsSmoothing = false
        words.elementwise += [
            "exp", "ln", "log2", "log10", "sin", "cosh", "asinh", "deg",
        ]
        words.operators.append("^")
        words.ranges += ["1h", "3h"]
        words.offsets += ["1h", "-2h"]
        return words
    }

    private var moments: [Double] {
        [start + 3_600_007, start + 7_777_777, end - 1_234].map { Double($0) / 1000 }
    }

    private func vocabulary(of recording: [Write]) -> ExpressionGenerator.Vocabulary {
        var names: Set<String> = []
        var values: [String: Set<String>] = [:]
        for series in history.series {
            let name = series.labels.metricName
            if name.hasPrefix("w") { continue }
            names.insert(name)
            for label in series.labels.sorted where label.name != "__name__" {
                values[label.name, default: []].insert(label.value)
            }
        }
        values["le"] = nil
        let sorted = names.sorted()
        let counters = sorted.filter { name in
            ["_total", "_count", "_sum"].contains { name.hasSuffix($0) }
        }
        let histograms = sorted.filter { $0.hasSuffix("_bucket") }
        let labels = values.sorted { $0.key < $1.key }
            .map { (name: $0.key, values: $0.value.sorted()) }
        return restricted(
            ExpressionGenerator.Vocabulary(
                counters: counters,
                gauges: sorted.filter { !counters.contains($0) && !histograms.contains($0) },
                infos: ["up"], histograms: histograms, labels: labels, moments: moments,
                windowed: Self.windowed))
    }

    private func vocabulary(prefix: String) -> ExpressionGenerator.Vocabulary {
        restricted(
            ExpressionGenerator.Vocabulary(
                counters: HistoryGenerator.counters.map { prefix + $0 },
                gauges: HistoryGenerator.gauges.map { prefix + $0 },
                infos: HistoryGenerator.infos.map { prefix + $0 },
                histograms: [prefix + HistoryGenerator.histogram],
                labels: HistoryGenerator.labels, moments: moments, windowed: Self.windowed))
    }
}

extension Write {
    /// The same at another time, of metrics with other names.
    fileprivate func moved(by distance: Int64, prefix: String) -> Write {
        func renamed(_ labels: Labels) -> Labels {
            labels.setting("__name__", prefix + labels.metricName)
        }
        switch self {
        case .frame(let axis, let time, let samples):
            return .frame(
                axis: prefix + axis, time: time + distance,
                samples: samples.map { (renamed($0.labels), $0.value) })
        case .sample(let labels, let time, let value):
            return .sample(labels: renamed(labels), time: time + distance, value: value)
        }
    }
}
