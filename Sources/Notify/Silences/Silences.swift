import Foundation
import Model

/// The silences: a pure state machine with Alertmanager's rules. Each change gives the rows to be
/// written.
public struct Silences: Sendable {
    /// What keeps silences from taking all memory.
    public struct Limits: Sendable, Hashable {
        /// How many there may be, those that are over and still kept included.
        public var maximumCount = 100_000
        /// How many bytes one may have as it is stored.
        public var maximumSize = 256 * 1024
        /// How many bytes all of them may have together.
        public var maximumTotalSize = 64 * 1024 * 1024
        /// How long one is kept after it was over.
        public var retention = Milliseconds.seconds(120 * 3600)

        /// The defaults.
        public init() {}
    }

    /// The limits in force.
    public let limits: Limits
    private var silences: [String: Silence] = [:]
    private var index = SilenceIndex()
    /// The bytes of their rows.
    private var sizes: [String: Int] = [:]
    private var totalSize = 0

    /// None.
    public init(limits: Limits = Limits()) { self.limits = limits }

    // MARK: Asking

    /// How many there are, those that are over and still kept included.
    public var count: Int { silences.count }

    /// The one with this identifier.
    public subscript(id: String) -> Silence? { silences[id] }

    /// Those that have every one of the matchers literally, in Alertmanager's order: the active ones
    /// that end first, the pending ones that begin first, the expired ones that ended last.
    public func list(having matchers: [Matcher] = [], at moment: Timestamp) -> [Silence] {
        silences.values.filter { silence in
            matchers.allSatisfy { silence.matchers.contains($0) }
        }.sorted { Silences.listOrder($0, $1, at: moment) }
    }

    private static func listOrder(_ a: Silence, _ b: Silence, at moment: Timestamp) -> Bool {
        let states = (a.state(at: moment), b.state(at: moment))
        if states.0 != states.1 {
            return states.0 == .active || states.1 == .expired
        }
        let times =
            switch states.0 {
            case .active: (a.endsAt, b.endsAt)
            case .pending: (a.startsAt, b.startsAt)
            case .expired: (b.endsAt, a.endsAt)
            }
        return times.0 == times.1 ? a.id.byteOrder(b.id) < 0 : times.0 < times.1
    }

    /// The identifiers of the silences that an alert with these labels lies under, in order.
    public func silencing(_ labels: Labels, at moment: Timestamp) -> [String] {
        active(index.matches(labels), at: moment)
    }

    /// The same for a label set that will be asked about again.
    mutating func rememberedSilencing(_ labels: Labels, at moment: Timestamp) -> [String] {
        // On a line of its own: `self` would be read first, and the index copied for each label set.
        let ids = index.rememberedMatches(labels)
        return active(ids, at: moment)
    }

    private func active(_ ids: [String], at moment: Timestamp) -> [String] {
        if ids.isEmpty { return ids }
        return ids.filter { silences[$0]?.state(at: moment) == .active }
            .sorted { $0.byteOrder($1) < 0 }
    }

    // MARK: Changing

    /// An identifier that nobody has.
    public static func randomID() -> String { UUID().uuidString.lowercased() }

    /// Makes a silence, or changes the one with the request's identifier.
    ///
    /// A change that leaves history as it was is made in place: other words, another end, another
    /// start of a pending one. Any other change ends the old one now and makes a new one, which never
    /// begins in the past.
    public mutating func set(
        _ request: SilenceRequest, newID: @autoclosure () -> String = Silences.randomID(),
        at moment: Timestamp
    ) throws(SilenceError) -> (id: String, changes: [StateChange]) {
        var wanted = try request.validated(at: moment)
        let known = silences[request.id]
        if known == nil && !request.id.isEmpty { throw .notFound }
        if let known, known.canBecome(wanted, at: moment) {
            wanted.id = known.id
            let change = try checked(wanted)
            keep(wanted, change)
            return (wanted.id, [change])
        }
        let count = countOfKept(at: moment)
        if count >= limits.maximumCount {
            throw .tooMany(count: count, limit: limits.maximumCount)
        }
        wanted.id = newID()
        wanted.startsAt = max(wanted.startsAt, moment)
        let change = try checked(wanted)
        var changes: [StateChange] = []
        if let known { changes = try expire(known.id, at: moment) }
        keep(wanted, change)
        index.add(wanted)
        return (wanted.id, changes + [change])
    }

    /// How many there are, without those that only wait to be forgotten.
    private func countOfKept(at moment: Timestamp) -> Int {
        if silences.count < limits.maximumCount { return silences.count }
        return silences.values.count { !isForgettable($0, at: moment) }
    }

    private func isForgettable(_ silence: Silence, at moment: Timestamp) -> Bool {
        silence.endsAt + limits.retention <= moment
    }

    private func checked(_ silence: Silence) throws(SilenceError) -> StateChange {
        let change = silence.change
        let size = change.value?.count ?? 0
        if size > limits.maximumSize { throw .tooLarge(bytes: size, limit: limits.maximumSize) }
        let total = totalSize - (sizes[silence.id] ?? 0) + size
        if total > limits.maximumTotalSize {
            throw .tooLargeTogether(bytes: total, limit: limits.maximumTotalSize)
        }
        return change
    }

    private mutating func keep(_ silence: Silence, _ change: StateChange) {
        let size = change.value?.count ?? 0
        totalSize += size - (sizes[silence.id] ?? 0)
        sizes[silence.id] = size
        silences[silence.id] = silence
    }

    /// Ends a silence now; one that is over stays as it is.
    public mutating func expire(_ id: String, at moment: Timestamp) throws(SilenceError)
        -> [StateChange]
    {
        guard var silence = silences[id] else { throw .notFound }
        switch silence.state(at: moment) {
        case .expired: return []
        case .active: break
        case .pending: silence.startsAt = moment
        }
        silence.endsAt = moment
        silence.updatedAt = moment
        let change = silence.change
        keep(silence, change)
        return [change]
    }

    /// Forgets those that were over for the retention time, and verdicts on label sets that are not
    /// wanted any more.
    public mutating func collectGarbage(
        at moment: Timestamp, keepingVerdictsOn isWanted: (Labels) -> Bool = { _ in true }
    ) -> [StateChange] {
        index.keepVerdicts(where: isWanted)
        let over = silences.values.filter { isForgettable($0, at: moment) }.map(\.id)
            .sorted { $0.byteOrder($1) < 0 }
        if over.isEmpty { return [] }
        for id in over {
            silences[id] = nil
            totalSize -= sizes.removeValue(forKey: id) ?? 0
        }
        index.remove(Set(over))
        return over.map { StateChange(.silences, key: $0, value: nil) }
    }

    // MARK: After a restart

    /// Those of the rows.
    init(limits: Limits = Limits(), rows: [String: [UInt8]], problems: inout [String]) {
        self.limits = limits
        for (key, bytes) in rows.sorted(by: { $0.key.byteOrder($1.key) < 0 }) {
            guard let silence: Silence = StateRow.read(.silences, key, bytes, &problems) else {
                continue
            }
            keep(silence, silence.change)
            index.add(silence)
        }
    }
}

extension Silence {
    fileprivate var change: StateChange { StateRow.change(.silences, key: id, self) }

    /// Whether it can be changed to the other without another view of what was silenced so far.
    fileprivate func canBecome(_ other: Silence, at moment: Timestamp) -> Bool {
        if matchers != other.matchers { return false }
        switch state(at: moment) {
        case .expired: return false
        case .pending: return other.startsAt >= moment
        case .active:
            // To the second: clients cut fractions.
            return startsAt.wholeSeconds == other.startsAt.wholeSeconds && other.endsAt >= moment
        }
    }
}
