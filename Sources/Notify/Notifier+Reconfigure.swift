import Configuration
import Model

extension Notifier {
    /// Goes on under another setup. Groups whose route still exists go on as they are; alerts are
    /// sorted anew; and whoever was told that an alert fires, and will not hear of it again because
    /// route or receiver went away, is told that it is over.
    public mutating func reconfigure(_ newer: NotifierSetup, at moment: Timestamp) -> [StateChange]
    {
        let before = (dispatcher: dispatcher, setup: setup)
        var changes = ChangeList()
        setup = newer
        changes.add(dispatcher.reroute(newer.routes, at: moment))
        dispatcher.inhibitor = Inhibitor(
            newer.muting.inhibitRules, alerts: dispatcher.alerts.keys)
        let keys = Set(log.entries.keys).union(outbox.slots.keys).sorted()
        for key in keys {
            changes.add(takeLeave(key, before.dispatcher, before.setup, at: moment))
        }
        return changes.list
    }

    /// The group of the key before the change and after it.
    private struct Leave {
        /// A group that had the key; nil where it was gone before.
        var oldGroup: AlertGroup?
        /// The alerts of all groups that had it.
        var oldAlerts: [Alert]
        /// The group that has it now; nil where group, receiver or integration went away.
        var group: AlertGroup?
        var sendResolved: Bool
    }

    private func leave(_ key: DeliveryKey, _ oldDispatcher: Dispatcher, _ oldSetup: NotifierSetup)
        -> Leave
    {
        let oldGroups = oldDispatcher.groups(withKey: key.groupKey)
        let members = oldGroups.reduce(into: Set<Labels>()) { $0.formUnion($1.members) }
        let present = setup.integration(key)
        let group = dispatcher.groups(withKey: key.groupKey).first {
            dispatcher.routes.route(id: $0.id.route)?.receiver.bytesEqual(key.receiver) ?? false
        }
        let integration = present ?? oldSetup.integration(key)
        return Leave(
            oldGroup: oldGroups.first, oldAlerts: members.compactMap { oldDispatcher.alerts[$0] },
            group: present == nil ? nil : group,
            sendResolved: integration?.sendResolved ?? outbox.slots[key]?.sendResolved ?? false)
    }

    private func verdict(on leave: Leave, _ key: DeliveryKey, at moment: Timestamp) -> LeaveVerdict
    {
        if leave.oldGroup == nil { return .goneBefore }
        let told = toldAsFiring(key)
        let members = leave.group?.members ?? []
        let gone = leave.oldAlerts.compactMap { alert -> Alert? in
            guard !members.contains(alert.labels), told.contains(alert.fingerprint.value) else {
                return nil
            }
            var alert = alert
            if !alert.isResolved(at: moment) { alert.writtenEnd = WrittenTime(moment) }
            return alert
        }
        if !gone.isEmpty && leave.sendResolved { return .ends(gone) }
        if leave.group == nil { return .forgotten }
        return gone.isEmpty ? .stays : .endsNotWanted
    }

    private mutating func takeLeave(
        _ key: DeliveryKey, _ oldDispatcher: Dispatcher, _ oldSetup: NotifierSetup,
        at moment: Timestamp
    ) -> [StateChange] {
        let leave = leave(key, oldDispatcher, oldSetup)
        switch verdict(on: leave, key, at: moment) {
        case .goneBefore, .stays, .endsNotWanted: return []
        case .forgotten: return forget(key)
        case .ends(let ended): return tell(ended, key, leave, at: moment)
        }
    }

    /// Owes the integration the end of these alerts, beside what its group holds now.
    private mutating func tell(
        _ ended: [Alert], _ key: DeliveryKey, _ leave: Leave, at moment: Timestamp
    ) -> [StateChange] {
        let present = leave.group.map { dispatcher.snapshot(of: $0, at: moment) } ?? []
        let data = NotificationData(
            receiver: key.receiver, integration: key.integration, index: key.index,
            groupKey: key.groupKey, groupLabels: leave.oldGroup?.id.labels ?? .empty,
            alerts: (ended + present).sorted(by: Alert.notificationOrder),
            externalURL: setup.externalURL, now: moment)
        let route = leave.group.flatMap { dispatcher.routes.route(id: $0.id.route) }
        return outbox.put(
            OutboxSlot(
                data: data, sendResolved: true,
                groupInterval: route?.groupInterval ?? RouteConfiguration.defaultGroupInterval,
                repeatInterval: route?.repeatInterval ?? RouteConfiguration.defaultRepeatInterval))
    }

    /// What the receiver believes to fire, or may believe.
    private func toldAsFiring(_ key: DeliveryKey) -> Set<UInt64> {
        var told = log[key]?.firing ?? []
        if let slot = outbox.slots[key], slot.inFlight || slot.mayHaveArrived {
            told.formUnion(ToldAlerts(slot.sending ?? slot.data).firing)
            told.formUnion(ToldAlerts(slot.data).firing)
        }
        return told
    }

    private mutating func forget(_ key: DeliveryKey) -> [StateChange] {
        var changes = outbox.drop(key)
        if log[key] != nil { changes.append(log.remove(key)) }
        return changes
    }
}
