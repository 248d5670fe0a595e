import Configuration
import Model
import Transport

/// Alertmanager's webhook, version 4 of its payload, or a payload of the user's own.
extension WebhookConfiguration: WebService {
    func request(_ message: Message) throws -> HTTPRequest {
        let shown = message.shown(maximumAlerts: maximumAlerts)
        let render = message.render.over(shown)
        let url = try render.secret("url", try message.revealURL(self.url))
        if url.isEmpty { throw ReceiverError("the webhook's URL is empty") }
        if let payload { return .json(to: url, try render.value(payload, "payload")) }
        return .json(to: url, shown.payload(of: message, version: "4"))
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        let shown = message.shown(maximumAlerts: maximumAlerts)
        return (url.filePath ?? url.description, try message.render.over(shown).subject())
    }
}

extension TemplateData {
    /// All of it as a webhook gets it.
    func payload(of message: Message, version: String) -> JSONValue {
        let hidden = message.data.alerts.count - notification.alerts.count
        return .object(
            jsonFields + [
                ("version", .string(version)), ("groupKey", .string(message.data.groupKey)),
                ("truncatedAlerts", .int(Int64(hidden))),
            ])
    }
}
