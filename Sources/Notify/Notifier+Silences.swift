import Model

extension Notifier {
    /// Makes a silence, or changes the one with the request's identifier (see `Silences.set`).
    public mutating func setSilence(
        _ request: SilenceRequest, newID: @autoclosure () -> String = Silences.randomID(),
        at moment: Timestamp
    ) throws(SilenceError) -> (id: String, changes: [StateChange]) {
        let (id, changes) = try silences.set(request, newID: newID(), at: moment)
        // Where nothing is ever flushed, nobody else would forget.
        return (id, changes + silences.collectGarbage(at: moment))
    }

    /// Ends a silence now.
    public mutating func expireSilence(_ id: String, at moment: Timestamp) throws(SilenceError)
        -> [StateChange]
    {
        try silences.expire(id, at: moment)
    }
}
