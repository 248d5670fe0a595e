import Model

/// `webex_configs`. `send_resolved` is true by default. Texts are templates.
public struct WebexConfiguration: ReceiverSettings, TextualSettings {
    /// `api_url`.
    public var url = "https://webexapis.com/v1/messages"
    /// `message`, in Markdown.
    public var message = "{{ template \"webex.default.message\" . }}"
    /// `room_id`.
    public var room: String
    /// `http_config`, whose `authorization` is the bot's token.
    public var client = HTTPClientConfiguration()

    /// A room with Alertmanager's defaults.
    public init(room: String) { self.room = room }

    public static let kind = "webex"
    public static let sendsResolved = true
    public static let texts: [TextSetting<WebexConfiguration>] = [
        .init("message", \.message, .text), .init("room_id", \.room, .destination),
    ]

    public var secrets: [Secret] { client.secrets }
    public var templates: [ReceiverTemplate] { templates("") }
}

extension WebexConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        var settings = Self(room: "")
        settings.url = global.webexURL
        keys.url("api_url", &settings.url)
        keys.texts(&settings)
        if settings.room.isEmpty { keys.error("missing room_id on webex_config") }
        settings.client = keys.client(global)
        // As in Alertmanager, the receiver's own: the global one is no way to say who the bot is.
        if !keys.has("http_config") || settings.client.authorization == nil {
            keys.error("missing webex_configs.http_config.authorization")
        }
        return settings
    }
}
