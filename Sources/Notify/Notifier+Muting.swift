import Model

extension Notifier {
    // MARK: Silences

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

    // MARK: What is told

    /// The group's alerts without those that must not be told now.
    mutating func tellable(_ group: Dispatcher.DueGroup, at moment: Timestamp) -> [Alert] {
        if !setup.muting.mutes(group.route, at: moment).isEmpty { return [] }
        return group.alerts.filter {
            inhibitor(of: $0.labels, at: moment) == nil
                && silences.rememberedSilencing($0.labels, at: moment).isEmpty
        }
    }

    /// The alert that keeps one with these labels from being told.
    func inhibitor(of labels: Labels, at moment: Timestamp) -> Fingerprint? {
        dispatcher.inhibitor.inhibitor(of: labels) { source in
            dispatcher.alerts[source].map { !$0.isResolved(at: moment) } ?? false
        }
    }

    /// Nothing of the group may be told now: what is still owed from before, and was not heard,
    /// waits for a flush that may tell it. Only the end of what the receiver knows stays owed.
    mutating func holdBack(_ group: Dispatcher.DueGroup) -> [StateChange] {
        // A sibling route with the same matchers and receiver may be one that speaks now.
        let others = dispatcher.groups(withKey: group.key).filter { $0.id != group.id }
        let isShared = others.contains {
            dispatcher.routes.route(id: $0.id.route)?.receiver.bytesEqual(group.route.receiver)
                ?? false
        }
        if isShared { return [] }
        var changes: [StateChange] = []
        for key in outbox.owedKeys(groupKey: group.key)
        where key.receiver.bytesEqual(group.route.receiver) {
            guard var slot = outbox.slots[key], !slot.data.firing.isEmpty, !slot.inFlight,
                !slot.mayHaveArrived
            else { continue }
            let told = log[key]?.firing ?? []
            slot.data.alerts = slot.data.resolved.filter { told.contains($0.fingerprint.value) }
            let isNews = slot.sendResolved && !slot.data.alerts.isEmpty
            changes += isNews ? outbox.put(slot) : outbox.drop(key)
        }
        return changes
    }
}
