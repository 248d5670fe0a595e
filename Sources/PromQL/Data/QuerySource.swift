import Model
import Store

/// Where the engine finds series: the store, or whatever else answers the same questions.
///
/// A plan asks once per selector for a reader, and once per step for numbers. What is read comes as columns,
/// so that nothing is dispatched per sample.
public protocol QuerySource: Sendable {
    /// What is committed now.
    func pin() -> Pin

    /// What reads the series that satisfy all matchers. It finds them when it is first refreshed.
    func reader(of matchers: [Matcher]) -> any SeriesReader
}

/// Reads the series of one selector, for one evaluation at a time.
public protocol SeriesReader: AnyObject {
    /// The label sets of the series, as of the last refresh.
    var labels: [Labels] { get }

    /// The times between which all samples of the series lie; nil where there are none.
    var timeSpan: (oldest: Timestamp, newest: Timestamp)? { get }

    /// Takes up what happened to the series since. `reserve` is told how many come before they do.
    func refresh(
        _ reserve: (_ count: Int) throws(QueryError) -> Void
    ) throws(QueryError) -> SelectionChange

    /// A number that moves, among pins of the same time, with what the pin sees of the series beyond what
    /// was committed when it was taken.
    func laterCommits(_ pin: Pin) -> UInt64

    /// The newest sample of each series in (t - lookback, t]: its value, or the stale marker, and its time.
    func instant(
        at t: Timestamp, lookback: Milliseconds, pin: Pin, values: inout [Double],
        timestamps: inout [Int64], extras: inout ExtraColumns)

    /// A kernel over the samples in (from, through] of each series; `SampleValue.histogram` where a series
    /// is to be read with `read`. True where there is such a series.
    func reduce(
        _ kernel: WindowKernel, from: Timestamp, through: Timestamp, pin: Pin,
        countingStartTimes: Bool, into results: inout [Double]
    ) -> Bool

    /// Puts the samples of a series in (from, through] into `samples`.
    func read(
        _ entry: Int, from: Timestamp, through: Timestamp, pin: Pin,
        into samples: inout SampleBuffer)

    /// Calls `body` for each series that has samples in (from, through].
    func forEachWindow(
        from: Timestamp, through: Timestamp, pin: Pin,
        _ body: (_ entry: Int, _ samples: borrowing WindowSamples) throws(QueryError) -> Void
    ) throws(QueryError)
}

extension Store: QuerySource {
    public func reader(of matchers: [Matcher]) -> any SeriesReader {
        select(matchers, isBound: false)
    }
}

extension SeriesSelection: SeriesReader {}
