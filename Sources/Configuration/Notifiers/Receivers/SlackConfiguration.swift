import Model

/// `slack_configs`. `send_resolved` is false by default. Texts are templates.
public struct SlackConfiguration: ReceiverSettings, TextualSettings {
    /// How Slack is reached.
    public enum Endpoint: Sendable, Hashable {
        /// `api_url` or its file: an incoming webhook, whose URL is the secret.
        case webhook(Secret)
        /// `app_token` or its file, for `app_url`: a bot's `chat.postMessage`.
        case app(token: Secret, url: String)
    }

    /// An element of `fields`.
    public struct Field: Sendable, Hashable, TextualSettings {
        /// `title`.
        public var title: String
        /// `value`.
        public var value: String
        /// `short`; nil: as `short_fields`.
        public var short: Bool?

        /// A field.
        public init(title: String, value: String, short: Bool? = nil) {
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
        /// `type`.
        public var type: String
        /// `text`.
        public var text: String
        /// `url`; "": a message button with `name`.
        public var url = ""
        /// `style`.
        public var style = ""
        /// `name`.
        public var name = ""
        /// `value`.
        public var value = ""
        /// `confirm`.
        public var confirmation: Confirmation?

        /// A button.
        public init(type: String, text: String) {
            self.type = type
            self.text = text
        }

        public static let texts: [TextSetting<Action>] = [
            .init("type", \.type, .attribute), .init("text", \.text, .text),
            .init("url", \.url, .attribute),
            .init("style", \.style, .attribute), .init("name", \.name, .attribute),
            .init("value", \.value, .attribute),
        ]
    }

    /// `confirm` of an action.
    public struct Confirmation: Sendable, Hashable, TextualSettings {
        /// `text`, `title`, `ok_text`, `dismiss_text`.
        public var text: String
        public var title = ""
        public var okText = ""
        public var dismissText = ""

        /// A question.
        public init(text: String) { self.text = text }

        public static let texts: [TextSetting<Confirmation>] = [
            .init("text", \.text, .text), .init("title", \.title, .text),
            .init("ok_text", \.okText, .text),
            .init("dismiss_text", \.dismissText, .text),
        ]
    }

    /// How Slack is reached.
    public var endpoint: Endpoint
    /// `channel`.
    public var channel = ""
    /// `username`.
    public var username = "{{ template \"slack.default.username\" . }}"
    /// `color`.
    public var color = "{{ template \"slack.default.color\" . }}"
    /// `title`.
    public var title = "{{ template \"slack.default.title\" . }}"
    /// `title_link`.
    public var titleLink = "{{ template \"slack.default.titlelink\" . }}"
    /// `pretext`.
    public var pretext = "{{ template \"slack.default.pretext\" . }}"
    /// `text`: the attachment's.
    public var text = "{{ template \"slack.default.text\" . }}"
    /// `message_text`: the message's own, above the attachment.
    public var messageText = ""
    /// `fields`.
    public var fields: [Field] = []
    /// `short_fields`.
    public var shortFields = false
    /// `footer`.
    public var footer = "{{ template \"slack.default.footer\" . }}"
    /// `fallback`.
    public var fallback = "{{ template \"slack.default.fallback\" . }}"
    /// `callback_id`.
    public var callbackID = "{{ template \"slack.default.callbackid\" . }}"
    /// `icon_emoji`.
    public var iconEmoji = "{{ template \"slack.default.iconemoji\" . }}"
    /// `icon_url`.
    public var iconURL = "{{ template \"slack.default.iconurl\" . }}"
    /// `image_url`.
    public var imageURL = ""
    /// `thumb_url`.
    public var thumbURL = ""
    /// `link_names`.
    public var linkNames = false
    /// `mrkdwn_in`; empty: `fallback`, `pretext` and `text`, as Alertmanager sends it.
    public var markdownIn: [String] = []
    /// `actions`.
    public var actions: [Action] = []
    /// `update_message`: whether a group's message is changed rather than a new one posted.
    public var updateMessage = false
    /// `timeout`; zero: none of its own.
    public var timeout: Milliseconds = .zero
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// Where an app's messages are posted.
    public static let defaultAppURL = "https://slack.com/api/chat.postMessage"

    /// A channel with Alertmanager's defaults.
    public init(endpoint: Endpoint) { self.endpoint = endpoint }

    public static let kind = "slack"
    public static let sendsResolved = false
    public static let texts: [TextSetting<SlackConfiguration>] = [
        .init("channel", \.channel, .destination), .init("username", \.username, .attribute),
        .init("color", \.color, .attribute),
        .init("title", \.title, .text), .init("title_link", \.titleLink, .attribute),
        .init("pretext", \.pretext, .text),
        .init("text", \.text, .text), .init("message_text", \.messageText, .text),
        .init("footer", \.footer, .text), .init("fallback", \.fallback, .text),
        .init("callback_id", \.callbackID, .attribute),
        .init("icon_emoji", \.iconEmoji, .attribute),
        .init("icon_url", \.iconURL, .attribute), .init("image_url", \.imageURL, .attribute),
        .init("thumb_url", \.thumbURL, .attribute),
    ]

    public var secrets: [Secret] {
        switch endpoint {
        case .webhook(let url): [url] + client.secrets
        case .app(let token, _): [token] + client.secrets
        }
    }

    public var secretURLs: [Secret] {
        if case .webhook(let url) = endpoint { [url] } else { [] }
    }

    public var templates: [ReceiverTemplate] {
        templates("") + fields.templates("fields") + actions.templates("actions")
            + actions.enumerated().flatMap { action in
                action.element.confirmation?.templates("actions[\(action.offset)].confirm.") ?? []
            }
    }
}
