import Model

/// A file of rule groups, as `rule_files` names them.
public struct RuleFile: Sendable, Hashable {
    /// The file as it was named.
    public var path: String
    /// Its groups in the order they stand.
    public var groups: [RuleGroupConfiguration]

    /// A file of these groups.
    public init(path: String, groups: [RuleGroupConfiguration]) {
        self.path = path
        self.groups = groups
    }
}

/// Rules that are evaluated together, in order, at one time.
public struct RuleGroupConfiguration: Sendable, Hashable {
    /// The name, unique within its file.
    public var name: String
    /// How often; nil: `global.evaluation_interval`.
    public var interval: Milliseconds?
    /// How far into the past it looks; nil: `global.rule_query_offset`.
    public var queryOffset: Milliseconds?
    /// The most series a recording rule, or alerts an alerting rule, may make; 0: no limit.
    public var limit: Int
    /// Labels of every rule of the group; a rule's own win.
    public var labels: Labels
    /// The rules in order.
    public var rules: [RuleConfiguration]
    /// Where the group begins.
    @Incidental public var place: SourcePlace

    /// A group.
    public init(
        name: String, interval: Milliseconds? = nil, queryOffset: Milliseconds? = nil,
        limit: Int = 0, labels: Labels = .empty, rules: [RuleConfiguration] = [],
        place: SourcePlace = SourcePlace(file: "")
    ) {
        self.name = name
        self.interval = interval
        self.queryOffset = queryOffset
        self.limit = limit
        self.labels = labels
        self.rules = rules
        self.place = place
    }
}

/// One recording or alerting rule.
public struct RuleConfiguration: Sendable, Hashable {
    /// What the rule makes.
    public enum Kind: Sendable, Hashable {
        /// A series of this name.
        case recording(String)
        /// Alerts of this name.
        case alerting(String)
    }

    /// A label or annotation; the value of an alerting rule's is a template.
    public struct Pair: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value or template, and where it stands.
        public var value: Located<String>

        /// A pair.
        public init(_ name: String, _ value: Located<String>) {
            self.name = name
            self.value = value
        }

        /// A pair from nowhere.
        public init(_ name: String, _ value: String) { self.init(name, Located(value)) }
    }

    /// What the rule makes.
    public var kind: Kind
    /// The expression, not parsed here, and where it stands.
    public var expr: Located<String>
    /// How long it must hold before the alert fires (`for`).
    public var forDuration: Milliseconds
    /// How long the alert goes on firing after it no longer holds.
    public var keepFiringFor: Milliseconds
    /// The rule's labels, sorted by name.
    public var labels: [Pair]
    /// The rule's annotations, sorted by name.
    public var annotations: [Pair]
    /// Where the rule begins.
    @Incidental public var place: SourcePlace

    /// A rule.
    public init(
        _ kind: Kind, expr: Located<String>, forDuration: Milliseconds = .zero,
        keepFiringFor: Milliseconds = .zero, labels: [Pair] = [], annotations: [Pair] = [],
        place: SourcePlace = SourcePlace(file: "")
    ) {
        self.kind = kind
        self.expr = expr
        self.forDuration = forDuration
        self.keepFiringFor = keepFiringFor
        self.labels = labels
        self.annotations = annotations
        self.place = place
    }

    /// The series' or the alert's name.
    public var name: String {
        switch kind {
        case .recording(let name), .alerting(let name): name
        }
    }
}
