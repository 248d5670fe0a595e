import Model

/// Mutes the alerts that match all its matchers, from its start to its end.
public struct Silence: Hashable, Sendable {
    /// A UUID in lower case.
    public internal(set) var id: String
    /// What an alert must satisfy, all of it.
    public internal(set) var matchers: [Matcher]
    /// From when on it silences.
    public internal(set) var startsAt: Timestamp
    /// From when on it does not any more.
    public internal(set) var endsAt: Timestamp
    /// When it was last changed.
    public internal(set) var updatedAt: Timestamp
    /// Who made it.
    public internal(set) var createdBy: String
    /// Why.
    public internal(set) var comment: String
    /// What its maker attached to it.
    public internal(set) var annotations: [String: String]

    /// What it does at `moment`.
    public func state(at moment: Timestamp) -> SilenceState {
        if moment >= endsAt { return .expired }
        return moment < startsAt ? .pending : .active
    }

    /// Whether an alert with these labels lies under it while it is active.
    public func matches(_ labels: Labels) -> Bool { matchers.allSatisfy { $0.matches(labels) } }
}

/// What a silence does at a moment.
public enum SilenceState: String, Hashable, Sendable, CaseIterable {
    /// It silences.
    case active
    /// It has not begun.
    case pending
    /// It is over, and kept for a while to be looked at.
    case expired
}

/// A matcher of a silence as it is written; its expression may be none.
public struct SilenceMatcher: Hashable, Sendable, Codable {
    /// How it compares.
    public var kind: Matcher.Kind
    /// The label's name.
    public var name: String
    /// The value or expression.
    public var value: String

    /// As it was written.
    public init(_ kind: Matcher.Kind, _ name: String, _ value: String) {
        self.kind = kind
        self.name = name
        self.value = value
    }

    /// As an API tells it: `isEqual` false for `!=` and `!~`.
    public init(name: String, value: String, isRegex: Bool, isEqual: Bool = true) {
        let kind: Matcher.Kind =
            isEqual ? (isRegex ? .matches : .equal) : (isRegex ? .notMatches : .notEqual)
        self.init(kind, name, value)
    }

    /// The text of a matcher that was read already.
    public init(_ matcher: Matcher) { self.init(matcher.kind, matcher.name, matcher.value) }
}

/// What somebody wants a silence to be.
public struct SilenceRequest: Hashable, Sendable {
    /// The silence to be changed, or "" for a new one.
    public var id: String
    /// What an alert must satisfy.
    public var matchers: [SilenceMatcher]
    /// From when on; nil: now.
    public var startsAt: Timestamp?
    /// Until when.
    public var endsAt: Timestamp?
    /// Who asks.
    public var createdBy: String
    /// Why.
    public var comment: String
    /// Anything else worth keeping.
    public var annotations: [String: String]

    /// A request.
    public init(
        id: String = "", matchers: [SilenceMatcher], startsAt: Timestamp? = nil,
        endsAt: Timestamp?, createdBy: String = "", comment: String = "",
        annotations: [String: String] = [:]
    ) {
        self.id = id
        self.matchers = matchers
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.createdBy = createdBy
        self.comment = comment
        self.annotations = annotations
    }
}

extension Silence: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, matchers, startsAt, endsAt, updatedAt, createdBy, comment, annotations
    }

    public init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        id = try row.decode(String.self, forKey: .id)
        matchers = try row.decode([SilenceMatcher].self, forKey: .matchers).map {
            try Matcher($0.kind, $0.name, $0.value)
        }
        startsAt = try row.decode(Timestamp.self, forKey: .startsAt)
        endsAt = try row.decode(Timestamp.self, forKey: .endsAt)
        updatedAt = try row.decode(Timestamp.self, forKey: .updatedAt)
        createdBy = try row.decode(String.self, forKey: .createdBy)
        comment = try row.decode(String.self, forKey: .comment)
        annotations =
            try row.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:]
    }

    public func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.encode(id, forKey: .id)
        try row.encode(matchers.map(SilenceMatcher.init), forKey: .matchers)
        try row.encode(startsAt, forKey: .startsAt)
        try row.encode(endsAt, forKey: .endsAt)
        try row.encode(updatedAt, forKey: .updatedAt)
        try row.encode(createdBy, forKey: .createdBy)
        try row.encode(comment, forKey: .comment)
        if !annotations.isEmpty { try row.encode(annotations, forKey: .annotations) }
    }
}
