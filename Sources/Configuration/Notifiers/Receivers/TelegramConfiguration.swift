import Model

/// `telegram_configs`. `send_resolved` is true by default.
public struct TelegramConfiguration: ReceiverSettings {
    /// `parse_mode`.
    public enum ParseMode: String, Sendable, Hashable, CaseIterable {
        case html = "HTML"
        case markdown = "Markdown"
        case markdownV2 = "MarkdownV2"
        case plain = ""
    }

    /// `bot_token` or its file.
    public var token: Secret
    /// `chat_id` or its file: a number.
    public var chat: Secret
    /// `api_url`.
    public var url = "https://api.telegram.org"
    /// `message_thread_id`; 0: none.
    public var thread = 0
    /// `message`; a template, escaped for HTML where that is the mode.
    public var message = "{{ template \"telegram.default.message\" . }}"
    /// `disable_notifications`: whether it arrives without a sound.
    public var isSilent = false
    /// `parse_mode`.
    public var parseMode = ParseMode.html
    /// `timeout`; zero: none of its own.
    public var timeout: Milliseconds = .zero
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// A chat with Alertmanager's defaults.
    public init(token: Secret, chat: Secret) {
        self.token = token
        self.chat = chat
    }

    public static let kind = "telegram"
    public static let sendsResolved = true
    public var secrets: [Secret] { [token, chat] + client.secrets }

    public var templates: [ReceiverTemplate] {
        [ReceiverTemplate("message", message, .text, isHTML: parseMode == .html)]
    }
}

extension TelegramConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        let token = keys.secret("bot_token") ?? global.telegramToken
        if token == nil {
            keys.error("missing bot_token or bot_token_file on telegram_config")
        }
        if keys.has("chat_id") { _ = keys["chat_id"]?.int(Int64.min...Int64.max) }
        var chat = keys.openText("chat_id")
        if chat == Secret(.inline("0")) { chat = nil }
        if chat == nil { keys.error("missing chat_id or chat_id_file on telegram_config") }
        var settings = Self(
            token: token ?? Secret(.inline("")), chat: chat ?? Secret(.inline("")))
        settings.url = global.telegramURL
        keys.url("api_url", &settings.url)
        keys.int("message_thread_id", &settings.thread)
        keys.string("message", &settings.message)
        keys.bool("disable_notifications", &settings.isSilent)
        if let text = keys.string("parse_mode") {
            if let mode = ParseMode(rawValue: text) {
                settings.parseMode = mode
            } else {
                keys.error(
                    at: "parse_mode",
                    "unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string"
                )
            }
        }
        settings.timeout = keys.timeout
        settings.client = keys.client(global)
        return settings
    }
}
