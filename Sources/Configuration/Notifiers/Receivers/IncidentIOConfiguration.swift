import Model

/// `incidentio_configs`. `send_resolved` is true by default.
public struct IncidentIOConfiguration: ReceiverSettings {
    /// `url` or its file: that of an alert source.
    public var url: Secret
    /// `alert_source_token` or its file; nil: `http_config` has the authorization.
    public var token: Secret?
    /// `max_alerts`: the most alerts in one message; 0: no limit.
    public var maximumAlerts = 0
    /// `timeout`; zero: none of its own.
    public var timeout: Milliseconds = .zero
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// An alert source.
    public init(url: Secret, token: Secret? = nil) {
        self.url = url
        self.token = token
    }

    public static let kind = "incidentio"
    public static let sendsResolved = true
    public var secrets: [Secret] { [url] + [token].compactMap(\.self) + client.secrets }
    public var secretURLs: [Secret] { [url] }
    public var templates: [ReceiverTemplate] { [] }
}

extension IncidentIOConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        let url = keys.secretURL("url")
        if url == nil { keys.error("one of url or url_file must be configured") }
        var settings = Self(
            url: url ?? Secret(.inline("")), token: keys.secret("alert_source_token"))
        keys.int("max_alerts", &settings.maximumAlerts)
        settings.timeout = keys.timeout
        settings.client = keys.client(global)
        if keys.has("http_config"), settings.client.authorization != nil, settings.token != nil {
            keys.error(
                "cannot specify alert_source_token or alert_source_token_file when using http_config.authorization"
            )
        }
        if keys.has("http_config"), settings.client.authorization == nil, settings.token == nil {
            keys.error(
                "at least one of alert_source_token, alert_source_token_file or http_config.authorization must be configured"
            )
        }
        return settings
    }
}
