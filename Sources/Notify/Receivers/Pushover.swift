import Configuration
import Model
import Transport

/// Pushover's message API.
extension PushoverConfiguration: WebService {
    /// The longest texts that Pushover takes.
    static let maximumTitleCharacters = 250
    static let maximumMessageCharacters = 1024
    static let maximumURLCharacters = 512
    static let maximumURLTitleCharacters = 100
    private static let address = "https://api.pushover.net/1/messages.json"

    func request(_ message: Message) throws -> HTTPRequest {
        let render = message.render
        var form = [
            ("token", try render.secret("token", try message.reveal(token))),
            ("user", try render.secret("user_key", try message.reveal(userKey))),
            ("title", try heading(render)),
        ]
        if isHTML { form.append(("html", "1")) }
        if isMonospace { form.append(("monospace", "1")) }
        form += [
            ("message", try text(render)),
            ("url", try render("url", .characters(PushoverConfiguration.maximumURLCharacters))),
            (
                "url_title",
                try render(
                    "url_title", .characters(PushoverConfiguration.maximumURLTitleCharacters))
            ),
            ("priority", try render("priority")),
            ("retry", seconds(retry)),
            ("expire", seconds(expire)),
            ("device", try render("device")),
            ("sound", try render("sound")),
        ]
        if timeToLive >= .seconds(1) { form.append(("ttl", seconds(timeToLive))) }
        return .form(to: PushoverConfiguration.address, form)
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        let device = try message.render("device")
        return (
            device.isEmpty ? "every device" : device,
            "\(try heading(message.render))\n\(try text(message.render))"
        )
    }

    private func heading(_ render: Rendering) throws -> String {
        try render("title", .characters(PushoverConfiguration.maximumTitleCharacters))
    }

    private func text(_ render: Rendering) throws -> String {
        let text = try render(
            "message", .characters(PushoverConfiguration.maximumMessageCharacters)
        ).trimmingWhitespace
        // An empty message is refused.
        return text.isEmpty ? "(no details)" : text
    }

    private func seconds(_ length: Milliseconds) -> String { String(length.value / 1000) }
}
