import Model

/// When a group is evaluated: a value that knows the next moment and counts what was missed.
///
/// Live, every group has a phase of its own within its interval, so that groups do not all start at
/// once; it follows from the group's name and file and is the same after a restart. A replay and a
/// unit test start at phase zero: the first evaluation is at the start itself.
public struct GroupSchedule: Sendable, Hashable {
    /// The time between evaluations.
    public let interval: Milliseconds
    /// The next evaluation's time.
    public private(set) var next: Timestamp
    /// How many evaluations were due so far, those that were skipped included.
    public private(set) var iterationsScheduled = 0
    /// How many were skipped because the one before took too long.
    public private(set) var iterationsMissed = 0

    /// The first evaluation is at `start`.
    public init(startingAt start: Timestamp, interval: Milliseconds) {
        self.interval = max(interval, Milliseconds(1))
        next = start
    }

    /// The first evaluation is the first moment after `now` in the group's phase.
    public init(file: String, group: String, interval: Milliseconds, now: Timestamp) {
        self.interval = max(interval, Milliseconds(1))
        let phase = GroupSchedule.phase(file: file, group: group, interval: self.interval)
        let (since, _) = now.milliseconds.subtractingReportingOverflow(phase.value)
        var rest = since % self.interval.value
        if rest < 0 { rest += self.interval.value }
        next = now + Milliseconds(self.interval.value - rest)
    }

    /// A group's offset from the whole multiples of its interval.
    public static func phase(
        file: String, group: String, interval: Milliseconds
    ) -> Milliseconds {
        var hash = FNV1a()
        hash.combine(file)
        hash.combine(byte: 0xff)
        hash.combine(group)
        return Milliseconds(Int64(hash.value % UInt64(max(1, interval.value))))
    }

    /// The evaluation to make at `now`: the latest that is due, or nil. Those before it are skipped
    /// and counted: a group that cannot keep up evaluates less often, never late.
    public mutating func take(now: Timestamp) -> Timestamp? {
        if now < next { return nil }
        let behind = (now - next).value / interval.value
        let due = next + Milliseconds(behind.multipliedSaturating(interval.value))
        let skipped = Int(clamping: behind)
        iterationsMissed = iterationsMissed.addingReportingOverflow(skipped).partialValue
        iterationsScheduled = iterationsScheduled.addingReportingOverflow(skipped).partialValue &+ 1
        next = due + interval
        return due
    }
}

/// Where a group's schedule begins.
public enum GroupStart: Sendable, Hashable {
    /// In the group's own phase, after this moment: live.
    case live(now: Timestamp)
    /// At this moment: a replay, a unit test.
    case at(Timestamp)

    func schedule(file: String, group: String, interval: Milliseconds) -> GroupSchedule {
        switch self {
        case .live(let now):
            GroupSchedule(file: file, group: group, interval: interval, now: now)
        case .at(let start): GroupSchedule(startingAt: start, interval: interval)
        }
    }
}
