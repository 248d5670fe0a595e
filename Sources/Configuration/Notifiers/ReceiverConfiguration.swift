import Model

/// An element of `receivers`: a name and the integrations behind it.
public struct ReceiverConfiguration: Sendable, Hashable {
    /// `name`.
    public var name: String
    /// What is delivered to, in the order Alertmanager numbers them: kind by kind, as written.
    public var integrations: [IntegrationConfiguration]
    /// Where it stands.
    @Incidental public var place: SourcePlace

    /// A receiver.
    public init(
        _ name: String, _ integrations: [IntegrationConfiguration] = [],
        place: SourcePlace = SourcePlace(file: "")
    ) {
        self.name = name
        self.integrations = integrations
        self.place = place
    }
}

/// One way to be told.
public struct IntegrationConfiguration: Sendable, Hashable {
    /// The ways.
    public enum Kind: Sendable, Hashable {
        case webhook(WebhookConfiguration)
        case email(EmailConfiguration)
        case pagerduty(PagerDutyConfiguration)
        case slack(SlackConfiguration)
        /// Alertmanager's, which Tocsin accepts and does not deliver yet; e.g. `opsgenie`.
        case undelivered(String)

        /// Alertmanager's name, e.g. `slack`.
        public var name: String {
            switch self {
            case .webhook: "webhook"
            case .email: "email"
            case .pagerduty: "pagerduty"
            case .slack: "slack"
            case .undelivered(let name): name
            }
        }
    }

    /// What it is.
    public var kind: Kind
    /// Its position among its receiver's integrations of this kind, from 0.
    public var index: Int
    /// `send_resolved`.
    public var sendResolved: Bool
    /// Where it stands.
    @Incidental public var place: SourcePlace

    /// An integration.
    public init(
        _ kind: Kind, index: Int = 0, sendResolved: Bool,
        place: SourcePlace = SourcePlace(file: "")
    ) {
        self.kind = kind
        self.index = index
        self.sendResolved = sendResolved
        self.place = place
    }

    /// As Alertmanager's notification log and metrics call it, e.g. `slack[0]`.
    public var id: String { "\(kind.name)[\(index)]" }
}

/// `webhook_configs`. `send_resolved` is true by default.
public struct WebhookConfiguration: Sendable, Hashable {
    /// `url` or `url_file`; a template.
    public var url: Secret
    /// `max_alerts`: the most alerts in one message; 0: no limit.
    public var maximumAlerts = 0
    /// `timeout`; zero: none of its own.
    public var timeout: Milliseconds = .zero
    /// `payload`: replaces the version 4 payload; texts are templates.
    public var payload: YAMLValue?
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// A webhook with Alertmanager's defaults.
    public init(url: Secret) { self.url = url }
}

/// `email_configs`. `send_resolved` is false by default.
public struct EmailConfiguration: Sendable, Hashable {
    /// How mails about one group hang together.
    public enum Threading: String, Sendable, Hashable {
        /// One thread for a group for ever.
        case none
        /// One a day.
        case daily
    }

    /// `to`: addresses, separated by commas; a template.
    public var to: String
    /// `from`; a template.
    public var from = ""
    /// `smarthost`: the host.
    public var smarthostName = ""
    /// `smarthost`: the port, a number or a service's name.
    public var smarthostPort = ""
    /// `hello`.
    public var hello = "localhost"
    /// `auth_username`; "": no authentication.
    public var authUsername = ""
    /// `auth_password` or its file.
    public var authPassword: Secret?
    /// `auth_secret` or its file, for CRAM-MD5.
    public var authSecret: Secret?
    /// `auth_identity`.
    public var authIdentity = ""
    /// `headers`: templates, by canonical name, sorted; `Subject` has a default that is not in here.
    public var headers: [Header] = []
    /// `html`; a template.
    public var html = "{{ template \"email.default.html\" . }}"
    /// `text`; a template.
    public var text = ""
    /// `require_tls`.
    public var requireTLS = true
    /// `force_implicit_tls`; nil: on port 465.
    public var forceImplicitTLS: Bool?
    /// `threading`; nil: not enabled.
    public var threading: Threading?
    /// `tls_config`.
    public var tls = TLSConfiguration()

    /// The `Subject` of a mail that sets none.
    public static let defaultSubject = "{{ template \"email.default.subject\" . }}"

    /// A header of the mail.
    public struct Header: Sendable, Hashable {
        /// The name, as `Reply-To`.
        public var name: String
        /// The value; a template.
        public var value: String

        /// A header.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A mail with Alertmanager's defaults.
    public init(to: String) { self.to = to }
}

/// `pagerduty_configs`. `send_resolved` is true by default. Texts are templates.
public struct PagerDutyConfiguration: Sendable, Hashable {
    /// Which of PagerDuty's two interfaces, and its key.
    public enum Key: Sendable, Hashable {
        /// `routing_key` or its file: Events API v2.
        case routing(Secret)
        /// `service_key` or its file: the old "Prometheus" integration.
        case service(Secret)
    }

    /// A detail; nested values keep their shape.
    public struct Detail: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value; texts in it are templates.
        public var value: YAMLValue

        /// A detail.
        public init(_ name: String, _ value: YAMLValue) {
            self.name = name
            self.value = value
        }
    }

    /// An element of `images`.
    public struct Image: Sendable, Hashable {
        /// `src`, `alt`, `href`.
        public var source = ""
        public var alt = ""
        public var href = ""

        /// An image.
        public init(source: String = "", alt: String = "", href: String = "") {
            self.source = source
            self.alt = alt
            self.href = href
        }
    }

    /// An element of `links`.
    public struct Link: Sendable, Hashable {
        /// `href`, `text`.
        public var href = ""
        public var text = ""

        /// A link.
        public init(href: String = "", text: String = "") {
            self.href = href
            self.text = text
        }
    }

    /// The key.
    public var key: Key
    /// `url`.
    public var url = "https://events.pagerduty.com/v2/enqueue"
    /// `client`.
    public var clientName = "{{ template \"pagerduty.default.client\" . }}"
    /// `client_url`.
    public var clientURL = "{{ template \"pagerduty.default.clientURL\" . }}"
    /// `description`.
    public var description = "{{ template \"pagerduty.default.description\" .}}"
    /// `details`, sorted by name, with Alertmanager's four defaults.
    public var details: [Detail] = PagerDutyConfiguration.defaultDetails
    /// `images`.
    public var images: [Image] = []
    /// `links`.
    public var links: [Link] = []
    /// `source`; by default what `client` is.
    public var source = "{{ template \"pagerduty.default.client\" . }}"
    /// `severity`; "": `error`.
    public var severity = ""
    /// `class`.
    public var eventClass = ""
    /// `component`.
    public var component = ""
    /// `group`.
    public var group = ""
    /// `timeout`; zero: none of its own.
    public var timeout: Milliseconds = .zero
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// What `details` always has unless it says otherwise.
    public static let defaultDetails: [Detail] = [
        Detail("firing", .text("{{ .Alerts.Firing | toJson }}")),
        Detail("num_firing", .text("{{ .Alerts.Firing | len }}")),
        Detail("num_resolved", .text("{{ .Alerts.Resolved | len }}")),
        Detail("resolved", .text("{{ .Alerts.Resolved | toJson }}")),
    ]

    /// A service with Alertmanager's defaults.
    public init(key: Key) { self.key = key }
}

/// `slack_configs`. `send_resolved` is false by default. Texts are templates.
public struct SlackConfiguration: Sendable, Hashable {
    /// How Slack is reached.
    public enum Endpoint: Sendable, Hashable {
        /// `api_url` or its file: an incoming webhook, whose URL is the secret.
        case webhook(Secret)
        /// `app_token` or its file, for `app_url`: a bot's `chat.postMessage`.
        case app(token: Secret, url: String)
    }

    /// An element of `fields`.
    public struct Field: Sendable, Hashable {
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
    }

    /// An element of `actions`: a button.
    public struct Action: Sendable, Hashable {
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
    }

    /// `confirm` of an action.
    public struct Confirmation: Sendable, Hashable {
        /// `text`, `title`, `ok_text`, `dismiss_text`.
        public var text: String
        public var title = ""
        public var okText = ""
        public var dismissText = ""

        /// A question.
        public init(text: String) { self.text = text }
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
}
