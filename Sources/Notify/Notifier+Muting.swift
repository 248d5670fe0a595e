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

    // MARK: Muting

    /// The group's alerts without those that are muted now.
    mutating func unmuted(_ group: Dispatcher.DueGroup, at moment: Timestamp) -> [Alert] {
        let timeIntervals = setup.muting.verdict(on: group.route, at: moment)
        if timeIntervals != .active { return [] }
        return group.alerts.filter {
            // Remembered: the next flush asks about the same alerts.
            let silencedBy = silences.rememberedSilencing($0.labels, at: moment)
            return !muting(of: $0.labels, silencedBy, timeIntervals, at: moment).isMuted
        }
    }

    /// Whether an alert with these labels is muted, and by what.
    func muting(
        of labels: Labels, _ timeIntervals: TimeIntervalVerdict, at moment: Timestamp
    ) -> MutingVerdict {
        muting(of: labels, silences.silencing(labels, at: moment), timeIntervals, at: moment)
    }

    private func muting(
        of labels: Labels, _ silencedBy: [String], _ timeIntervals: TimeIntervalVerdict,
        at moment: Timestamp
    ) -> MutingVerdict {
        let inhibition = dispatcher.inhibitor.inhibition(of: labels) { source in
            dispatcher.alerts[source].map { !$0.isResolved(at: moment) } ?? false
        }
        return MutingVerdict(
            inhibition: inhibition, silencedBy: silencedBy, timeIntervals: timeIntervals)
    }

    // MARK: Holding back

    /// All alerts of the group are muted: what its receiver is still owed is held back.
    mutating func holdBack(_ group: Dispatcher.DueGroup) -> [StateChange] {
        let keys = outbox.owedKeys(groupKey: group.key)
        if keys.isEmpty { return [] }
        let isShared = isShared(group)
        var changes: [StateChange] = []
        for key in keys where key.receiver.bytesEqual(group.route.receiver) {
            guard var slot = outbox.slots[key] else { continue }
            switch hold(slot, isShared: isShared) {
            case .keptForSibling, .keptUnderWay, .keptUnconfirmed, .keptEnds: break
            case .onlyEnds(let ends):
                slot.data.alerts = ends
                changes += outbox.put(slot)
            case .heldBack: changes += outbox.drop(key)
            }
        }
        return changes
    }

    /// What becomes of what is owed when a flush finds all alerts of its group muted.
    func hold(_ slot: OutboxSlot, isShared: Bool) -> HoldVerdict {
        HoldVerdict(slot, isShared: isShared, notified: log[slot.key]?.firing ?? [])
    }

    /// Whether a group of another route has this group's key and receiver: one with the same matchers,
    /// whose time intervals may be others.
    func isShared(_ group: Dispatcher.DueGroup) -> Bool {
        dispatcher.groups(withKey: group.key).contains {
            $0.id != group.id
                && dispatcher.routes.route(id: $0.id.route)?.receiver
                    .bytesEqual(group.route.receiver) ?? false
        }
    }
}
