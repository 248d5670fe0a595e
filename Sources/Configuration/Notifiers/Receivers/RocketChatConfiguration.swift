import Model

/// `rocketchat_configs`. `send_resolved` is false by default. Texts are templates.
public struct RocketChatConfiguration: ReceiverSettings, TextualSettings {
    /// An element of `fields`.
    public struct Field: Sendable, Hashable, TextualSettings {
        /// `title`.
        public var title = ""
        /// `value`.
        public var value = ""
        /// `short`; nil: as `short_fields`.
        public var short: Bool?

        /// A field.
        public init(title: String = "", value: String = "", short: Bool? = nil) {
            self.title = title
            self.value = value
            self.short = short
        }

        public static let texts: [TextSetting<Field>] = [
            .init("title", \.title, .text), .init("value", \.value, .text),
        ]
    }

    /// An element of `actions`: a button.
    public struct Action: Sendable, Hashable, TextualSettings {
        /// `text`.
        public var text = ""
        /// `url`.
        public var url = ""
        /// `msg`: what is posted where there is no URL.
        public var message = ""

        /// A button.
        public init(text: String = "", url: String = "", message: String = "") {
            self.text = text
            self.url = url
            self.message = message
        }

        public static let texts: [TextSetting<Action>] = [
            .init("text", \.text, .text), .init("url", \.url, .attribute),
            .init("msg", \.message, .text),
        ]
    }

    /// `api_url`: the server's.
    public var url = "https://open.rocket.chat/"
    /// `token` or its file.
    public var token: Secret
    /// `token_id` or its file: the user.
    public var tokenID: Secret
    /// `channel`.
    public var channel = ""
    /// `color`.
    public var color = "{{ if eq .Status \"firing\" }}red{{ else }}green{{ end }}"
    /// `title`.
    public var title = "{{ template \"rocketchat.default.title\" . }}"
    /// `title_link`.
    public var titleLink = "{{ template \"rocketchat.default.titlelink\" . }}"
    /// `text`.
    public var text = "{{ template \"rocketchat.default.text\" . }}"
    /// `fields`.
    public var fields: [Field] = []
    /// `short_fields`.
    public var shortFields = false
    /// `emoji`.
    public var emoji = "{{ template \"rocketchat.default.emoji\" . }}"
    /// `icon_url`.
    public var iconURL = "{{ template \"rocketchat.default.iconurl\" . }}"
    /// `image_url`.
    public var imageURL = ""
    /// `thumb_url`.
    public var thumbURL = ""
    /// `actions`.
    public var actions: [Action] = []
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// A user of a server, with Alertmanager's defaults.
    public init(token: Secret, tokenID: Secret) {
        self.token = token
        self.tokenID = tokenID
    }

    public static let kind = "rocketchat"
    public static let sendsResolved = false
    public static let texts: [TextSetting<RocketChatConfiguration>] = [
        .init("channel", \.channel, .destination), .init("color", \.color, .attribute),
        .init("title", \.title, .text),
        .init("title_link", \.titleLink, .attribute), .init("text", \.text, .text),
        .init("emoji", \.emoji, .attribute),
        .init("icon_url", \.iconURL, .attribute), .init("image_url", \.imageURL, .attribute),
        .init("thumb_url", \.thumbURL, .attribute),
    ]

    public var secrets: [Secret] { [token, tokenID] + client.secrets }

    public var templates: [ReceiverTemplate] {
        templates("") + fields.templates("fields") + actions.templates("actions")
    }
}

extension RocketChatConfiguration: ReadableReceiver {
    /// What Alertmanager reads of an action and does not send; its names have no underscores.
    private static let unsent: [String: ValueSchema] = [
        "type": .string, "imageurl": .string, "iswebview": .bool, "webviewheightratio": .string,
        "msginchatwindow": .bool, "msgprocessingtype": .string,
    ]

    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        let token = keys.secret("token") ?? global.rocketchatToken
        if token == nil {
            keys.error("no global Rocketchat Token set either inline or in a file")
        }
        let tokenID = keys.secret("token_id") ?? global.rocketchatTokenID
        if tokenID == nil {
            keys.error("no global Rocketchat TokenID set either inline or in a file")
        }
        var settings = Self(
            token: token ?? Secret(.inline("")), tokenID: tokenID ?? Secret(.inline("")))
        settings.url = global.rocketchatURL
        keys.url("api_url", &settings.url)
        keys.texts(&settings)
        settings.fields = keys.texts("fields", Field()) { $1.short = $0.bool("short") }
        keys.bool("short_fields", &settings.shortFields)
        // Alertmanager reads it too, and does not send it.
        _ = keys.bool("link_names")
        settings.actions = keys.texts("actions", Action()) { keys, _ in
            ValueSchema.check(keys, unsent)
        }
        settings.client = keys.client(global)
        return settings
    }
}
