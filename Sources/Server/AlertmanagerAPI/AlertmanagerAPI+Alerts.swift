import Model
import Notify
import Zones

extension AlertmanagerAPI {
    // MARK: What is there

    /// Every alert that is not over, by fingerprint.
    func alerts(_ parameters: Parameters) async throws(AlertmanagerFailure) -> JSONWriter {
        let filter = try AlertFilter(parameters, matchers: try filter(parameters))
        let (alerts, now) = (await notifications.alerts, clock.now)
        let shown = alerts.filter {
            $0.receivers.contains(where: filter.admits(receiver:)) && filter.admits($0, at: now)
        }.map { (fingerprint: $0.alert.fingerprint, snapshot: $0) }
        var json = JSONWriter()
        json.array { json in
            for item in shown.sorted(by: { $0.fingerprint < $1.fingerprint }) {
                write(item.snapshot, at: now, &json)
            }
        }
        return json
    }

    /// Every group with its alerts that are not over.
    func groups(_ parameters: Parameters) async throws(AlertmanagerFailure) -> JSONWriter {
        let filter = try AlertFilter(parameters, matchers: try filter(parameters))
        let (groups, now) = (await notifications.groups, clock.now)
        var json = JSONWriter()
        json.array { json in
            for group in groups where filter.admits(receiver: group.receiver) {
                let alerts = group.alerts.filter { filter.admits($0, at: now) }
                guard let first = alerts.first else { continue }
                if !first.muted.mutedBy.isEmpty && !filter.wantsMuted { continue }
                json.object { json in
                    json.key("alerts")
                    json.array { json in
                        for alert in alerts { write(alert, at: now, &json) }
                    }
                    json.key("labels")
                    json.labels(group.labels)
                    json.key("receiver")
                    json.object { $0.member("name", group.receiver) }
                }
            }
        }
        return json
    }

    private func write(
        _ snapshot: AlertSnapshot, at now: Timestamp, _ json: inout JSONWriter
    ) {
        let alert = snapshot.alert
        json.object { json in
            json.key("annotations")
            json.labels(alert.annotations.pairs)
            // One without an end of its own goes on at least for as long as a silent client's would.
            let end =
                alert.writtenEnd ?? WrittenTime(now + documents().notifiers.resolveTimeout)
            json.member("endsAt", AlertmanagerAPI.text(end))
            json.member("fingerprint", alert.fingerprint.description)
            json.key("receivers")
            json.array { json in
                for receiver in snapshot.receivers {
                    json.object { $0.member("name", receiver) }
                }
            }
            json.member("startsAt", AlertmanagerAPI.text(alert.writtenStart))
            json.key("status")
            json.object { json in
                json.key("inhibitedBy")
                json.strings(snapshot.muted.inhibitedBy.map(\.description))
                json.key("mutedBy")
                json.strings(snapshot.muted.mutedBy)
                json.key("silencedBy")
                json.strings(snapshot.muted.silencedBy)
                json.member("state", snapshot.state.rawValue)
            }
            json.member("updatedAt", AlertmanagerAPI.text(WrittenTime(local: alert.updatedAt)))
            if !alert.generatorURL.isEmpty { json.member("generatorURL", alert.generatorURL) }
            json.key("labels")
            json.labels(alert.labels)
        }
    }

    // MARK: What is said

    /// Takes in alerts of others, and returns when they are written. Valid ones are taken whatever is
    /// wrong with others.
    func post(_ posted: [PostedAlert]) async throws(AlertmanagerFailure) {
        let now = clock.now
        let resolveTimeout = documents().notifiers.resolveTimeout
        var (alerts, problems): ([Alert], [String]) = ([], [])
        for item in posted {
            let alert = item.alert(at: now, resolveTimeout: resolveTimeout)
            if let problem = alert.problem {
                problems.append(problem)
            } else {
                alerts.append(alert)
            }
        }
        if !alerts.isEmpty {
            if case .inMemory(let problem) = await notifications.receive(alerts: alerts, at: now) {
                throw AlertmanagerFailure(500, problem)
            }
        }
        if !problems.isEmpty {
            throw AlertmanagerFailure(400, problems.joined(separator: "; "))
        }
    }
}

extension PostedAlert {
    /// The alert with what was left unsaid filled in as Alertmanager does; it may be invalid.
    fileprivate func alert(at now: Timestamp, resolveTimeout: Milliseconds) -> Alert {
        let pairs = (labels ?? [:]).compactMap { name, value -> Label? in
            guard let value, !value.isEmpty else { return nil }
            return Label(name, value)
        }
        let notes = (annotations ?? [:]).map { Label($0.key, $0.value ?? "") }
        let end = endsAt?.written
        var alert = Alert(
            labels: Labels(pairs), annotations: Annotations(notes), startsAt: now,
            generatorURL: generatorURL ?? "", updatedAt: now, timesOut: end == nil)
        alert.writtenStart = startsAt?.written ?? end ?? WrittenTime(local: now)
        alert.writtenEnd = end ?? WrittenTime(local: now + resolveTimeout)
        return alert
    }
}

extension Alert {
    /// Why Alertmanager would not take it.
    fileprivate var problem: String? {
        if let writtenEnd, writtenEnd.isBefore(writtenStart) {
            return "start time must be before end time"
        }
        if labels.isEmpty { return "at least one label pair required" }
        if labels.sorted.contains(where: \.name.isEmpty) {
            return "invalid label set: invalid name \"\""
        }
        if annotations.sorted.contains(where: \.name.isEmpty) {
            return "invalid annotations: invalid name \"\""
        }
        return nil
    }
}

extension WrittenTime {
    /// A moment of our own clock: Alertmanager reads its machine's.
    fileprivate init(local moment: Timestamp) {
        let clock = Zone.local.clock(at: moment.wholeSeconds)
        let isUTC = clock.offset == 0 && clock.abbreviation == "UTC"
        self.init(moment, isUTC ? nil : Detail(offset: Int32(clamping: clock.offset)))
    }
}
