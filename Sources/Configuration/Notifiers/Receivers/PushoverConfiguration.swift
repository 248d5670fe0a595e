import Model

/// `pushover_configs`. `send_resolved` is true by default. Texts are templates.
public struct PushoverConfiguration: ReceiverSettings, TextualSettings {
    /// `user_key` or its file; a template.
    public var userKey: Secret
    /// `token` or its file; a template.
    public var token: Secret
    /// `title`.
    public var title = "{{ template \"pushover.default.title\" . }}"
    /// `message`.
    public var message = "{{ template \"pushover.default.message\" . }}"
    /// `url`.
    public var url = "{{ template \"pushover.default.url\" . }}"
    /// `url_title`.
    public var urlTitle = ""
    /// `device`.
    public var device = ""
    /// `sound`.
    public var sound = ""
    /// `priority`: -2 to 2.
    public var priority = "{{ if eq .Status \"firing\" }}2{{ else }}0{{ end }}"
    /// `retry`: how often an emergency is repeated to the user.
    public var retry: Milliseconds = .minutes(1)
    /// `expire`: until when.
    public var expire: Milliseconds = .minutes(60)
    /// `ttl`: when a message disappears; zero: never.
    public var timeToLive: Milliseconds = .zero
    /// `html`.
    public var isHTML = false
    /// `monospace`.
    public var isMonospace = false
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// A user with Alertmanager's defaults.
    public init(userKey: Secret, token: Secret) {
        self.userKey = userKey
        self.token = token
    }

    public static let kind = "pushover"
    public static let sendsResolved = true
    public static let texts: [TextSetting<PushoverConfiguration>] = [
        .init("title", \.title, .text), .init("message", \.message, .text),
        .init("url", \.url, .attribute),
        .init("url_title", \.urlTitle, .text), .init("device", \.device, .destination),
        .init("sound", \.sound, .attribute),
        .init("priority", \.priority, .attribute),
    ]

    public var secrets: [Secret] { [userKey, token] + client.secrets }

    public var templates: [ReceiverTemplate] {
        templates("").map { field in
            var field = field
            field.isHTML = isHTML && field.name == "message"
            return field
        }
    }
}

extension PushoverConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        func secret(_ key: String) -> Secret {
            if let found = keys.secret(key) { return found }
            keys.error("one of \(key) or \(key)_file must be configured")
            return Secret(.inline(""))
        }
        var settings = Self(userKey: secret("user_key"), token: secret("token"))
        keys.texts(&settings)
        keys.read("retry", into: &settings.retry) { $0.goDuration() }
        keys.read("expire", into: &settings.expire) { $0.goDuration() }
        keys.read("ttl", into: &settings.timeToLive) { $0.goDuration() }
        keys.bool("html", &settings.isHTML)
        keys.bool("monospace", &settings.isMonospace)
        if settings.isHTML, settings.isMonospace {
            keys.error("at most one of monospace & html must be configured")
        }
        settings.client = keys.client(global)
        return settings
    }
}
