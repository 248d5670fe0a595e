import Model

/// `victorops_configs` (Splunk On-Call). `send_resolved` is true by default. Texts are templates.
public struct VictorOpsConfiguration: ReceiverSettings, TextualSettings {
    /// `api_key` or its file.
    public var key: Secret
    /// `api_url`, ended by a slash.
    public var url = "https://alert.victorops.com/integrations/generic/20131114/alert/"
    /// `routing_key`.
    public var routingKey = ""
    /// `message_type` of a firing group: `CRITICAL`, `WARNING` or `INFO`.
    public var messageType = "CRITICAL"
    /// `state_message`.
    public var stateMessage = "{{ template \"victorops.default.state_message\" . }}"
    /// `entity_display_name`.
    public var entityDisplayName = "{{ template \"victorops.default.entity_display_name\" . }}"
    /// `monitoring_tool`.
    public var monitoringTool = "{{ template \"victorops.default.monitoring_tool\" . }}"
    /// `custom_fields`, sorted by name.
    public var customFields: [NamedText] = []
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// An account with Alertmanager's defaults.
    public init(key: Secret, routingKey: String) {
        self.key = key
        self.routingKey = routingKey
    }

    public static let kind = "victorops"
    public static let sendsResolved = true
    public static let texts: [TextSetting<VictorOpsConfiguration>] = [
        .init("routing_key", \.routingKey, .destination),
        .init("message_type", \.messageType, .attribute),
        .init("state_message", \.stateMessage, .text),
        .init("entity_display_name", \.entityDisplayName, .text),
        .init("monitoring_tool", \.monitoringTool, .text),
    ]

    public var secrets: [Secret] { [key] + client.secrets }

    public var templates: [ReceiverTemplate] {
        templates("") + customFields.templates("custom_fields", .text)
    }
}

extension VictorOpsConfiguration: ReadableReceiver {
    /// The names that the message itself uses.
    private static let reserved = [
        "routing_key", "message_type", "state_message", "entity_display_name", "monitoring_tool",
        "entity_id", "entity_state",
    ]

    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        let key = keys.secret("api_key") ?? global.victoropsKey
        if key == nil { keys.error("no global VictorOps API Key set") }
        var settings = Self(key: key ?? Secret(.inline("")), routingKey: "")
        settings.url = global.victoropsURL
        keys.url("api_url", &settings.url)
        if !settings.url.hasSuffix("/") { settings.url += "/" }
        keys.texts(&settings)
        if settings.routingKey.isEmpty { keys.error("missing Routing key in VictorOps config") }
        settings.customFields = keys.namedTexts("custom_fields")
        for field in settings.customFields where reserved.contains(field.name) {
            keys.error(
                at: "custom_fields",
                "victorOps config contains custom field \(field.name) which cannot be used as it conflicts with the fixed/static fields"
            )
        }
        settings.client = keys.client(global)
        return settings
    }
}
