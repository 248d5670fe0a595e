import Model

/// Whether a group is flushed at a moment. Only a flush decides on notifications.
public enum FlushVerdict: Sendable, Hashable {
    /// It is flushed now.
    case due
    /// It is new, and waits for more alerts of its kind: `group_wait`.
    case groupWait(until: Timestamp)
    /// It was flushed, and waits for its next flush: `group_interval`.
    case groupInterval(until: Timestamp)
}

/// Whether an alert leaves its group, or why it stays.
public enum EndingVerdict: Sendable, Hashable {
    /// It has ended, and the last flush knew of it: it leaves once nothing is owed for the group.
    case ended
    /// It fires.
    case firing
    /// It has ended, and no flush has seen that yet.
    case notFlushed
    /// It had ended before the last flush, which learned of it too late: the next flush notifies of it.
    case endedUnseen
    /// It has ended and a flush has seen it, but a notification is still owed for the group.
    case owed
}
