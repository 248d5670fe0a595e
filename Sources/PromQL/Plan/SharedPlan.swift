import Model
import Store

/// What several queries have in common: equal selectors and subexpressions are one, and are evaluated
/// once per evaluation time and state of the store.
///
/// For queries that are stepped one after the other, such as those of a rule group: not thread-safe. A
/// subexpression that several queries share says its annotations in the first of them only.
public final class SharedPlan {
    private var series: [String: SelectedSeries] = [:]
    private var nodes: [Key: any Operator] = [:]
    private var runs = 0
    /// Moves when all plans have to be made anew.
    private(set) var generation = 0
    /// How often a result that was there already was used again.
    public internal(set) var reuses = 0

    /// Subexpressions that are higher are not looked for: their text is made at each of their nodes.
    static let maximumHeight = 64

    /// What makes two nodes the same.
    struct Key: Hashable {
        var text: String
        var isInsideInvariant: Bool
        var bucketUse: BucketUse
    }

    /// One without any queries.
    public init() {}

    /// Forgets all nodes: one was interrupted while it bound itself.
    func startAnew() {
        series = [:]
        nodes = [:]
        generation += 1
    }

    /// A number that no other run of these queries has.
    func nextRun() -> Int {
        runs += 1
        return runs
    }

    func series(
        _ matchers: [Matcher], make: () -> SelectedSeries
    ) -> SelectedSeries {
        let text = matchers.map(\.description).joined(separator: ",")
        if let known = series[text] { return known }
        let made = make()
        series[text] = made
        return made
    }

    /// The node of a key, if there is one.
    func node(_ key: Key) -> (any Operator)? { nodes[key] }

    /// Has a node shared from now on; `series` is what it reads.
    func share(_ node: any Operator, as key: Key, reading series: [SelectedSeries]) {
        node.memo = StepMemo(series)
        nodes[key] = node
    }
}

/// What a shared node's last result is of.
struct StepMemo {
    let series: [SelectedSeries]
    private var time: Int64?
    private var sequence: UInt64 = 0
    private var lookback = Milliseconds.zero
    private var stamps: [SelectedSeries.Stamp] = []

    init(_ series: [SelectedSeries]) { self.series = series }

    /// Whether a step would give the same again.
    func holds(at time: Int64, _ run: Run) -> Bool {
        guard self.time == time, sequence == run.pin.sequence, lookback == run.lookback else {
            return false
        }
        for index in series.indices where series[index].stamp != stamps[index] { return false }
        return true
    }

    mutating func forget() { time = nil }

    mutating func keep(at time: Int64, _ run: Run) {
        // What sees everything that is committed sees other things each time.
        if run.pin.isOpen { return }
        self.time = time
        sequence = run.pin.sequence
        lookback = run.lookback
        stamps.removeAll(keepingCapacity: true)
        for selected in series { stamps.append(selected.stamp) }
    }
}
