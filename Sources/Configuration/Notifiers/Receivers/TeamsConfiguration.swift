import Model

/// `msteams_configs`: the connectors of Office 365. `send_resolved` is true by default. Texts are
/// templates.
public struct TeamsConfiguration: ReceiverSettings, TextualSettings {
    /// `webhook_url` or its file.
    public var url: Secret
    /// `title`.
    public var title = "{{ template \"msteams.default.title\" . }}"
    /// `summary`: what a notification of the desktop shows.
    public var summary = "{{ template \"msteams.default.summary\" . }}"
    /// `text`.
    public var text = "{{ template \"msteams.default.text\" . }}"
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// A channel with Alertmanager's defaults.
    public init(url: Secret) { self.url = url }

    public static let kind = "msteams"
    public static let sendsResolved = true
    public static let texts: [TextSetting<TeamsConfiguration>] = [
        .init("title", \.title, .text), .init("summary", \.summary, .text),
        .init("text", \.text, .text),
    ]

    public var secrets: [Secret] { [url] + client.secrets }
    public var secretURLs: [Secret] { [url] }
    public var templates: [ReceiverTemplate] { templates("") }
}

extension TeamsConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        var settings = Self(url: keys.webhookURL())
        keys.texts(&settings)
        settings.client = keys.client(global)
        return settings
    }
}

/// `msteamsv2_configs`: the workflows of Power Automate, told in adaptive cards. `send_resolved` is
/// true by default. Texts are templates.
public struct TeamsWorkflowConfiguration: ReceiverSettings, TextualSettings {
    /// `webhook_url` or its file.
    public var url: Secret
    /// `title`.
    public var title = "{{ template \"msteamsv2.default.title\" . }}"
    /// `text`.
    public var text = "{{ template \"msteamsv2.default.text\" . }}"
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// A channel with Alertmanager's defaults.
    public init(url: Secret) { self.url = url }

    public static let kind = "msteamsv2"
    public static let sendsResolved = true
    public static let texts: [TextSetting<TeamsWorkflowConfiguration>] = [
        .init("title", \.title, .text), .init("text", \.text, .text),
    ]

    public var secrets: [Secret] { [url] + client.secrets }
    public var secretURLs: [Secret] { [url] }
    public var templates: [ReceiverTemplate] { templates("") }
}

extension TeamsWorkflowConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        var settings = Self(url: keys.webhookURL())
        keys.texts(&settings)
        settings.client = keys.client(global)
        return settings
    }
}
