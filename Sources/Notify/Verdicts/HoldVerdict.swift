import Model

/// What becomes of a notification that an integration is still owed when a flush finds that all alerts
/// of the group are muted, or that there are none.
public enum HoldVerdict: Sendable, Hashable {
    /// It is kept as it is: a group of another route shares group key and receiver, and may send it.
    case keptForSibling
    /// It is kept as it is: an attempt is under way.
    case keptUnderWay
    /// It is kept as it is: an attempt may have arrived, and must be corrected.
    case keptUnconfirmed
    /// It is kept as it is: it only has alerts that have ended.
    case keptEnds
    /// It is held back, but for the end of these alerts, which the integration believes to fire.
    case onlyEnds([Alert])
    /// It is held back: a flush that finds an alert that is not muted owes it anew.
    case heldBack
}

extension HoldVerdict {
    /// The verdict on what is owed; `notified` are the alerts that the integration believes to fire.
    init(_ slot: OutboxSlot, isShared: Bool, notified: Set<UInt64>) {
        if isShared {
            self = .keptForSibling
        } else if slot.inFlight {
            self = .keptUnderWay
        } else if slot.mayHaveArrived {
            self = .keptUnconfirmed
        } else if slot.data.firing.isEmpty {
            self = .keptEnds
        } else {
            let ends = slot.data.resolved.filter { notified.contains($0.fingerprint.value) }
            self = slot.sendResolved && !ends.isEmpty ? .onlyEnds(ends) : .heldBack
        }
    }
}
