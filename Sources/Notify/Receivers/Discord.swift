import Configuration
import Model
import Transport

/// A webhook of Discord's: an embed.
extension DiscordConfiguration: WebService {
    /// The longest texts that Discord takes.
    static let maximumTitleCharacters = 256
    static let maximumDescriptionCharacters = 4096
    static let maximumContentCharacters = 2000
    static let maximumUsernameCharacters = 80
    private static let red: Int64 = 0x99_2d22
    private static let green: Int64 = 0x2e_cc71

    func request(_ message: Message) throws -> HTTPRequest {
        let render = message.render
        let color = message.isFiring ? DiscordConfiguration.red : DiscordConfiguration.green
        let content = try render(
            "content", .characters(DiscordConfiguration.maximumContentCharacters))
        let (title, text) = try embedded(render)
        return .json(
            to: try message.revealURL(url),
            .object(
                [
                    ("content", .string(content)),
                    (
                        "embeds",
                        .array([
                            .object([
                                ("title", .string(title)), ("description", .string(text)),
                                ("color", .int(color)),
                            ])
                        ])
                    ),
                ]
                    + (try render.texts(
                        ["username"], .characters(DiscordConfiguration.maximumUsernameCharacters)))
                    + (try render.texts(["avatar_url"]))))
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        let (title, text) = try embedded(message.render)
        return (url.filePath ?? url.description, "\(title)\n\(text)")
    }

    private func embedded(_ render: Rendering) throws -> (title: String, text: String) {
        (
            try render("title", .characters(DiscordConfiguration.maximumTitleCharacters)),
            try render("message", .characters(DiscordConfiguration.maximumDescriptionCharacters))
        )
    }
}
