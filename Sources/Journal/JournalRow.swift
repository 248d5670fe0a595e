import Model

/// A change of alert state at its place in the order of all changes: what is written to the state
/// database, and what a history shows or another instance would follow.
public struct JournalRow: Sendable, Hashable {
    /// Counts up by one from row to row, over restarts too. Of rows that waited for the disk only the
    /// newest of each key is written, so that numbers may be missing there.
    public let sequence: UInt64
    /// When the change was computed, by the pipeline's clock.
    public let time: Timestamp
    /// The change.
    public let change: StateChange

    /// What the row is about.
    public var kind: StateChange.Table { change.table }
    /// What is known from now on; nil where it is over.
    public var payload: [UInt8]? { change.value }

    /// A row.
    public init(sequence: UInt64, time: Timestamp, change: StateChange) {
        self.sequence = sequence
        self.time = time
        self.change = change
    }
}

/// Changes that belong together: a restart finds all of them, or none.
public struct JournalStep: Sendable {
    /// When they were computed, by the pipeline's clock.
    public let time: Timestamp
    /// The changes, in order.
    public private(set) var changes: [StateChange]
    /// Whether they follow from samples: these are then written first, or a restart would read older
    /// ones and undo the changes.
    public let followsSamples: Bool

    /// A step.
    public init(
        at time: Timestamp, _ changes: [StateChange] = [], followsSamples: Bool = false
    ) {
        self.time = time
        self.changes = changes
        self.followsSamples = followsSamples
    }

    /// The step with further changes, which follow from its own.
    public func adding(_ more: [StateChange]) -> JournalStep {
        var step = self
        step.changes += more
        return step
    }
}

/// Rows that wait to be written: of each key the newest, in the order in which they were computed.
struct Backlog {
    private struct Key: Hashable {
        let kind: StateChange.Table
        let name: ByteKey
    }

    private var rows: [JournalRow?] = []
    private var places: [Key: Int] = [:]
    /// Whether any of them follows from samples.
    private(set) var followsSamples = false
    /// The newest number.
    private(set) var last: UInt64 = 0

    var isEmpty: Bool { places.isEmpty }
    var count: Int { places.count }
    var list: [JournalRow] { rows.compactMap(\.self) }

    mutating func add(_ row: JournalRow) {
        let key = Key(kind: row.kind, name: ByteKey(row.change.key))
        if let place = places[key] { rows[place] = nil }
        places[key] = rows.count
        rows.append(row)
        last = max(last, row.sequence)
        // The places that newer rows left empty are at most as many as the rows.
        if rows.count > 2 * places.count + 16 { close() }
    }

    mutating func add(_ other: Backlog) {
        for row in other.list { add(row) }
        followsSamples = followsSamples || other.followsSamples
    }

    mutating func add(_ step: JournalStep, from sequence: UInt64) {
        for (offset, change) in step.changes.enumerated() {
            add(
                JournalRow(
                    sequence: sequence &+ UInt64(offset), time: step.time, change: change))
        }
        followsSamples = followsSamples || step.followsSamples
    }

    private mutating func close() {
        rows = rows.filter { $0 != nil }
        for (place, row) in rows.enumerated() {
            guard let row else { continue }
            places[Key(kind: row.kind, name: ByteKey(row.change.key))] = place
        }
    }
}
