import Model

/// A part of a YAML file and its place. Aliases are already replaced by what they stand for and
/// merge keys (`<<`) by what they bring.
public struct YAMLNode: Sendable {
    /// The three kinds.
    public enum Content: Sendable {
        /// A text, a number, a truth value or nothing; which of them shows when it is read.
        case scalar(Scalar)
        /// A list.
        case sequence([YAMLNode])
        /// Keys and values in the order written; no key twice.
        case mapping([Entry])
    }

    /// What stands between spaces or quotes.
    public struct Scalar: Sendable {
        /// The text, without quotes, escapes replaced.
        public var text: String
        /// Whether it was written without quotes.
        public var isPlain: Bool
    }

    /// A key and its value.
    public struct Entry: Sendable {
        /// The key.
        public var key: String
        /// Where the key stands.
        public var place: SourcePlace
        /// Its value.
        public var value: YAMLNode
    }

    /// What it is.
    public var content: Content
    /// Where it begins.
    public var place: SourcePlace
    /// Its tag where one is written, e.g. `tag:yaml.org,2002:binary`.
    public var tag: String?
    /// How many nodes it has, itself included.
    let weight: Int
    /// How many levels it has.
    let height: Int

    init(_ content: Content, place: SourcePlace, tag: String?) {
        self.content = content
        self.place = place
        self.tag = tag
        let children: [YAMLNode] =
            switch content {
            case .scalar: []
            case .sequence(let items): items
            case .mapping(let entries): entries.map(\.value)
            }
        weight = children.reduce(1) { $0.addingReportingOverflow($1.weight).partialValue }
        height = 1 + (children.lazy.map(\.height).max() ?? 0)
    }

    /// Whether it is nothing: `~`, `null`, or no text at all.
    public var isNull: Bool {
        guard case .scalar(let scalar) = content else { return false }
        if let tag { return tag == YAMLTag.null }
        return scalar.isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// What a person calls it, e.g. `a list`.
    public var kindName: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// Tags of YAML's own types.
enum YAMLTag {
    static let null = "tag:yaml.org,2002:null"
    static let text = "tag:yaml.org,2002:str"
    static let binary = "tag:yaml.org,2002:binary"
    static let merge = "<<"
}

/// What a file may be at most; each has a name that its error tells.
public struct YAMLLimits: Sendable {
    /// Bytes of a file.
    public var fileSize = 16 << 20
    /// Levels of nesting.
    public var depth = 64
    /// Nodes of a file after its aliases are replaced.
    public var nodes = 2_000_000
    /// Bytes of one scalar.
    public var scalarSize = 1 << 20

    /// The defaults.
    public init() {}
}
