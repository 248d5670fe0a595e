import Model

/// `pagerduty_configs`. `send_resolved` is true by default. Texts are templates.
public struct PagerDutyConfiguration: ReceiverSettings, TextualSettings {
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
    public struct Image: Sendable, Hashable, TextualSettings {
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

        public static let texts: [TextSetting<Image>] = [
            .init("src", \.source, .attribute), .init("alt", \.alt, .text),
            .init("href", \.href, .attribute),
        ]
    }

    /// An element of `links`.
    public struct Link: Sendable, Hashable, TextualSettings {
        /// `href`, `text`.
        public var href = ""
        public var text = ""

        /// A link.
        public init(href: String = "", text: String = "") {
            self.href = href
            self.text = text
        }

        public static let texts: [TextSetting<Link>] = [
            .init("href", \.href, .attribute), .init("text", \.text, .text),
        ]
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

    public static let kind = "pagerduty"
    public static let sendsResolved = true
    public static let texts: [TextSetting<PagerDutyConfiguration>] = [
        .init("client", \.clientName, .text), .init("client_url", \.clientURL, .attribute),
        .init("description", \.description, .text), .init("source", \.source, .text),
        .init("severity", \.severity, .attribute), .init("class", \.eventClass, .text),
        .init("component", \.component, .text), .init("group", \.group, .text),
    ]

    /// The key, whichever it is.
    public var secretKey: Secret {
        switch key {
        case .routing(let key), .service(let key): key
        }
    }

    public var secrets: [Secret] { [secretKey] + client.secrets }

    public var templates: [ReceiverTemplate] {
        templates("") + details.flatMap { $0.value.templates("details.\($0.name)", .text) }
            + images.templates("images") + links.templates("links")
    }
}

extension PagerDutyConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        let routing = keys.secret("routing_key")
        let service = keys.secret("service_key")
        if routing == nil, service == nil {
            keys.error("missing service or routing key in PagerDuty config")
        }
        // With both, Alertmanager speaks the older interface.
        var pager = PagerDutyConfiguration(
            key: service.map { .service($0) } ?? .routing(routing ?? Secret(.inline(""))))
        pager.url = global.pagerdutyURL
        keys.url("url", &pager.url)
        pager.source = ""
        keys.texts(&pager)
        if pager.source.isEmpty { pager.source = pager.clientName }
        pager.details = details(keys)
        pager.images = keys.texts("images", Image())
        pager.links = keys.texts("links", Link())
        pager.timeout = keys.timeout
        pager.client = keys.client(global)
        return pager
    }

    private static func details(_ keys: KeyedElement) -> [PagerDutyConfiguration.Detail] {
        var details = (keys["details"]?.entries() ?? []).map { entry in
            PagerDutyConfiguration.Detail(entry.key, entry.value.node.untyped)
        }
        for standard in PagerDutyConfiguration.defaultDetails
        where !details.contains(where: { $0.name == standard.name }) {
            details.append(standard)
        }
        return details.sorted { $0.name.byteOrder($1.name) < 0 }
    }
}
