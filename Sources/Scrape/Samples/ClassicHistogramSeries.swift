import Exposition
import Model

/// The series of classic histograms that become native histograms with custom buckets
/// (`convert_classic_histograms_to_nhcb`): which series is which part of which histogram, and what the
/// scrape under way said of each.
struct ClassicHistogramSeries {
    private struct Place {
        /// The number of the histogram's own series.
        let histogram: Int
        let part: ClassicHistogram.Part
    }

    private struct Collected {
        var histogram = ClassicHistogram()
        var timestamp: Timestamp?
    }

    /// By the number of the part's series.
    private var places: [Int: Place] = [:]
    /// The number of each histogram's own series, by the labels exposed.
    private var histograms: [Labels: Int] = [:]
    private var collected: [Int: Collected] = [:]

    /// A scrape begins. One that broke off leaves nothing to it.
    mutating func begin() { collected = [:] }

    /// Whether there is none.
    var isEmpty: Bool { places.isEmpty }

    /// The number of the series of the histogram that is exposed under these labels.
    func series(of labels: Labels) -> Int? { histograms[labels] }

    /// The histogram that is exposed under these labels has a series with the number.
    mutating func learn(_ series: Int, of labels: Labels) { histograms[labels] = series }

    /// The series is that part of the histogram with the number.
    mutating func learn(_ series: Int, _ part: ClassicHistogram.Part, of histogram: Int) {
        places[series] = Place(histogram: histogram, part: part)
    }

    /// Takes a sample where its series is a part of a histogram; whether it is.
    mutating func collect(_ sample: ReadSample) -> Bool {
        guard let place = places[sample.series] else { return false }
        collected[place.histogram, default: Collected()].histogram.set(
            place.part, to: sample.value)
        collected[place.histogram]?.timestamp = sample.timestamp
        return true
    }

    /// The histograms of the scrape, in the order of their series; nil where the values are none. As in
    /// Prometheus such series are left out.
    mutating func takeAll() -> [(series: Int, histogram: FloatHistogram?, timestamp: Timestamp?)] {
        defer { collected = [:] }
        return collected.sorted { $0.key < $1.key }.map { series, one in
            (series, try? one.histogram.converted(), one.timestamp)
        }
    }

    /// Series have other numbers now: `numbers[old]` is the new one, or negative where it is gone.
    mutating func renumber(_ numbers: [Int]) {
        collected = [:]
        histograms = histograms.compactMapValues { numbers[$0] < 0 ? nil : numbers[$0] }
        let old = places
        places = [:]
        for (series, place) in old where numbers[series] >= 0 && numbers[place.histogram] >= 0 {
            places[numbers[series]] = Place(
                histogram: numbers[place.histogram], part: place.part)
        }
    }
}
