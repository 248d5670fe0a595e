import Model
import Store

/// When a selector or subquery looks: at the evaluation time or a fixed one, and an offset before it.
struct LookTime {
    var at: AtModifier?
    var offset: Int64

    func time(_ time: Int64, _ run: Run) -> Int64 {
        let base: Int64 =
            switch at {
            case nil: time
            case .timestamp(let fixed): fixed.milliseconds
            case .start: run.start
            case .end: run.end
            }
        return base.addingSaturating(0 &- offset)
    }
}

/// The series that a selector selects, shared by the instant and the range form.
final class SelectedSeries {
    let reader: any SeriesReader
    private(set) var version = SeriesVersion()

    /// What a run sees of the series, beside what was committed when its pin was taken.
    struct Stamp: Equatable {
        var version = SeriesVersion()
        var commits: UInt64 = 0
    }

    private(set) var stamp = Stamp()

    init(_ matchers: [Matcher], in source: any QuerySource) {
        reader = source.reader(of: matchers)
    }

    /// What an entry of a selection takes.
    private static let entryBytes = 256

    private var active: ActiveTimes?

    /// When its samples were taken, of which a run may see fewer.
    func activeTimes(_ run: Run) -> ActiveTimes {
        if let active { return active }
        var times = ActiveTimes.never
        if let span = reader.timeSpan {
            // Whoever sees everything sees what comes meanwhile.
            times = ActiveTimes(
                from: span.oldest.milliseconds,
                through: run.pin.isOpen ? .max : span.newest.milliseconds)
        } else if run.pin.isOpen {
            times = .always
        }
        active = times
        return times
    }

    /// Follows the store. Called between runs only.
    func refresh(_ run: Run) throws(QueryError) {
        active = nil
        let change = try reader.refresh { (added: Int) throws(QueryError) in
            try run.memory.take(added * Self.entryBytes)
        }
        switch change {
        case .none: break
        case .appended: version.grew()
        case .rebuilt: version.rebuilt()
        }
        stamp = Stamp(version: version, commits: reader.laterCommits(run.pin))
    }
}
