import Model

/// Whether a text file has something new to say: a state machine.
///
/// A file that was not rewritten since it was read last is not a new sample; one that has not been
/// rewritten for longer than its maximum age is down, at every scrape. Its samples get the time of
/// the scrape that found the file changed. Age counts from when a change was seen, and before the
/// first change from the file's own time, so that a clock that runs faster than the file system's
/// does not make every file old.
struct TextfileState {
    /// What to do about the file now.
    enum Step: Equatable {
        /// It is new: read it.
        case read
        /// Nothing happened since: no frame.
        case nothing
        case down(String)
    }

    private var lastStamp: FileStamp?
    /// When the file was last seen to have changed, on the pipeline's clock; stays where the file goes.
    private(set) var changedAt: Timestamp?

    mutating func step(
        _ stamp: FileStamp?, path: String, maximumAge: Milliseconds, now: Timestamp
    ) -> Step {
        guard let stamp else {
            lastStamp = nil
            return .down("open \(path): no such file or directory")
        }
        let isFirst = lastStamp == nil && changedAt == nil
        let isChanged = stamp != lastStamp
        lastStamp = stamp
        if isChanged { changedAt = isFirst ? min(stamp.time, now) : now }
        let age = now - (changedAt ?? now)
        if age > maximumAge {
            return .down(
                "\(path) was not rewritten for \(age), which is longer than max_age \(maximumAge)")
        }
        return isChanged ? .read : .nothing
    }

    /// A file that was announced as new could not be read: the next look counts as the first.
    mutating func readFailed() { lastStamp = nil }
}
