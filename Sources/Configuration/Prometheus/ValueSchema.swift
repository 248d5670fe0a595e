import Model

/// What a key may hold that is checked and then not acted on.
indirect enum ValueSchema: Sendable {
    case any
    case string
    case strings
    case bool
    case int
    case number
    case duration
    case size
    case secret
    /// A URL by Go's rules, of any scheme.
    case url
    /// `tls_config`.
    case tls
    case word([String], String)
    case list(ValueSchema)
    /// Keys of the user's own naming.
    case map(ValueSchema)
    case object([String: ValueSchema])

    /// Reads it and throws it away; what is wrong has been said.
    func check(_ element: Element) {
        switch self {
        case .any: break
        case .string: _ = element.string()
        case .strings: _ = element.list { $0.string() }
        case .bool: _ = element.bool()
        case .int: _ = element.int(Int64.min...Int64.max)
        case .number: _ = element.double()
        case .duration: _ = element.duration()
        case .size: _ = element.size()
        case .secret: _ = element.secret()
        case .url: URLCheck.check(element)
        case .tls: _ = HTTPClientReader.tls(element)
        case .word(let words, let what): if !element.isNull { _ = element.word(words, what) }
        case .list(let schema): _ = element.list { schema.check($0) }
        case .map(let schema):
            for entry in element.entries() ?? [] { schema.check(entry.value) }
        case .object(let keys): _ = element.object { ValueSchema.check($0, keys) }
        }
    }

    static func check(_ keyed: KeyedElement, _ keys: [String: ValueSchema]) {
        for (key, schema) in keys {
            if let element = keyed[key] { schema.check(element) }
        }
    }
}
