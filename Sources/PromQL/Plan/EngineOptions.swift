import Model

/// Limits and defaults of an engine.
public struct EngineOptions: Sendable {
    /// How old a sample may be and still count as an instant's value.
    public var lookback = Milliseconds.minutes(5)
    /// The step of subqueries that name none: the global evaluation interval.
    public var defaultStep = Milliseconds.minutes(1)
    /// The samples that one query may hold at once.
    public var maximumSamples = 50_000_000
    /// The bytes that queries may hold. A rule's query may hold as much as all others together.
    public var memory = MemoryLimits.none
    /// The points that one series of a range query may have.
    public var maximumPoints = 11_000
    /// The time that one query may take.
    public var timeout = Milliseconds.minutes(2)
    /// Whether metric names are removed at the end of an evaluation only (Prometheus's feature
    /// `promql-delayed-name-removal`).
    public var delaysNameRemoval = false
    /// Whether `rate`, `increase`, `irate` and `resets` go by start timestamps where samples have them.
    public var usesStartTimes = false
    /// Whether statistics of a query can be had for each of its steps (Prometheus's feature
    /// `promql-per-step-stats`).
    public var hasStepStatistics = false
    /// Whether series have their metric's type and unit as labels, by which `rate` and `increase` then
    /// tell counters (Prometheus's feature `type-and-unit-labels`).
    public var hasTypeLabels = false
    /// The parts of the language that are on.
    public var parser = ParserOptions()

    /// Prometheus's defaults.
    public init() {}
}
