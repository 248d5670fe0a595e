import Model

/// `opsgenie_configs`. `send_resolved` is true by default. Texts are templates.
public struct OpsGenieConfiguration: ReceiverSettings, TextualSettings {
    /// An element of `responders`.
    public struct Responder: Sendable, Hashable, TextualSettings {
        /// `id`, `name`, `username`: one of them.
        public var id = ""
        public var name = ""
        public var username = ""
        /// `type`: `team`, `teams` (names separated by commas), `user`, `escalation`, `schedule`.
        public var type = ""

        /// A responder.
        public init(name: String = "", type: String = "") {
            self.name = name
            self.type = type
        }

        public static let texts: [TextSetting<Responder>] = [
            .init("id", \.id, .destination), .init("name", \.name, .destination),
            .init("username", \.username, .destination),
            .init("type", \.type, .destination),
        ]
    }

    /// `api_key` or its file; a template.
    public var key: Secret
    /// `api_url`, ended by a slash.
    public var url = "https://api.opsgenie.com/"
    /// `message`.
    public var message = "{{ template \"opsgenie.default.message\" . }}"
    /// `description`.
    public var description = "{{ template \"opsgenie.default.description\" . }}"
    /// `source`.
    public var source = "{{ template \"opsgenie.default.source\" . }}"
    /// `details`, beside the common labels; sorted by name.
    public var details: [NamedText] = []
    /// `entity`.
    public var entity = ""
    /// `responders`.
    public var responders: [Responder] = []
    /// `actions`, separated by commas.
    public var actions = ""
    /// `tags`, separated by commas.
    public var tags = ""
    /// `note`.
    public var note = ""
    /// `priority`: P1 to P5.
    public var priority = ""
    /// `update_alerts`: whether message and description of an open alert are changed.
    public var updatesAlerts = false
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// An account with Alertmanager's defaults.
    public init(key: Secret) { self.key = key }

    public static let kind = "opsgenie"
    public static let sendsResolved = true
    public static let texts: [TextSetting<OpsGenieConfiguration>] = [
        .init("message", \.message, .text), .init("description", \.description, .text),
        .init("source", \.source, .text), .init("entity", \.entity, .attribute),
        .init("actions", \.actions, .attribute),
        .init("tags", \.tags, .attribute), .init("note", \.note, .text),
        .init("priority", \.priority, .attribute),
    ]

    public var secrets: [Secret] { [key] + client.secrets }

    public var templates: [ReceiverTemplate] {
        templates("") + details.templates("details", .text) + responders.templates("responders")
    }
}

extension OpsGenieConfiguration: ReadableReceiver {
    private static let types = ["team", "teams", "user", "escalation", "schedule"]

    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        let key = keys.secret("api_key") ?? global.opsgenieKey
        if key == nil {
            keys.error("no global OpsGenie API Key set either inline or in a file")
        }
        var settings = Self(key: key ?? Secret(.inline("")))
        settings.url = global.opsgenieURL
        keys.url("api_url", &settings.url)
        if !settings.url.hasSuffix("/") { settings.url += "/" }
        keys.texts(&settings)
        settings.details = keys.namedTexts("details")
        settings.responders = keys.texts("responders", Responder(), check)
        keys.bool("update_alerts", &settings.updatesAlerts)
        settings.client = keys.client(global)
        return settings
    }

    private static func check(_ keys: KeyedElement, _ responder: inout Responder) {
        let shown = "{\(responder.id) \(responder.name) \(responder.username) \(responder.type)}"
        if responder.id.isEmpty, responder.name.isEmpty, responder.username.isEmpty {
            keys.error(
                "opsGenieConfig responder \(shown) has to have at least one of id, username or name specified"
            )
        }
        if responder.type.contains("{{") { return }
        if !types.contains(responder.type.lowercased()) {
            keys.error(
                "opsGenieConfig responder \(shown) type does not match valid options ^(\(types.joined(separator: "|")))$"
            )
        }
    }
}
