import Model

/// `mattermost_configs`. `send_resolved` is true by default. Texts are templates.
public struct MattermostConfiguration: ReceiverSettings, TextualSettings {
    /// An element of `fields`.
    public struct Field: Sendable, Hashable, TextualSettings {
        /// `title`.
        public var title = ""
        /// `value`.
        public var value = ""
        /// `short`.
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

    /// An element of `attachments`.
    public struct Attachment: Sendable, Hashable, TextualSettings {
        /// `fallback`, `color`, `pretext`, `text`.
        public var fallback = ""
        public var color = ""
        public var pretext = ""
        public var text = ""
        /// `author_name`, `author_link`, `author_icon`.
        public var authorName = ""
        public var authorLink = ""
        public var authorIcon = ""
        /// `title`, `title_link`.
        public var title = ""
        public var titleLink = ""
        /// `fields`.
        public var fields: [Field] = []
        /// `thumb_url`, `footer`, `footer_icon`, `image_url`.
        public var thumbURL = ""
        public var footer = ""
        public var footerIcon = ""
        public var imageURL = ""

        /// An empty one.
        public init() {}

        public static let texts: [TextSetting<Attachment>] = [
            .init("fallback", \.fallback, .text), .init("color", \.color, .attribute),
            .init("pretext", \.pretext, .text),
            .init("text", \.text, .text), .init("author_name", \.authorName, .text),
            .init("author_link", \.authorLink, .attribute),
            .init("author_icon", \.authorIcon, .attribute),
            .init("title", \.title, .text), .init("title_link", \.titleLink, .attribute),
            .init("thumb_url", \.thumbURL, .attribute), .init("footer", \.footer, .text),
            .init("footer_icon", \.footerIcon, .attribute),
            .init("image_url", \.imageURL, .attribute),
        ]
    }

    /// `priority`: how loudly the message is shown.
    public struct Priority: Sendable, Hashable {
        /// `priority`: `standard`, `important`, `urgent`; a template.
        public var priority = ""
        /// `requested_ack`.
        public var requestsAcknowledgement = false
        /// `persistent_notifications`.
        public var isPersistent = false

        /// None.
        public init() {}
    }

    /// `webhook_url` or its file.
    public var url: Secret
    /// `channel`.
    public var channel = ""
    /// `username`.
    public var username = "{{ template \"mattermost.default.username\" . }}"
    /// `text`: the message's own, above the attachments.
    public var text = "{{ template \"mattermost.default.text\" . }}"
    /// `icon_url`.
    public var iconURL = ""
    /// `icon_emoji`.
    public var iconEmoji = ""
    /// `type`.
    public var type = ""
    /// `props.card`.
    public var card = ""
    /// `priority`.
    public var priority = Priority()
    /// `attachments`; where there are none, the message has the one of `ownAttachment`.
    public var attachments: [Attachment] = []
    /// `fallback`, `color`, `pretext`, `author_*`, `title*`, `fields`, `thumb_url`, `footer*` and
    /// `image_url` beside the message's own keys.
    public var ownAttachment: Attachment = {
        var attachment = Attachment()
        attachment.color = "{{ template \"mattermost.default.color\" . }}"
        attachment.title = "{{ template \"mattermost.default.title\" . }}"
        attachment.titleLink = "{{ template \"mattermost.default.titlelink\" . }}"
        attachment.fallback = "{{ template \"mattermost.default.fallback\" . }}"
        return attachment
    }()
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// A channel with Alertmanager's defaults.
    public init(url: Secret) { self.url = url }

    public static let kind = "mattermost"
    public static let sendsResolved = true
    public static let texts: [TextSetting<MattermostConfiguration>] = [
        .init("channel", \.channel, .destination), .init("username", \.username, .attribute),
        .init("text", \.text, .text),
        .init("icon_url", \.iconURL, .attribute), .init("icon_emoji", \.iconEmoji, .attribute),
        .init("type", \.type, .attribute),
    ]

    public var secrets: [Secret] { [url] + client.secrets }
    public var secretURLs: [Secret] { [url] }

    public var templates: [ReceiverTemplate] {
        templates("")
            + [
                ReceiverTemplate("props.card", card, .text),
                ReceiverTemplate("priority.priority", priority.priority, .attribute),
            ]
            // `text` is the message's own.
            + ownAttachment.templates("").filter { $0.name != "text" }
            + ownAttachment.fields.templates("fields")
            + attachments.templates("attachments")
            + attachments.enumerated().flatMap {
                $0.element.fields.templates("attachments[\($0.offset)].fields")
            }
    }
}

extension MattermostConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        let url = keys.secretURL("webhook_url") ?? global.mattermostURL
        if url == nil {
            keys.error("missing webhook_url or webhook_url_file on mattermost_config")
        }
        var settings = Self(url: url ?? Secret(.inline("")))
        // `text` is read into both, and is the message's own.
        keys.texts(&settings.ownAttachment)
        settings.ownAttachment.text = ""
        settings.ownAttachment.fields = fields(keys)
        keys.texts(&settings)
        settings.attachments = keys.texts("attachments", Attachment()) { keys, attachment in
            attachment.fields = fields(keys)
        }
        settings.card = keys.object("props") { $0.string("card") } ?? ""
        settings.priority = keys.object("priority", readPriority) ?? Priority()
        settings.client = keys.client(global)
        return settings
    }

    private static func fields(_ keys: KeyedElement) -> [Field] {
        keys.texts("fields", Field()) { keys, field in
            for key in ["title", "value"] where !keys.has(key) {
                keys.error("missing \(key) in Mattermost field configuration")
            }
            field.short = keys.bool("short")
        }
    }

    private static func readPriority(_ keys: KeyedElement) -> Priority {
        var priority = Priority()
        keys.string("priority", &priority.priority)
        keys.bool("requested_ack", &priority.requestsAcknowledgement)
        keys.bool("persistent_notifications", &priority.isPersistent)
        return priority
    }
}
