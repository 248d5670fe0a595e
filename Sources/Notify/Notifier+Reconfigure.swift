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

    private mutating func takeLeave(
        _ key: DeliveryKey, _ oldDispatcher: Dispatcher, _ oldSetup: NotifierSetup,
        at moment: Timestamp
    ) -> [StateChange] {
        // A group that was gone before this change has taken its leave already.
        let oldGroups = oldDispatcher.groups(withKey: key.groupKey)
        guard let oldGroup = oldGroups.first else { return [] }
        let group = dispatcher.groups(withKey: key.groupKey).first {
            dispatcher.routes.route(id: $0.id.route)?.receiver.bytesEqual(key.receiver) ?? false
        }
        let stays = setup.integration(key) == nil ? nil : group
        let members = oldGroups.reduce(into: Set<Labels>()) { $0.formUnion($1.members) }
        let told = toldAsFiring(key)
        let gone = members.subtracting(stays?.members ?? []).compactMap { labels -> Alert? in
            guard var alert = oldDispatcher.alerts[labels],
                told.contains(alert.fingerprint.value)
            else { return nil }
            if !alert.isResolved(at: moment) { alert.writtenEnd = WrittenTime(moment) }
            return alert
        }
        if stays != nil && gone.isEmpty { return [] }
        let integration = setup.integration(key) ?? oldSetup.integration(key)
        let sendResolved = integration?.sendResolved ?? outbox.slots[key]?.sendResolved ?? false
        guard !gone.isEmpty, sendResolved else {
            return stays == nil ? forget(key) : []
        }
        let present = stays.map { dispatcher.snapshot(of: $0, at: moment) } ?? []
        let data = NotificationData(
            receiver: key.receiver, integration: key.integration, index: key.index,
            groupKey: key.groupKey, groupLabels: oldGroup.id.labels,
            alerts: (gone + present).sorted(by: Alert.notificationOrder),
            externalURL: setup.externalURL, now: moment)
        let route = stays.flatMap { dispatcher.routes.route(id: $0.id.route) }
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
