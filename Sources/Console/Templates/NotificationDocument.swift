import Foundation
import Model
import Notify

/// A notification as JSON: the body of a webhook, or what `amtool template render` takes.
public struct NotificationDocument: Sendable {
    private struct Document: Decodable {
        struct Alert: Decodable {
            var status: String?
            var labels: [String: String]?
            var annotations: [String: String]?
            var startsAt: String?
            var endsAt: String?
            var generatorURL: String?
        }

        var receiver: String?
        var groupKey: String?
        var groupLabels: [String: String]?
        var alerts: [Alert]
        var externalURL: String?
        var notificationReason: String?

        enum CodingKeys: String, CodingKey {
            case receiver, groupKey, groupLabels, alerts, externalURL
            case notificationReason = "notification_reason"
        }
    }

    private let document: Document

    /// Reads a document; what is common to its alerts is computed and not read.
    public init(_ bytes: [UInt8]) throws(ConsoleError) {
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw ConsoleError("not the JSON of a notification: \(error.explanation)")
        } catch {
            throw ConsoleError("not the JSON of a notification: \(error)")
        }
    }

    /// The notification, as of `now`.
    public func data(at now: Timestamp) throws(ConsoleError) -> NotificationData {
        var alerts: [Alert] = []
        for alert in document.alerts {
            let start = try NotificationDocument.time(alert.startsAt, "startsAt")
            let end = try NotificationDocument.time(alert.endsAt, "endsAt")
            let isResolved =
                alert.status.map { $0 == "resolved" } ?? end.map { $0.timestamp <= now } ?? false
            var shown = Alert(
                labels: Labels(alert.labels ?? [:]),
                annotations: Annotations(alert.annotations ?? [:]), startsAt: now,
                generatorURL: alert.generatorURL ?? "", updatedAt: now)
            shown.writtenStart = start ?? WrittenTime(now)
            shown.writtenEnd = isResolved ? end ?? WrittenTime(now) : nil
            alerts.append(shown)
        }
        var data = NotificationData(
            receiver: document.receiver ?? "", integration: "", index: 0,
            groupKey: document.groupKey ?? "{}:{}",
            groupLabels: Labels(document.groupLabels ?? [:]),
            alerts: alerts, externalURL: document.externalURL ?? "", now: now)
        data.reason = document.notificationReason.flatMap { NotificationReason(rawValue: $0) }
        return data
    }

    /// A time; Go's zero time is none.
    private static func time(_ text: String?, _ name: String) throws(ConsoleError) -> WrittenTime? {
        guard let text, !text.isEmpty, !text.hasPrefix("0001-01-01T") else { return nil }
        guard let time = WrittenTime(rfc3339: text) else {
            throw ConsoleError("\(name) \(text.goQuoted) is no time as RFC 3339 writes it")
        }
        return time
    }
}

extension DecodingError {
    /// Where and what, in words.
    var explanation: String {
        let context: Context
        var what = ""
        switch self {
        case .dataCorrupted(let inner): context = inner
        case .keyNotFound(let key, let inner):
            (context, what) = (inner, "\(key.stringValue) is missing")
        case .typeMismatch(_, let inner), .valueNotFound(_, let inner): context = inner
        @unknown default: return "\(self)"
        }
        let path = context.codingPath.map {
            $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)"
        }.joined()
        let place = path.hasPrefix(".") ? String(path.dropFirst()) : path
        if what.isEmpty { what = context.debugDescription }
        return place.isEmpty ? what : "\(place): \(what)"
    }
}
