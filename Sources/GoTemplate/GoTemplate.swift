/// Go's template language, `text/template`, and the escaping of `html/template`.
///
/// Parse once, execute often: a `TemplateSet` holds named definitions and the functions that they
/// may call; `TemplateSet.template(_:named:)` adds a text to a copy of it and gives a `Template`
/// that can be executed from any thread. Output and error texts are Go's. Both the text and the data
/// may be hostile: work, memory, depth and output are bounded by `TemplateLimits`.
public struct Template: Sendable {
    /// The definitions it can call, its own among them.
    public let set: TemplateSet
    /// Its name within the set.
    public let name: String

    /// What it writes for `data`; functions find `context` in their call.
    public func execute(
        _ data: TemplateValue, context: Any? = nil
    ) throws(TemplateError) -> String {
        try set.execute(name, data, context: context)
    }

    /// The same for readers whom half a text helps more than none: what was written before it ended,
    /// and how it ended. Output beyond `maximumBytes` is not made; `limits` take the place of the
    /// set's own.
    public func output(
        _ data: TemplateValue, context: Any? = nil, limits: TemplateLimits? = nil,
        maximumBytes: Int = .max
    ) -> TemplateOutput {
        guard let tree = set.trees[name] else {
            return TemplateOutput("", .failed(set.unknown(name)))
        }
        let execution = Execution(set, tree, context: context, limits: limits ?? set.limits)
        return execution.output(data, maximumBytes: maximumBytes)
    }
}

/// What an execution wrote.
public struct TemplateOutput: Sendable, Hashable {
    /// How an execution ended.
    public enum End: Sendable, Hashable {
        /// It wrote all that it had to.
        case complete
        /// It had more to write than was wanted.
        case full
        /// It failed after what it has written.
        case failed(TemplateError)
    }

    public var text: String
    public var end: End

    public init(_ text: String, _ end: End = .complete) {
        self.text = text
        self.end = end
    }
}

/// Why a template did not parse or did not execute; the text is Go's.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// E.g. `template: x:1:3: executing "x" at <.Foo>: can't evaluate field Foo in type T`.
    public let description: String
    /// The member of `TemplateLimits` that was exceeded; nil where the template itself is wrong.
    public let limit: String?

    public init(_ description: String, limit: String? = nil) {
        self.description = description
        self.limit = limit
    }
}

/// What one parse or one execution may cost. Going over a limit is an error that names it.
public struct TemplateLimits: Sendable, Hashable {
    /// The bytes of one template text.
    public var templateBytes = 1 << 20
    /// How deeply control structures and parentheses nest in a text.
    public var nesting = 100
    /// The bytes one execution may write.
    public var outputBytes = 1 << 20
    /// The commands and statements one execution may evaluate.
    public var steps = 1_000_000
    /// The bytes of all values that one execution may make on the way to its output.
    public var workBytes = 64 << 20
    /// How deeply templates call templates (Go's own limit is 100,000).
    public var templateDepth = 100
    /// How deeply evaluation nests, over all templates under way.
    public var evaluationDepth = 400
    /// How deeply lists and maps made by functions nest.
    public var valueHeight = 50

    public init() {}
}

/// What a field of a map without that key is.
public enum MissingKey: Sendable, Hashable {
    /// The zero value of the map's elements: `missingkey=zero`, as Prometheus and Alertmanager set it.
    case zero
    /// No value, printed as `<no value>`: Go's default.
    case invalid
    case error
}
