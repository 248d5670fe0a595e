import Model
import Synchronization

/// The metrics of this program: handles to count with, and their exposition.
///
/// Asking twice for the same name and labels gives the same handle. Families are written in order
/// of their names. A name has one type; a handle asked for with another type counts for itself and
/// is not exposed.
public final class MetricsRegistry: Sendable {
    private struct Family: Sendable {
        let type: MetricType
        let help: String
        var counters: [Labels: Counter] = [:]
        var gauges: [Labels: Gauge] = [:]
        var histograms: [Labels: Histogram] = [:]
        var collectors: [@Sendable () -> [(labels: Labels, value: Double)]] = []
    }

    private let families = Mutex<[String: Family]>([:])
    /// What stands before every name, e.g. `tocsin_`.
    public let prefix: String

    /// A registry; `prefix` is put before every name.
    public init(prefix: String = "") { self.prefix = prefix }

    /// A number that only rises.
    public func counter(_ name: String, help: String, labels: Labels = .empty) -> Counter {
        with(name, .counter, help) { $0.counters.handle(labels, Counter.init) } ?? Counter()
    }

    /// A number that goes up and down.
    public func gauge(_ name: String, help: String, labels: Labels = .empty) -> Gauge {
        with(name, .gauge, help) { $0.gauges.handle(labels, Gauge.init) } ?? Gauge()
    }

    /// Observations counted in buckets up to each of `bounds`, which rise.
    public func histogram(
        _ name: String, help: String, bounds: [Double] = Histogram.defaultBounds,
        labels: Labels = .empty
    ) -> Histogram {
        with(name, .histogram, help) {
            $0.histograms.handle(labels) { Histogram(bounds: bounds) }
        } ?? Histogram(bounds: bounds)
    }

    /// Values that are asked for when the metrics are written; `type` is counter, gauge or untyped.
    public func collect(
        _ name: String, _ type: MetricType, help: String,
        _ values: @escaping @Sendable () -> [(labels: Labels, value: Double)]
    ) {
        _ = with(name, type, help) { $0.collectors.append(values) }
    }

    private func with<T: Sendable>(
        _ name: String, _ type: MetricType, _ help: String, _ body: (inout Family) -> T
    ) -> T? {
        families.locked { families in
            var family = families[prefix + name] ?? Family(type: type, help: help)
            guard family.type == type else { return nil }
            defer { families[prefix + name] = family }
            return body(&family)
        }
    }

    /// Writes every family.
    public func write(to writer: inout ExpositionWriter) {
        let families = families.locked { $0 }
        for (name, family) in families.sorted(by: { $0.key.byteOrder($1.key) < 0 }) {
            writer.family(name, family.type, help: family.help)
            for (labels, counter) in family.counters.inOrder {
                writer.sample(name, labels, counter.value)
            }
            for (labels, gauge) in family.gauges.inOrder {
                writer.sample(name, labels, gauge.value)
            }
            for (labels, histogram) in family.histograms.inOrder {
                let (counts, sum) = histogram.snapshot
                writer.histogram(
                    name, labels, bounds: histogram.bounds, counts: counts, sum: sum)
            }
            var seen: Set<Labels> = []
            for (labels, value) in family.collectors.flatMap({ $0() })
            where seen.insert(labels).inserted {
                writer.sample(name, labels, value)
            }
        }
    }

    /// All of it as text.
    public var exposition: [UInt8] {
        var writer = ExpositionWriter()
        write(to: &writer)
        return writer.bytes
    }
}

extension Dictionary where Key == Labels {
    fileprivate mutating func handle(_ labels: Labels, _ make: () -> Value) -> Value {
        if let known = self[labels] { return known }
        let made = make()
        self[labels] = made
        return made
    }

    fileprivate var inOrder: [(key: Labels, value: Value)] { sorted { $0.key < $1.key } }
}

/// A number that only rises.
public final class Counter: Sendable {
    private let number = Mutex(0.0)

    /// A counter at zero that is in no registry.
    public init() {}

    /// Adds, unless it is negative or no number.
    public func increment(by amount: Double = 1) {
        guard amount >= 0 else { return }
        number.locked { $0 += amount }
    }

    /// The sum so far.
    public var value: Double { number.locked { $0 } }
}

/// A number that goes up and down.
public final class Gauge: Sendable {
    private let number = Mutex(0.0)

    /// A gauge at zero that is in no registry.
    public init() {}

    /// Sets it.
    public func set(_ value: Double) { number.locked { $0 = value } }

    /// Adds, or with a negative amount takes away.
    public func add(_ amount: Double) { number.locked { $0 += amount } }

    /// What it stands at.
    public var value: Double { number.locked { $0 } }
}

/// Observations counted in buckets.
public final class Histogram: Sendable {
    /// Prometheus's usual buckets for seconds.
    public static let defaultBounds = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// The buckets' upper bounds; one more bucket takes what is above the last.
    public let bounds: [Double]
    private let state: Mutex<(counts: [UInt64], sum: Double)>

    /// An empty histogram that is in no registry.
    public init(bounds: [Double] = Histogram.defaultBounds) {
        self.bounds = bounds
        state = Mutex(([UInt64](repeating: 0, count: bounds.count + 1), 0))
    }

    /// Counts an observation.
    public func observe(_ value: Double) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.locked { state in
            state.counts[index] &+= 1
            state.sum += value
        }
    }

    /// The buckets' own counts (not cumulative) and the sum of all observations.
    public var snapshot: (counts: [UInt64], sum: Double) { state.locked { $0 } }
}
