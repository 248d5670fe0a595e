/// What one Alertmanager has yet to be sent, as a value: a batch at a time is under way, in order, and
/// where there is no room the oldest go.
public struct AlertQueue: Sendable, Hashable {
    /// How many alerts wait at most.
    public static let capacity = 10_000
    /// How many go in one request at most.
    public static let batchSize = 256

    /// What became of alerts so far.
    public struct Counters: Sendable, Hashable {
        /// The Alertmanager took them.
        public var sent = 0
        /// It did not.
        public var failed = 0
        /// They are lost to it: refused, or without room.
        public var dropped = 0
    }

    /// What became of alerts so far.
    public private(set) var counters = Counters()
    private var waiting: [Alert] = []
    private var sending = 0

    /// Nothing waits.
    public init() {}

    /// How many wait, without those under way.
    public var count: Int { waiting.count }
    /// Whether nothing waits and nothing is under way.
    public var isIdle: Bool { waiting.isEmpty && sending == 0 }

    /// Takes in alerts; returns how many older ones had to go.
    public mutating func add(_ alerts: [Alert]) -> Int {
        waiting += alerts
        let excess = waiting.count - AlertQueue.capacity
        guard excess > 0 else { return 0 }
        waiting.removeFirst(excess)
        counters.dropped += excess
        return excess
    }

    /// The next batch; empty where nothing waits, or one is under way.
    public mutating func take() -> [Alert] {
        guard sending == 0 else { return [] }
        let batch = Array(waiting.prefix(AlertQueue.batchSize))
        waiting.removeFirst(batch.count)
        sending = batch.count
        return batch
    }

    /// The batch under way was taken or not. What was not is not sent again: the rules say it again
    /// soon enough, and better.
    public mutating func finish(succeeded: Bool) {
        if succeeded {
            counters.sent += sending
        } else {
            counters.failed += sending
            counters.dropped += sending
        }
        sending = 0
    }
}
