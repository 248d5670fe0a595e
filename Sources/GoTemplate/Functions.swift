import Model

/// The type a function wants of an argument.
public enum TemplateParameter: Sendable, Hashable {
    /// `interface{}`: anything, nil too.
    case any
    /// `string`.
    case string
    /// `int`.
    case int
    /// `float64`.
    case float
    /// `bool`.
    case bool
    /// A list or map of the named Go type, or an object of that type, e.g. `[]string`.
    case named(String)

    var typeName: String {
        switch self {
        case .any: "interface {}"
        case .string: "string"
        case .int: "int"
        case .float: "float64"
        case .bool: "bool"
        case .named(let name): name
        }
    }
}

/// A function that templates can call.
public struct TemplateFunction: Sendable {
    /// The types of its arguments; the last repeats where it is variadic.
    public var parameters: [TemplateParameter]
    /// Whether the last parameter takes any number of arguments, none too.
    public var isVariadic: Bool
    /// The arguments are as many and of the types that `parameters` says. What it throws ends the
    /// execution with `error calling NAME: ` and the error's description.
    public var body: @Sendable (TemplateCall) throws -> TemplateValue
    /// Why no template can call it, if none can.
    private(set) var refusal: String?

    public init(
        _ parameters: [TemplateParameter] = [], variadic: Bool = false,
        _ body: @escaping @Sendable (TemplateCall) throws -> TemplateValue
    ) {
        self.parameters = parameters
        isVariadic = variadic && !parameters.isEmpty
        self.body = body
    }

    /// A method without arguments that has two results or more, of these types: calls are errors.
    init(results: [String], of name: String) {
        self.init { _ in .null }
        refusal =
            results.count == 2
            ? "invalid function signature for \(name): second return value should be error; is "
                + results[1]
            : "function \(name) has \(results.count) return values; should be 1 or 2"
    }
}

/// One call of a function: its arguments, and the execution that it takes part in.
public struct TemplateCall {
    public let arguments: [TemplateValue]
    let execution: Execution
    /// How the first argument is written; nil where it came through a pipe, and in calls by functions.
    var firstTerm: Term?

    /// What was handed to `execute` for the functions: what belongs to one execution alone.
    public var context: Any? { execution.context }

    /// Argument `index` as text; "" where it is none.
    public func string(_ index: Int) -> String {
        arguments.indices.contains(index) ? arguments[index].text ?? "" : ""
    }

    /// Argument `index` as float; 0 where it is none.
    public func float(_ index: Int) -> Double {
        guard arguments.indices.contains(index) else { return 0 }
        return switch arguments[index] {
        case .float(let value): value
        case .int(let value): Double(value)
        default: 0
        }
    }

    /// Argument `index` as list of texts; others than texts are left out.
    public func strings(_ index: Int) -> [String] {
        guard arguments.indices.contains(index), case .list(let list) = arguments[index].underlying
        else { return [] }
        return list.elements.compactMap(\.text)
    }

    /// Argument `index` as bytes; none where it is no list of them.
    func bytes(_ index: Int) -> [UInt8] {
        guard arguments.indices.contains(index), case .list(let list) = arguments[index].underlying
        else { return [] }
        return list.bytes ?? []
    }

    /// Counts `bytes` of work against `TemplateLimits.workBytes`: for functions whose result may be
    /// much larger than their arguments, before they make it.
    public func charge(bytes: Int) throws { try execution.charge(bytes) }

    /// The most that the execution may write: no result of a function is larger.
    public var maximumOutput: Int { execution.limits.outputBytes }

    /// The limit of `charge`.
    public var maximumWork: Int { execution.limits.workBytes }

    /// What `fmt.Sprint` makes of a value.
    public func print(_ value: TemplateValue) throws -> String {
        var format = GoFormat(limit: execution.limits.outputBytes)
        try format.print([value])
        return format.text
    }

    /// Executes the set's template `name`.
    public func execute(_ name: String, _ data: TemplateValue) throws -> String {
        try execution.nested(name, data)
    }

    /// A regular expression, compiled once an execution.
    public func regex(_ pattern: String) throws -> LinearRegex {
        try execution.regex(pattern)
    }
}

/// Why a function refused its arguments.
public struct TemplateFunctionError: Error, CustomStringConvertible, Sendable {
    public let description: String
    /// The member of `TemplateLimits` that was exceeded, if that is why.
    public let limit: String?

    public init(_ description: String, limit: String? = nil) {
        self.description = description
        self.limit = limit
    }
}

extension TemplateError {
    /// Says that a member of `TemplateLimits` was exceeded.
    public static func limit(_ name: String, _ value: Int) -> TemplateFunctionError {
        TemplateFunctionError("the limit \(name) of \(value) is exceeded", limit: name)
    }
}
