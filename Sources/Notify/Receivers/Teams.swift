import Configuration
import Model
import Transport

/// Microsoft Teams through a connector of Office 365: a message card.
extension TeamsConfiguration: WebService {
    func request(_ message: Message) throws -> HTTPRequest {
        let render = message.render
        let title = try render("title", TeamsLimit.titleSize)
        let summary = try render("summary", TeamsLimit.titleSize)
        let color = message.isFiring ? "8C1A1A" : "2DC72D"
        return .json(
            to: try message.revealURL(url),
            TeamsLimit.fitting(try render("text", TeamsLimit.textSize)) { text in
                .object([
                    ("@context", .string("http://schema.org/extensions")),
                    ("type", .string("MessageCard")),
                    ("title", .string(title)), ("summary", .string(summary)),
                    ("text", .string(text)), ("themeColor", .string(color)),
                ])
            })
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        (url.filePath ?? url.description, try TeamsLimit.reading(message))
    }
}

/// Microsoft Teams through a workflow of Power Automate: an adaptive card.
extension TeamsWorkflowConfiguration: WebService {
    func request(_ message: Message) throws -> HTTPRequest {
        let title = try message.render("title", TeamsLimit.titleSize)
        let color = message.isFiring ? "Attention" : "Good"
        return .json(
            to: try message.revealURL(url),
            TeamsLimit.fitting(try message.render("text", TeamsLimit.textSize)) { text in
                let card: JSONValue = .object([
                    ("$schema", .string("http://adaptivecards.io/schemas/adaptive-card.json")),
                    ("type", .string("AdaptiveCard")), ("version", .string("1.2")),
                    (
                        "body",
                        .array([
                            .object([
                                ("type", .string("TextBlock")), ("text", .string(title)),
                                ("weight", .string("Bolder")), ("size", .string("Medium")),
                                ("wrap", .bool(true)), ("style", .string("heading")),
                                ("color", .string(color)),
                            ]),
                            .object([
                                ("type", .string("TextBlock")), ("text", .string(text)),
                                ("wrap", .bool(true)),
                            ]),
                        ])
                    ),
                    ("msteams", .object([("width", .string("full"))])),
                ])
                return .object([
                    ("type", .string("message")),
                    (
                        "attachments",
                        .array([
                            .object([
                                (
                                    "contentType",
                                    .string("application/vnd.microsoft.card.adaptive")
                                ),
                                ("contentUrl", .null), ("content", card),
                            ])
                        ])
                    ),
                ])
            })
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        (url.filePath ?? url.description, try TeamsLimit.reading(message))
    }
}

/// What Teams takes in one message.
private enum TeamsLimit {
    /// The largest message, in bytes: beyond it the whole is refused.
    static let maximumMessageBytes = 28_000
    static let textSize = TextSize.bytes(maximumMessageBytes)
    /// What a title takes of it at most.
    static let titleSize = TextSize.bytes(4096)

    static func reading(_ message: Message) throws -> String {
        "\(try message.render("title", titleSize))\n\(try message.render("text", textSize))"
    }

    /// The message, its text cut where it would be too large.
    static func fitting(_ text: String, _ message: (String) -> JSONValue) -> JSONValue {
        var text = text
        while true {
            let whole = message(text)
            let excess = whole.bytes.count - maximumMessageBytes
            if excess <= 0 || text.utf8.count <= 3 { return whole }
            text = truncated(text, toBytes: max(3, text.utf8.count - excess))
        }
    }
}
