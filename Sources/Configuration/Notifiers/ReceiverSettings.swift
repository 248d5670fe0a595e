import Model

/// What the settings of every kind of receiver say of themselves.
public protocol ReceiverSettings: Sendable, Hashable {
    /// Alertmanager's name for the kind, e.g. `slack`.
    static var kind: String { get }
    /// What `send_resolved` is where nothing is said.
    static var sendsResolved: Bool { get }
    /// Every secret that nothing can be delivered without.
    var secrets: [Secret] { get }
    /// Those of them that are URLs of HTTP.
    var secretURLs: [Secret] { get }
    /// Its fields that are templates.
    var templates: [ReceiverTemplate] { get }
}

extension ReceiverSettings {
    public var secretURLs: [Secret] { [] }
}

/// A field of a receiver that is a template.
public struct ReceiverTemplate: Sendable, Hashable {
    /// What it is for, and so what may be sent of it where it cannot be rendered.
    public enum Role: Sendable, Hashable {
        /// People read it. What was rendered before the error is sent, and that it failed.
        case text
        /// Where the notification goes. It is whole, or nothing is sent.
        case destination
        /// The service acts on it: a link, a colour, a priority. It is left out.
        case attribute
    }

    /// Its path within the receiver, e.g. `fields[0].title`.
    public var name: String
    /// The template.
    public var text: String
    /// What it is for.
    public var role: Role
    /// Whether what it shows is escaped for HTML.
    public var isHTML: Bool

    /// A field.
    public init(_ name: String, _ text: String, _ role: Role, isHTML: Bool = false) {
        self.name = name
        self.text = text
        self.role = role
        self.isHTML = isHTML
    }
}

/// Settings that are mostly texts: one table says under which key each stands.
public protocol TextualSettings: Sendable {
    /// The texts, each a template.
    static var texts: [TextSetting<Self>] { get }
}

/// A text among settings, its key and its role.
public struct TextSetting<Root: Sendable>: Sendable {
    let key: String
    let path: any WritableKeyPath<Root, String> & Sendable
    let role: ReceiverTemplate.Role

    init(
        _ key: String, _ path: any WritableKeyPath<Root, String> & Sendable,
        _ role: ReceiverTemplate.Role
    ) {
        self.key = key
        self.path = path
        self.role = role
    }
}

extension TextualSettings {
    /// The texts as templates, their names behind `prefix`.
    func templates(_ prefix: String = "") -> [ReceiverTemplate] {
        Self.texts.map { ReceiverTemplate(prefix + $0.key, self[keyPath: $0.path], $0.role) }
    }
}

extension Sequence where Element: TextualSettings {
    /// The texts of a list's elements as templates.
    func templates(_ name: String) -> [ReceiverTemplate] {
        enumerated().flatMap { $0.element.templates("\(name)[\($0.offset)].") }
    }
}

extension YAMLValue {
    /// The texts in a value of the user's own shape, keys among them. Its depth is bounded by the
    /// reader of files.
    func templates(_ name: String, _ role: ReceiverTemplate.Role) -> [ReceiverTemplate] {
        switch self {
        case .text(let text): [ReceiverTemplate(name, text, role)]
        case .list(let list):
            list.enumerated().flatMap {
                $0.element.templates(ReceiverTemplate.element($0.offset, of: name), role)
            }
        case .map(let entries):
            entries.flatMap { entry in
                [ReceiverTemplate(ReceiverTemplate.key(entry.key, of: name), entry.key, role)]
                    + entry.value.templates(ReceiverTemplate.value(entry.key, of: name), role)
            }
        case .null, .bool, .int, .double: []
        }
    }
}

extension ReceiverTemplate {
    /// The name of an element of a list.
    public static func element(_ index: Int, of name: String) -> String { "\(name)[\(index)]" }

    /// The name of the value under a key of the user's.
    public static func value(_ key: String, of name: String) -> String { "\(name).\(key)" }

    /// The name of a key of the user's, which may be a template too.
    public static func key(_ key: String, of name: String) -> String { "\(name): key \(key)" }
}

/// A name of the user's own with a text, which is a template.
public struct NamedText: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The text.
    public var text: String

    /// A named text.
    public init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }
}

extension Sequence<NamedText> {
    func templates(_ name: String, _ role: ReceiverTemplate.Role) -> [ReceiverTemplate] {
        map { ReceiverTemplate(ReceiverTemplate.value($0.name, of: name), $0.text, role) }
    }
}

/// Settings that a receiver's entry is read into.
protocol ReadableReceiver: ReceiverSettings {
    /// Reads an entry of `KIND_configs`; what is wrong has been said.
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self
}

extension KeyedElement {
    /// Reads every text that is written.
    func texts<Settings: TextualSettings>(_ settings: inout Settings) {
        for text in Settings.texts { string(text.key, &settings[keyPath: text.path]) }
    }

    /// A list of mappings of texts.
    func texts<Settings: TextualSettings>(
        _ key: String, _ initial: Settings,
        _ check: (KeyedElement, inout Settings) -> Void = { _, _ in }
    ) -> [Settings] {
        list(key) { element in
            element.object { keys in
                var settings = initial
                keys.texts(&settings)
                check(keys, &settings)
                return settings
            }
        }
    }

    /// A URL of HTTP.
    func url(_ key: String, _ target: inout String) {
        if has(key) { read(key, into: &target) { URLCheck.http($0) } }
    }

    /// `KEY` or `KEY_file`: a URL of HTTP that is a secret.
    func secretURL(_ key: String) -> Secret? {
        textOrFile(key) { element in
            _ = URLCheck.http(element, isSecret: true)
            return element.secret(hiding: .path)
        }
    }

    /// `http_config`, or the global one.
    func client(_ global: NotifierGlobal) -> HTTPClientConfiguration {
        object("http_config", HTTPClientReader.read) ?? global.client
    }

    /// `timeout`: zero where nothing is said.
    var timeout: Milliseconds { self["timeout"].flatMap { $0.goDuration() } ?? .zero }

    /// A mapping of texts, sorted by name.
    func namedTexts(_ key: String) -> [NamedText] {
        (self[key]?.entries() ?? [])
            .map { NamedText($0.key, $0.value.string() ?? "") }
            .sorted { $0.name.byteOrder($1.name) < 0 }
    }
}
