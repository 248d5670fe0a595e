import Model

/// `discord_configs`. `send_resolved` is true by default. Texts are templates.
public struct DiscordConfiguration: ReceiverSettings, TextualSettings {
    /// `webhook_url` or its file.
    public var url: Secret
    /// `content`: above the embed.
    public var content = "{{ template \"discord.default.content\" . }}"
    /// `title` of the embed.
    public var title = "{{ template \"discord.default.title\" . }}"
    /// `message`: the embed's description.
    public var message = "{{ template \"discord.default.message\" . }}"
    /// `username`.
    public var username = ""
    /// `avatar_url`.
    public var avatarURL = ""
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// A channel with Alertmanager's defaults.
    public init(url: Secret) { self.url = url }

    public static let kind = "discord"
    public static let sendsResolved = true
    public static let texts: [TextSetting<DiscordConfiguration>] = [
        .init("content", \.content, .text), .init("title", \.title, .text),
        .init("message", \.message, .text),
        .init("username", \.username, .attribute), .init("avatar_url", \.avatarURL, .attribute),
    ]

    public var secrets: [Secret] { [url] + client.secrets }
    public var secretURLs: [Secret] { [url] }
    public var templates: [ReceiverTemplate] { templates("") }
}

extension DiscordConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        var settings = Self(url: keys.webhookURL())
        keys.texts(&settings)
        settings.client = keys.client(global)
        return settings
    }
}

extension KeyedElement {
    /// `webhook_url` or its file, which must be there.
    func webhookURL() -> Secret {
        if let url = secretURL("webhook_url") { return url }
        error("one of webhook_url or webhook_url_file must be configured")
        return Secret(.inline(""))
    }
}
