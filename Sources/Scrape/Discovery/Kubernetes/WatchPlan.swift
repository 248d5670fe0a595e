import Model

/// What to ask for next: list all objects, then watch them from the version of the list on. A watch that ends
/// goes on from the last version that it told; only where the server does not know that version any more
/// is everything listed again.
struct WatchPlan: Sendable {
    enum Step: Sendable, Hashable {
        case list(pageSize: Int)
        case watch(from: String)
    }

    /// What came of a step.
    enum Outcome: Sendable, Hashable {
        /// The list is whole and shows this version.
        case listed(version: String)
        /// A page was too large.
        case tooLarge
        /// The watch ended, or broke off; `hasProgressed` where it told anything or lasted.
        case ended(version: String, hasProgressed: Bool)
        /// The version is too old.
        case expired
        /// The server cannot be asked, or refuses.
        case failed
        /// What it says makes no sense, or the watch failed: what is known may be wrong.
        case confused
    }

    /// How many objects a page has at first.
    static let pageSize = 500
    /// The shortest and the longest time between attempts.
    static let delays = (first: Milliseconds(800), last: Milliseconds.seconds(30))

    private(set) var step = Step.list(pageSize: WatchPlan.pageSize)
    private var pageSize = WatchPlan.pageSize
    private var failures = 0

    /// How long to wait before the next step. `jitter`, from 0 to 1, keeps many from asking at once.
    func delay(jitter: Double) -> Milliseconds {
        if failures == 0 { return .zero }
        let doubled = WatchPlan.delays.first.value << Int64(min(failures - 1, 16))
        let delay = min(doubled, WatchPlan.delays.last.value)
        return Milliseconds(delay + Int64(Double(delay) * min(max(jitter, 0), 1)))
    }

    /// Goes on to the next step.
    mutating func take(_ outcome: Outcome) {
        switch outcome {
        case .listed(let version):
            // Whether the version is good for anything, the watch shows: only then all is well.
            step = .watch(from: version)
        case .tooLarge where pageSize > 1:
            pageSize = max(1, pageSize / 4)
            step = .list(pageSize: pageSize)
        case .ended(let version, let hasProgressed):
            step = .watch(from: version)
            failures = hasProgressed ? 0 : failures + 1
        case .expired, .confused:
            step = .list(pageSize: pageSize)
            failures += 1
        case .failed, .tooLarge: failures += 1
        }
    }
}
