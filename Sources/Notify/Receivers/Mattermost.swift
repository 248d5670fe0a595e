import Configuration
import Model
import Transport

/// An incoming webhook of Mattermost's.
extension MattermostConfiguration: WebService {
    /// The longest text that Mattermost takes.
    static let maximumTextCharacters = 16_383
    private static let textSize = TextSize.characters(maximumTextCharacters)
    private static let priorities = ["standard", "important", "urgent"]

    func request(_ message: Message) throws -> HTTPRequest {
        let render = message.render
        var object = try render.texts(["text"], MattermostConfiguration.textSize)
        object += try render.texts(["channel", "username", "icon_url", "icon_emoji"])
        let shown = try shownAttachments.map { try content(of: $0.attachment, $0.place, render) }
            .filter { !$0.isEmpty }
        if !shown.isEmpty {
            object.append(("attachments", .array(shown.map { .object($0) })))
        }
        object += try render.texts(["type"])
        let card = try render.texts(["card": "props.card"], MattermostConfiguration.textSize)
        if !card.isEmpty { object.append(("props", .object(card))) }
        if !priority.priority.isEmpty {
            object.append(("priority", .object(shownPriority(try render("priority.priority")))))
        }
        return .json(to: try message.revealURL(url), .object(object))
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        let channel = try message.render("channel")
        let place = attachments.isEmpty ? "" : "attachments[0]."
        var lines = try ["\(place)title", "text"].map { name in
            try message.render(name, MattermostConfiguration.textSize)
        }
        if !attachments.isEmpty {
            lines.append(try message.render("\(place)text", MattermostConfiguration.textSize))
        }
        return (
            channel.isEmpty ? "the webhook's channel" : channel,
            lines.filter { !$0.isEmpty }.joined(separator: "\n")
        )
    }

    /// The attachments and their places, the message's own where there are no others.
    private var shownAttachments: [(attachment: Attachment, place: String)] {
        attachments.isEmpty
            ? [(ownAttachment, "")]
            : attachments.enumerated().map { ($0.element, "attachments[\($0.offset)].") }
    }

    private func content(
        of attachment: Attachment, _ place: String, _ render: Rendering
    ) throws -> [(String, JSONValue)] {
        let size = MattermostConfiguration.textSize
        var object = try render.texts(["fallback", "color", "pretext"], in: place, size)
        // `text` beside the message's own keys is the message's.
        if !place.isEmpty { object += try render.texts(["text"], in: place, size) }
        object += try render.texts(
            ["author_name", "author_link", "author_icon", "title", "title_link"], in: place, size)
        var fields: [JSONValue] = []
        for (index, field) in attachment.fields.enumerated() {
            var shown = try render.texts(
                ["title", "value"], in: "\(place)fields[\(index)].", size)
            if let short = field.short { shown.append(("short", .bool(short))) }
            fields.append(.object(shown))
        }
        if !fields.isEmpty { object.append(("fields", .array(fields))) }
        return try object
            + render.texts(
                ["thumb_url", "footer", "footer_icon", "image_url"], in: place, size)
    }

    /// What Mattermost does not know would cost the whole message.
    private func shownPriority(_ text: String) -> [(String, JSONValue)] {
        let lower = text.lowercased()
        let word = MattermostConfiguration.priorities.contains(lower) ? lower : "standard"
        var object: [(String, JSONValue)] = [("priority", .string(word))]
        if priority.requestsAcknowledgement, word != "standard" {
            object.append(("requested_ack", .bool(true)))
        }
        if priority.isPersistent, word == "urgent" {
            object.append(("persistent_notifications", .bool(true)))
        }
        return object
    }
}
