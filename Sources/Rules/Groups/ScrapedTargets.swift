import Model
import Store

/// Whether a restored alert's inputs have been scraped since the last evaluation that knew it.
///
/// Read off the targets' `up` series, so it holds for whatever way a target's samples came: an
/// attempt that failed counts too, since then the samples' absence says something.
struct ScrapedTargets {
    private var targets: [(labels: Labels, times: [Int64])] = []
    private let t: Timestamp
    private let lookback: Milliseconds

    /// What `store` shows at `t`.
    init(_ store: Store, at t: Timestamp, lookback: Milliseconds, pin: Pin) {
        self.t = t
        self.lookback = lookback
        let selection = store.select([.equal(Labels.name, "up")])
        _ = selection.refresh()
        var targets = selection.labels.map { (labels: $0, times: [Int64]()) }
        selection.forEachWindow(from: t - lookback, through: t, pin: pin) { entry, times, _ in
            for index in 0..<times.count { targets[entry].times.append(times[index]) }
        }
        self.targets = targets
    }

    /// Whether every target that may hold one of the alert's inputs has been attempted after
    /// `since`, and often enough for the windows that the rule reads. A window needs two samples.
    func cover(_ reads: [RuleRead], of alert: ActiveAlert, since: Timestamp) -> Bool {
        for read in reads {
            let relevant = targets.filter { mayHold(read, of: alert, target: $0.labels) }
            if relevant.isEmpty { return false }
            let window = min(read.window ?? lookback, lookback)
            let needed = read.window == nil ? 1 : 2
            let from = (t - window).milliseconds
            for target in relevant {
                guard let last = target.times.last, last > since.milliseconds,
                    target.times.count(where: { $0 > from }) >= needed
                else { return false }
            }
        }
        return true
    }

    /// A target is out only where its own labels contradict the selector or the alert.
    private func mayHold(_ read: RuleRead, of alert: ActiveAlert, target: Labels) -> Bool {
        for name in ["job", "instance"] {
            guard let value = target[name] else { continue }
            if let own = alert.labels[name], !own.bytesEqual(value) { return false }
            for matcher in read.matchers where matcher.name == name && !matcher.matches(value) {
                return false
            }
        }
        return true
    }
}
