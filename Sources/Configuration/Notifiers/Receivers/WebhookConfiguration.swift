import Model

/// `webhook_configs`. `send_resolved` is true by default.
public struct WebhookConfiguration: ReceiverSettings {
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

    public static let kind = "webhook"
    public static let sendsResolved = true
    public var secrets: [Secret] { [url] + client.secrets }
    public var secretURLs: [Secret] { [url] }
    public var templates: [ReceiverTemplate] {
        // A URL in a file is not known before it is used.
        let written = url.filePath == nil ? url.reveal { _ in "" } : ""
        return (written.isEmpty ? [] : [ReceiverTemplate("url", written, .destination)])
            + (payload?.templates("payload", .text) ?? [])
    }
}

extension WebhookConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        let url = keys.textOrFile("url") { element in
            if !(element.string() ?? "").contains("{{") {
                _ = URLCheck.http(element, isSecret: true)
            }
            return element.secret(hiding: .path)
        }
        if url == nil { keys.error("one of url or url_file must be configured") }
        var webhook = WebhookConfiguration(url: url ?? Secret(.inline("")))
        keys.int("max_alerts", &webhook.maximumAlerts)
        webhook.timeout = keys.timeout
        webhook.payload = keys["payload"].flatMap { $0.isNull ? nil : $0.node.untyped }
        webhook.client = keys.client(global)
        return webhook
    }
}
