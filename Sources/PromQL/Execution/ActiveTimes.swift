import Model

/// The evaluation times outside of which a node has no value, throws nothing and remarks on nothing but
/// what it does at every time. May be more than that, and never less: subqueries skip all other times.
struct ActiveTimes: Equatable {
    var from: Int64
    var through: Int64

    /// Nothing is known.
    static let always = ActiveTimes(from: .min, through: .max)
    /// At no time.
    static let never = ActiveTimes(from: .max, through: .min)

    /// The times at which either is active.
    func union(_ other: ActiveTimes) -> ActiveTimes {
        ActiveTimes(from: min(from, other.from), through: max(through, other.through))
    }

    /// The times at which somebody is active who looks `offset` before a time, and from there so far
    /// back and so far ahead.
    func seen(offset: Int64, back: Int64, ahead: Int64 = 0) -> ActiveTimes {
        if self == .never { return .never }
        return ActiveTimes(
            from: from == .min
                ? .min : from.addingSaturating(offset).addingSaturating(0 &- ahead),
            through: through == .max
                ? .max : through.addingSaturating(offset).addingSaturating(back))
    }
}

extension LookTime {
    /// The times at which somebody who looks so, and from there so far back and ahead, sees something
    /// that is there at `times`.
    func sees(_ times: ActiveTimes, back: Int64, ahead: Int64 = 0) -> ActiveTimes {
        at == nil ? times.seen(offset: offset, back: back, ahead: ahead) : .always
    }
}
