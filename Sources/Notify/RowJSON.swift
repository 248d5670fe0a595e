import Model

// The rows that are many or large, written without an encoder: a group of a hundred alerts is written
// before it is told. They are what the types' `Codable` forms, which read them, would write.

extension AlertRow {
    var rowJSON: JSONValue {
        .object([("alert", alert.rowJSON), ("groups", .array(groups.map(\.rowJSON)))])
    }
}

extension OutboxSlot {
    var rowJSON: JSONValue {
        var fields: [(String, JSONValue)] = [
            ("attempts", .int(Int64(attempts))), ("data", data.rowJSON),
            ("groupInterval", .int(groupInterval.value)), ("inFlight", .bool(inFlight)),
            ("key", key.rowJSON),
        ]
        if let lastError { fields.append(("lastError", .string(lastError))) }
        fields += [
            ("mayHaveArrived", .bool(mayHaveArrived)),
            ("notBefore", .int(notBefore.milliseconds)),
            ("owedSince", .int(owedSince.milliseconds)), ("refused", .bool(refused)),
            ("repeatInterval", .int(repeatInterval.value)), ("sendResolved", .bool(sendResolved)),
        ]
        return .object(fields)
    }
}

extension GroupID {
    fileprivate var rowJSON: JSONValue {
        .object([("labels", .labels(labels)), ("route", .string(route))])
    }
}

extension DeliveryKey {
    fileprivate var rowJSON: JSONValue {
        .object([
            ("groupKey", .string(groupKey)), ("index", .int(Int64(index))),
            ("integration", .string(integration)), ("receiver", .string(receiver)),
        ])
    }
}

extension NotificationData {
    fileprivate var rowJSON: JSONValue {
        var fields: [(String, JSONValue)] = [
            ("alerts", .array(alerts.map(\.rowJSON))), ("externalURL", .string(externalURL)),
            ("groupKey", .string(groupKey)), ("groupLabels", .labels(groupLabels)),
            ("index", .int(Int64(index))), ("integration", .string(integration)),
        ]
        if let memory {
            let entries = memory.sorted { $0.key.byteOrder($1.key) < 0 }
            fields.append(("memory", .object(entries.map { ($0.key, .string($0.value)) })))
        }
        fields += [("now", .int(now.milliseconds)), ("receiver", .string(receiver))]
        return .object(fields)
    }
}

extension Alert {
    fileprivate var rowJSON: JSONValue {
        var fields: [(String, JSONValue)] = [("annotations", .labels(annotations.pairs))]
        if let endsAt { fields.append(("endsAt", .int(endsAt.milliseconds))) }
        fields.append(("generatorURL", .string(generatorURL)))
        if timesOut { fields.append(("hasTimeOut", .bool(true))) }
        fields += [
            ("labels", .labels(labels)), ("startsAt", .int(startsAt.milliseconds)),
            ("updatedAt", .int(updatedAt.milliseconds)),
        ]
        if let details { fields.append(("written", details.rowJSON)) }
        return .object(fields)
    }
}

extension WrittenDetails {
    fileprivate var rowJSON: JSONValue {
        var fields: [(String, JSONValue)] = []
        if let end { fields.append(("end", end.rowJSON)) }
        if let start { fields.append(("start", start.rowJSON)) }
        return .object(fields)
    }
}

extension WrittenTime.Detail {
    fileprivate var rowJSON: JSONValue {
        var fields = [("nanoseconds", JSONValue.int(Int64(nanoseconds)))]
        if let offset { fields.append(("offset", .int(Int64(offset)))) }
        return .object(fields)
    }
}
