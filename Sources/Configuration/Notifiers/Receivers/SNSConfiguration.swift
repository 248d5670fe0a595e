import Model

/// `sns_configs`: Amazon's Simple Notification Service. `send_resolved` is true by default. Texts
/// are templates.
public struct SNSConfiguration: ReceiverSettings, TextualSettings {
    /// `api_url`; "": the region's own.
    public var url = ""
    /// `sigv4`.
    public var identity = AWSIdentity()
    /// `topic_arn`, `phone_number`, `target_arn`: one of them.
    public var topic = ""
    public var phoneNumber = ""
    public var target = ""
    /// `subject`.
    public var subject = "{{ template \"sns.default.subject\" . }}"
    /// `message`.
    public var message = "{{ template \"sns.default.message\" . }}"
    /// `attributes`, sorted by name; names are templates too.
    public var attributes: [NamedText] = []
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// A topic with Alertmanager's defaults.
    public init(topic: String = "") { self.topic = topic }

    public static let kind = "sns"
    public static let sendsResolved = true
    public static let texts: [TextSetting<SNSConfiguration>] = [
        .init("api_url", \.url, .destination), .init("topic_arn", \.topic, .destination),
        .init("phone_number", \.phoneNumber, .destination),
        .init("target_arn", \.target, .destination),
        .init("subject", \.subject, .text), .init("message", \.message, .text),
    ]

    public var secrets: [Secret] { [identity.secretKey].compactMap(\.self) + client.secrets }

    public var templates: [ReceiverTemplate] {
        templates("") + attributes.templates("attributes", .attribute)
            + attributes.map {
                ReceiverTemplate(
                    ReceiverTemplate.key($0.name, of: "attributes"), $0.name, .attribute)
            }
    }
}

extension SNSConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        var settings = Self()
        keys.texts(&settings)
        // Alertmanager's own test: one of them, or all three.
        let ways = [settings.topic, settings.phoneNumber, settings.target]
        if ways.filter({ !$0.isEmpty }).count % 2 == 0 {
            keys.error(
                "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config")
        }
        settings.attributes = keys.namedTexts("attributes")
        settings.identity = keys.object("sigv4", AWSIdentity.init(signing:)) ?? AWSIdentity()
        // It chooses between two clients of Amazon's library for Go, which are one here.
        _ = keys.bool("use_aws_http_client")
        settings.client = keys.client(global)
        return settings
    }
}
