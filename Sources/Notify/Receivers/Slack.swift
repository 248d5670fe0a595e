import Configuration
import Foundation
import HTTPClient
import Model
import Transport

/// Slack: an incoming webhook, or an app's `chat.postMessage`.
extension SlackConfiguration: WebService {
    /// The longest title that Slack takes, and the longest of the other texts.
    static let maximumTitleCharacters = 1024
    static let maximumTextCharacters = 40_000
    private static let textSize = TextSize.characters(maximumTextCharacters)

    /// What is remembered of a message that is to be changed later: its identifier and its channel's.
    private static let messageKey = "threadTs"
    private static let channelKey = "channelId"
    /// Slack's words where there is no message that could be changed.
    private static let goneErrors: Set<String> = [
        "message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found",
        "thread_not_found", "is_inactive",
    ]

    func request(_ message: Message) throws -> HTTPRequest {
        try request(message, content(message.render))
    }

    func deliver(_ message: Message, over connection: ReceiverConnection) async throws
        -> DeliveryOutcome
    {
        let content = try content(message.render)
        if updateMessage, let memory = message.data.memory,
            let posted = memory[SlackConfiguration.messageKey],
            let channel = memory[SlackConfiguration.channelKey]
        {
            var request = try request(
                message,
                [("channel", .string(channel)), ("ts", .string(posted))]
                    + content.filter { $0.0 != "channel" })
            request.url = SlackConfiguration.updateURL(request.url)
            let response = try await connection.send(request)
            let answer = SlackConfiguration.read(response)
            if !SlackConfiguration.goneErrors.contains(answer?.error ?? "") {
                return outcome(of: response, message)
            }
            // What is gone cannot be changed: it is said anew.
        }
        return outcome(of: try await connection.send(try request(message, content)), message)
    }

    private static func updateURL(_ url: String) -> String {
        let post = "chat.postMessage"
        return url.hasSuffix(post) ? url.dropLast(post.utf8.count) + "chat.update" : url
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        let channel = try message.render("channel")
        let lines = try ["message_text", "pretext", "title", "text"].map { name in
            try message.render(name, SlackConfiguration.textSize)
        }
        return (
            channel.isEmpty ? "the webhook's channel" : channel,
            lines.filter { !$0.isEmpty }.joined(separator: "\n")
        )
    }

    private func request(
        _ message: Message, _ content: [(String, JSONValue)]
    ) throws -> HTTPRequest {
        switch endpoint {
        case .webhook(let url): return .json(to: try message.revealURL(url), .object(content))
        case .app(let token, let url):
            var request = HTTPRequest.json(to: url, .object(content))
            request.authorization = .bearer(try message.reveal(token))
            return request
        }
    }

    // MARK: The message

    private func content(_ render: Rendering) throws(ReceiverError) -> [(String, JSONValue)] {
        var object = try render.texts(["channel", "username", "icon_emoji", "icon_url"])
        if linkNames { object.append(("link_names", .bool(true))) }
        object += try render.texts(["text": "message_text"], SlackConfiguration.textSize)
        object.append(("attachments", .array([.object(try attachment(render))])))
        return object
    }

    private func attachment(_ render: Rendering) throws(ReceiverError) -> [(String, JSONValue)] {
        var object: [(String, JSONValue)] = []
        let size = SlackConfiguration.textSize
        object += try render.texts(
            ["title"], .characters(SlackConfiguration.maximumTitleCharacters))
        object += try render.texts(["title_link", "pretext"], size)
        // Slack is sent these even where they are empty.
        for name in ["text", "fallback", "callback_id"] {
            object.append((name, .string(try render(name, size))))
        }
        var shownFields: [JSONValue] = []
        for (index, field) in fields.enumerated() {
            shownFields.append(
                .object([
                    ("title", .string(try render("fields[\(index)].title", size))),
                    ("value", .string(try render("fields[\(index)].value", size))),
                    ("short", .bool(field.short ?? shortFields)),
                ]))
        }
        if !shownFields.isEmpty { object.append(("fields", .array(shownFields))) }
        var buttons: [JSONValue] = []
        for index in actions.indices {
            if let button = try button(index, render) { buttons.append(button) }
        }
        if !buttons.isEmpty { object.append(("actions", .array(buttons))) }
        object += try render.texts(["image_url", "thumb_url"])
        object.append(("footer", .string(try render("footer", size))))
        object += try render.texts(["color"])
        let markdown =
            markdownIn.isEmpty
            ? ["fallback", "pretext", "text"] : markdownIn
        object.append(("mrkdwn_in", .array(markdown.map { .string($0) })))
        return object
    }

    /// A button; nil where it would lead nowhere, which Slack refuses with the whole message.
    private func button(_ index: Int, _ render: Rendering) throws(ReceiverError) -> JSONValue? {
        let place = "actions[\(index)]."
        let needed = ["type", "url", "name"]
        var object = try render.texts(
            ["type", "text", "url", "style", "name", "value"], in: place,
            SlackConfiguration.textSize)
        if needed.contains(where: { render.notes.hasFailed(place + $0) }) { return nil }
        if actions[index].confirmation != nil {
            let texts = try render.texts(
                ["text", "title", "ok_text", "dismiss_text"], in: "\(place)confirm.")
            object.append(("confirm", .object(texts)))
        }
        return .object(object)
    }

    // MARK: The answer

    private struct Answer: Decodable {
        var ok: Bool?
        var error: String?
        var channel: String?
        var ts: String?
    }

    private static func read(_ response: HTTPResponse) -> Answer? {
        try? JSONDecoder().decode(Answer.self, from: Data(response.body))
    }

    /// Slack answers errors with 200 too: JSON with `ok: false`, or a text other than "ok".
    func outcome(of response: HTTPResponse, _ message: Message) -> DeliveryOutcome {
        let channel = (try? message.render("channel")) ?? self.channel
        return judge(response, at: message.data.now).about("channel \(channel.goQuoted)")
    }

    private func judge(_ response: HTTPResponse, at now: Timestamp) -> DeliveryOutcome {
        let outcome = DeliveryOutcome.classify(response, at: now)
        guard case .delivered(let detail, _) = outcome else { return outcome }
        guard response.header("Content-Type")?.hasPrefix("application/json") == true else {
            if response.body == Array("ok".utf8) { return outcome }
            return .failed(
                reason: "received an error response from Slack"
                    + response.excerpt)
        }
        guard let answer = SlackConfiguration.read(response) else {
            return .retry(
                reason: "could not read the answer" + response.excerpt,
                mayHaveArrived: true)
        }
        if answer.ok == true {
            guard updateMessage, let channel = answer.channel, let posted = answer.ts else {
                return outcome
            }
            return .delivered(
                detail: detail,
                memory: [
                    SlackConfiguration.messageKey: posted, SlackConfiguration.channelKey: channel,
                ])
        }
        let reason = "error response from Slack: \(answer.error ?? "unknown")"
        return answer.error == "ratelimited" || answer.error == "rate_limited"
            ? .retry(reason: reason) : .failed(reason: reason)
    }
}
