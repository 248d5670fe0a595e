/// The state of a list of series that only ever grows at its end or becomes another list.
struct SeriesVersion: Equatable {
    /// Moves with every change.
    private(set) var changes = 0
    /// Moves when the list became another one. While it stays, what was derived from the series that
    /// were there holds.
    private(set) var rebuilds = 0

    /// There are more series at the end.
    mutating func grew() { changes += 1 }

    /// Any series may be another.
    mutating func rebuilt() {
        changes += 1
        rebuilds += 1
    }
}

/// What happened to a list of series since somebody looked.
enum SeriesChange {
    case none, grown, rebuilt
}

/// How far somebody has followed a list of series.
struct SeriesFollower {
    private var seen: SeriesVersion?

    /// What happened since `follow`; everything is new at first.
    func change(to version: SeriesVersion) -> SeriesChange {
        guard let seen else { return .rebuilt }
        if seen == version { return .none }
        return seen.rebuilds == version.rebuilds ? .grown : .rebuilt
    }

    /// Says that everything up to here is taken over. Not to be called where that failed halfway.
    mutating func follow(_ version: SeriesVersion) { seen = version }
}
