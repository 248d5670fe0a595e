import Model
import PromQL

/// Classic histograms (`_bucket`, `_count`, `_sum`) put together into native ones with custom buckets:
/// `load_with_nhcb`.
struct ClassicHistograms {
    /// Why the series are no histogram.
    struct Failure: Error {
        var message: String
    }

    private var collected: [Labels: [Int: ClassicHistogram]] = [:]
    private var order: [Labels] = []

    /// The histograms of the series of one `load`, by series and index of the sample.
    static func convert(
        _ series: [Script.Series]
    ) throws(Failure) -> [(labels: Labels, samples: [(index: Int, histogram: FloatHistogram)])] {
        var histograms = ClassicHistograms()
        for one in series { histograms.collect(one) }
        var result: [(labels: Labels, samples: [(index: Int, histogram: FloatHistogram)])] = []
        for labels in histograms.order {
            let byIndex = histograms.collected[labels] ?? [:]
            var samples: [(index: Int, histogram: FloatHistogram)] = []
            for (index, one) in byIndex.sorted(by: { $0.key < $1.key }) {
                do throws(HistogramError) {
                    samples.append((index, try one.converted()))
                } catch {
                    throw Failure(message: "\(labels.metricDescription): \(error)")
                }
            }
            result.append((labels, samples))
        }
        return result
    }

    private mutating func collect(_ series: Script.Series) {
        guard
            let (part, name) = ClassicHistogram.Part.read(
                series.labels.metricName, bound: series.labels["le"])
        else { return }
        let labels = series.labels.dropping("le").setting(Labels.name, name)
        if collected[labels] == nil { order.append(labels) }
        for (index, value) in series.values.enumerated() {
            guard case .number(let number) = value else { continue }
            collected[labels, default: [:]][index, default: ClassicHistogram()]
                .set(part, to: number)
        }
    }
}
