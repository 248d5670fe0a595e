import Model

/// `wechat_configs` (WeCom). `send_resolved` is false by default. Texts are templates.
public struct WeChatConfiguration: ReceiverSettings, TextualSettings {
    /// `api_secret` or its file; a template.
    public var secret: Secret
    /// `corp_id`.
    public var corporation: String
    /// `api_url`, ended by a slash.
    public var url = "https://qyapi.weixin.qq.com/cgi-bin/"
    /// `message`.
    public var message = "{{ template \"wechat.default.message\" . }}"
    /// `to_user`.
    public var user = "{{ template \"wechat.default.to_user\" . }}"
    /// `to_party`.
    public var party = "{{ template \"wechat.default.to_party\" . }}"
    /// `to_tag`.
    public var tag = "{{ template \"wechat.default.to_tag\" . }}"
    /// `agent_id`.
    public var agent = "{{ template \"wechat.default.agent_id\" . }}"
    /// `message_type` is `markdown` rather than `text`.
    public var isMarkdown = false
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// A corporation with Alertmanager's defaults.
    public init(secret: Secret, corporation: String) {
        self.secret = secret
        self.corporation = corporation
    }

    public static let kind = "wechat"
    public static let sendsResolved = false
    public static let texts: [TextSetting<WeChatConfiguration>] = [
        .init("corp_id", \.corporation, .destination), .init("message", \.message, .text),
        .init("to_user", \.user, .destination),
        .init("to_party", \.party, .destination), .init("to_tag", \.tag, .destination),
        .init("agent_id", \.agent, .destination),
    ]

    public var secrets: [Secret] { [secret] + client.secrets }
    public var templates: [ReceiverTemplate] { templates("") }
}

extension WeChatConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        let secret = keys.secret("api_secret") ?? global.wechatSecret
        if secret == nil {
            keys.error("no global Wechat Api Secret set either inline or in a file")
        }
        var settings = Self(
            secret: secret ?? Secret(.inline("")), corporation: global.wechatCorporation)
        settings.url = global.wechatURL
        keys.url("api_url", &settings.url)
        if !settings.url.hasSuffix("/") { settings.url += "/" }
        keys.texts(&settings)
        if settings.corporation.isEmpty { settings.corporation = global.wechatCorporation }
        if settings.corporation.isEmpty { keys.error("no global Wechat CorpID set") }
        switch keys.string("message_type") ?? "" {
        case "", "text": break
        case "markdown": settings.isMarkdown = true
        case let other:
            keys.error(
                at: "message_type",
                "weChat message type \(other.goQuoted) does not match valid options ^(text|markdown)$"
            )
        }
        settings.client = keys.client(global)
        return settings
    }
}
