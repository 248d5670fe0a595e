import Model

/// What an integration is notified of when another configuration takes alerts from it: because their route leads
/// elsewhere, or because the integration or its receiver went away.
enum LeaveVerdict: Sendable, Hashable {
    /// Nothing: the group was gone before this change.
    case goneBefore
    /// Nothing: its group stays, and no alert that it believes to fire has left the group.
    case stays
    /// Nothing: its group stays without these alerts, and it has `send_resolved: false`.
    case endsNotWanted
    /// Nothing, and it is forgotten: its group goes, and it believes nothing to fire or does not want to
    /// hear of ends.
    case forgotten
    /// That these alerts are over.
    case ends([Alert])
}
