import Model

/// When a target is scraped: at the same place in every interval, late ones skipped.
public struct ScrapeSchedule: Sendable, Hashable {
    /// How often.
    public var interval: Milliseconds
    /// Where in the interval.
    public var offset: Milliseconds

    /// A schedule; the interval is at least a millisecond.
    public init(interval: Milliseconds, offset: Milliseconds) {
        self.interval = max(interval, Milliseconds(1))
        self.offset = offset
    }

    /// The first due time at or after `now`.
    public func first(from now: Timestamp) -> Timestamp {
        let phase = (now - offset).milliseconds % interval.value
        if phase == 0 { return now }
        return now + Milliseconds(phase < 0 ? -phase : interval.value - phase)
    }

    /// The due time after `due`; those that have passed meanwhile are left out.
    public func next(after due: Timestamp, now: Timestamp) -> Timestamp {
        let following = due + interval
        return following >= now ? following : first(from: now)
    }

    /// The timestamp of a scrape that was due at `due` and starts at `now`: the due time where it is
    /// at most 2 ms (and one percent of the interval) late, so that samples lie evenly.
    public func timestamp(due: Timestamp, now: Timestamp) -> Timestamp {
        let tolerance = min(interval.value / 100, 2)
        return now >= due && (now - due).value <= tolerance ? due : now
    }
}
