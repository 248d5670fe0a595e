import Model
import PromQL
import Store

/// A store with a few series, one sample a minute from the beginning of time, and an engine over it.
struct TestSeries {
    let store: Store
    let engine: Engine

    init(_ options: EngineOptions = EngineOptions()) {
        var storeOptions = StoreOptions()
        storeOptions.keepsEverything = true
        store = Store(storeOptions)
        engine = Engine(store: store, options: options)
    }

    /// Adds a series with a value a minute; nil leaves a sample out.
    @discardableResult
    func add(
        _ labels: KeyValuePairs<String, String>, _ values: [Double?], from minute: Int = 0
    ) -> TestSeries {
        for (index, value) in values.enumerated() {
            guard let value else { continue }
            store.append(Labels(labels), at: TestSeries.minute(minute + index), value: value)
        }
        return self
    }

    static func minute(_ count: Int) -> Timestamp {
        Timestamp(milliseconds: Int64(count) * 60_000)
    }

    /// The instant answer as sorted lines `labels value`, or the error's message.
    func instant(_ query: String, minute: Int = 10) -> [String] {
        do {
            let result = try engine.instant(query, at: TestSeries.minute(minute))
            return TestSeries.lines(result.value).sorted()
        } catch {
            return [error.message]
        }
    }

    /// As `instant`, in the order of the answer.
    func ordered(_ query: String, minute: Int = 10) throws -> [String] {
        TestSeries.lines(try engine.instant(query, at: TestSeries.minute(minute)).value)
    }

    func range(_ query: String, _ from: Int, _ through: Int, step: Int = 1) -> [String] {
        do {
            let result = try engine.range(
                query, from: TestSeries.minute(from), through: TestSeries.minute(through),
                step: .minutes(Int64(step)))
            return TestSeries.lines(result.value)
        } catch {
            return [error.message]
        }
    }

    static func lines(_ value: QueryValue) -> [String] {
        switch value {
        case .scalar(_, let number): ["scalar \(GoFloat.fixed(number))"]
        case .string(_, let text): ["string \(text)"]
        case .vector(let samples):
            samples.map { "\($0.labels.metricDescription) \(GoFloat.fixed($0.value))" }
        case .matrix(let series):
            series.map { one in
                let points = one.points.map {
                    "\(GoFloat.fixed($0.value))@\($0.timestamp.milliseconds / 60_000)"
                }
                return "\(one.labels.metricDescription) " + points.joined(separator: " ")
            }
        }
    }
}
