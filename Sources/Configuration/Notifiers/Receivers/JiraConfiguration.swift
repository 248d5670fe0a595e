import Model

/// `jira_configs`. `send_resolved` is true by default. Texts are templates.
public struct JiraConfiguration: ReceiverSettings {
    /// `api_type`: which of Jira's two ways to search there is.
    public enum Product: String, Sendable, Hashable, CaseIterable {
        case automatic = "auto"
        case cloud
        case dataCenter = "datacenter"
    }

    /// A field that may be left alone where an issue is changed: a text, or `template` and
    /// `enable_update`.
    public struct Field: Sendable, Hashable {
        /// The template.
        public var template: String
        /// `enable_update`.
        public var isUpdated = true

        /// A field.
        public init(_ template: String, isUpdated: Bool = true) {
            self.template = template
            self.isUpdated = isUpdated
        }
    }

    /// `api_url`.
    public var url: String
    /// `api_type`.
    public var product = Product.automatic
    /// `project`: its key.
    public var project: String
    /// `issue_type`.
    public var issueType: String
    /// `summary`.
    public var summary = Field("{{ template \"jira.default.summary\" . }}")
    /// `description`.
    public var description = Field("{{ template \"jira.default.description\" . }}")
    /// `labels`.
    public var labels: [String] = []
    /// `enable_update` of labels.
    public var updatesLabels = true
    /// `priority`.
    public var priority = "{{ template \"jira.default.priority\" . }}"
    /// `reopen_transition`; "": a closed issue stays closed.
    public var reopenTransition = ""
    /// `resolve_transition`; "": an issue stays open.
    public var resolveTransition = ""
    /// `wont_fix_resolution`: issues resolved so are never touched again.
    public var wontFixResolution = ""
    /// `reopen_duration`: how long after its end an issue is opened again.
    public var reopenDuration: Milliseconds = .zero
    /// `fields`: others, of any shape; texts in them are templates.
    public var fields: [YAMLValue.Entry] = []
    /// `http_config`.
    public var client = HTTPClientConfiguration()

    /// A project with Alertmanager's defaults.
    public init(url: String, project: String, issueType: String) {
        self.url = url
        self.project = project
        self.issueType = issueType
    }

    public static let kind = "jira"
    public static let sendsResolved = true
    public var secrets: [Secret] { client.secrets }

    public var templates: [ReceiverTemplate] {
        [
            ReceiverTemplate("project", project, .destination),
            ReceiverTemplate("issue_type", issueType, .destination),
            ReceiverTemplate("summary", summary.template, .text),
            ReceiverTemplate("description", description.template, .text),
            ReceiverTemplate("priority", priority, .attribute),
        ]
            + labels.enumerated().map {
                ReceiverTemplate("labels[\($0.offset)]", $0.element, .attribute)
            }
            + fields.flatMap { $0.value.templates("fields.\($0.key)", .attribute) }
    }
}

extension JiraConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        var settings = Self(
            url: global.jiraURL, project: keys.string("project") ?? "",
            issueType: keys.string("issue_type") ?? "")
        keys.url("api_url", &settings.url)
        if settings.url.isEmpty, !keys.has("api_url") {
            keys.error("no global Jira Cloud URL set")
        }
        if settings.project.isEmpty { keys.error("missing project in jira_config") }
        if settings.issueType.isEmpty { keys.error("missing issue_type in jira_config") }
        if let text = keys.string("api_type") {
            if let product = Product(rawValue: text) {
                settings.product = product
            } else {
                keys.error(
                    at: "api_type",
                    "unknown api_type on jira_config, must be auto, cloud or datacenter")
            }
        }
        let (summary, description) = (settings.summary, settings.description)
        keys.read("summary", into: &settings.summary) { field($0, summary) }
        keys.read("description", into: &settings.description) { field($0, description) }
        readLabels(keys["labels"], &settings)
        keys.string("priority", &settings.priority)
        keys.string("reopen_transition", &settings.reopenTransition)
        keys.string("resolve_transition", &settings.resolveTransition)
        keys.string("wont_fix_resolution", &settings.wontFixResolution)
        keys.duration("reopen_duration", &settings.reopenDuration)
        settings.fields = (keys["fields"]?.entries() ?? []).map {
            YAMLValue.Entry($0.key, $0.value.node.untyped)
        }
        settings.client = keys.client(global)
        return settings
    }

    private static func field(_ element: Element, _ initial: Field) -> Field? {
        guard case .mapping = element.node.content else {
            return element.string().map { Field($0) }
        }
        return element.object { keys in
            var field = initial
            keys.string("template", &field.template)
            keys.bool("enable_update", &field.isUpdated)
            return field
        }
    }

    private static func readLabels(_ element: Element?, _ settings: inout JiraConfiguration) {
        guard let element else { return }
        guard case .mapping = element.node.content else {
            settings.labels = element.list { $0.string() } ?? []
            return
        }
        let found = element.object { keys in
            (keys.strings("values"), keys.bool("enable_update") ?? true)
        }
        if let found { (settings.labels, settings.updatesLabels) = found }
    }
}
