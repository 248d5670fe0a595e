import Model

/// The functions that every template has.
enum Builtins {
    static let names: Set<String> = Set(functions.keys).union(["and", "or"])

    static let functions: [String: TemplateFunction] =
        texts.merging(values) { $1 }.merging(comparisons) { $1 }

    private static let texts: [String: TemplateFunction] = [
        "html": TemplateFunction([.any], variadic: true) { call in
            .string(Escapes.html(try joined(call)))
        },
        "js": TemplateFunction([.any], variadic: true) { .string(Escapes.js(try joined($0))) },
        "urlquery": TemplateFunction([.any], variadic: true) { call in
            .string(Escapes.urlQuery(try joined(call)))
        },
        "print": TemplateFunction([.any], variadic: true) { call in
            .string(try format(call) { try $0.print(call.arguments) })
        },
        "printf": TemplateFunction([.string, .any], variadic: true) { call in
            .string(
                try format(call) {
                    try $0.printf(call.string(0), Array(call.arguments.dropFirst()))
                })
        },
        "println": TemplateFunction([.any], variadic: true) { call in
            .string(try format(call) { try $0.println(call.arguments) })
        },
    ]

    private static let values: [String: TemplateFunction] = [
        "call": TemplateFunction([.any, .any], variadic: true) { try Builtins.call($0) },
        "index": TemplateFunction([.any, .any], variadic: true) { try index($0.arguments) },
        "slice": TemplateFunction([.any, .any], variadic: true) { try slice($0.arguments) },
        "len": TemplateFunction([.any]) { .int(Int64(try length($0.arguments[0]))) },
        "not": TemplateFunction([.any]) { .bool(!$0.arguments[0].isTrue) },
    ]

    private static let comparisons: [String: TemplateFunction] = [
        "eq": TemplateFunction([.any, .any], variadic: true) {
            .bool(try Compare.eq($0.arguments))
        },
        "ne": TemplateFunction([.any, .any]) { .bool(try !Compare.eq($0.arguments)) },
        "lt": TemplateFunction([.any, .any]) {
            .bool(try Compare.lt($0.arguments[0], $0.arguments[1]))
        },
        "le": TemplateFunction([.any, .any]) {
            .bool(try Compare.le($0.arguments[0], $0.arguments[1]))
        },
        // As in Go these are the opposites of le and lt, for NaN too.
        "gt": TemplateFunction([.any, .any]) {
            .bool(try !Compare.le($0.arguments[0], $0.arguments[1]))
        },
        "ge": TemplateFunction([.any, .any]) {
            .bool(try !Compare.lt($0.arguments[0], $0.arguments[1]))
        },
    ]

    private static func call(_ call: TemplateCall) throws -> TemplateValue {
        guard case .function(let function)? = call.arguments.first else {
            throw TemplateFunctionError(nonFunction(call))
        }
        let name = callee(call)
        let arguments = Array(call.arguments.dropFirst())
        let wanted = function.parameters.count
        if function.isVariadic ? arguments.count < wanted - 1 : arguments.count != wanted {
            let least = function.isVariadic ? "at least \(wanted - 1)" : "\(wanted)"
            throw TemplateFunctionError(
                "wrong number of args for \(name): got \(arguments.count) want \(least)")
        }
        for (index, argument) in arguments.enumerated() {
            let parameter = function.parameters[min(index, wanted - 1)]
            if !parameter.takes(argument) {
                throw TemplateFunctionError(
                    "arg \(index): value has type \(argument.typeName); should be "
                        + parameter.typeName)
            }
        }
        return try function.body(TemplateCall(arguments: arguments, execution: call.execution))
    }

    private static func nonFunction(_ call: TemplateCall) -> String {
        guard let first = call.arguments.first else { return "call of nil" }
        if case .null = first { return "call of nil" }
        return "non-function \(callee(call)) of type \(first.typeName)"
    }

    /// What is called, as it is written; as Go's reflection shows it where it came through a pipe.
    private static func callee(_ call: TemplateCall) -> String {
        if let term = call.firstTerm { return term.description }
        guard let first = call.arguments.first else { return "" }
        return first.text ?? "<\(first.typeName) Value>"
    }

    private static func format(
        _ call: TemplateCall, _ body: (inout GoFormat) throws -> Void
    ) throws -> String {
        var format = GoFormat(limit: call.execution.limits.outputBytes)
        try body(&format)
        return format.text
    }

    /// The arguments as one text: a single text as it is, else as `print` shows them.
    private static func joined(_ call: TemplateCall) throws -> String {
        if call.arguments.count == 1, let text = call.arguments[0].text { return text }
        let shown = call.arguments.map { argument in
            if case .null = argument { TemplateValue.string("<no value>") } else { argument }
        }
        return try format(call) { try $0.print(shown) }
    }

    private static func length(_ value: TemplateValue) throws -> Int {
        switch value.underlying {
        case .string(let text): return text.utf8.count
        case .safe(let safe): return safe.text.utf8.count
        case .list(let list): return list.elements.count
        case .map(let map): return map.entries.count
        case .null:
            throw TemplateFunctionError("reflect: call of reflect.Value.Type on zero Value")
        default: throw TemplateFunctionError("len of type \(value.typeName)")
        }
    }

    private static func index(_ arguments: [TemplateValue]) throws -> TemplateValue {
        guard var item = arguments.first else { return .null }
        if case .null = item { throw TemplateFunctionError("index of untyped nil") }
        for index in arguments.dropFirst() {
            switch item.underlying {
            case .list(let list):
                let position = try position(index, list.elements.count)
                guard position < list.elements.count else {
                    throw TemplateFunctionError("reflect: slice index out of range")
                }
                item = list.elements[position]
            case .map(let map):
                guard let key = index.underlying.text else {
                    if case .null = index {
                        throw TemplateFunctionError("value is nil; should be of type string")
                    }
                    throw TemplateFunctionError(
                        "value has type \(index.typeName); should be string")
                }
                item = map[key] ?? map.zero
            case .string, .safe:
                let bytes = Array((item.underlying.text ?? "").utf8)
                let position = try position(index, bytes.count)
                guard position < bytes.count else {
                    throw TemplateFunctionError("reflect: string index out of range")
                }
                item = .int(Int64(bytes[position]))
            case .null: throw TemplateFunctionError("index of nil pointer")
            default:
                throw TemplateFunctionError("can't index item of type \(item.typeName)")
            }
        }
        return item
    }

    private static func position(_ index: TemplateValue, _ count: Int) throws -> Int {
        switch index.underlying {
        case .int(let value):
            guard value >= 0, value <= Int64(count) else {
                throw TemplateFunctionError("index out of range: \(value)")
            }
            return Int(value)
        case .null: throw TemplateFunctionError("cannot index slice/array with nil")
        default:
            throw TemplateFunctionError(
                "cannot index slice/array with type \(index.typeName)")
        }
    }

    private static func slice(_ arguments: [TemplateValue]) throws -> TemplateValue {
        guard let item = arguments.first else { return .null }
        if case .null = item { throw TemplateFunctionError("slice of untyped nil") }
        let indexes = arguments.dropFirst()
        if indexes.count > 3 {
            throw TemplateFunctionError("too many slice indexes: \(indexes.count)")
        }
        let count: Int
        switch item.underlying {
        case .string, .safe:
            if indexes.count == 3 {
                throw TemplateFunctionError("cannot 3-index slice a string")
            }
            count = (item.underlying.text ?? "").utf8.count
        case .list(let list): count = list.elements.count
        default: throw TemplateFunctionError("can't slice item of type \(item.typeName)")
        }
        var bounds = [0, count, count]
        for (place, index) in indexes.enumerated() { bounds[place] = try position(index, count) }
        if indexes.count < 2 { bounds[1] = count }
        if bounds[0] > bounds[1] {
            throw TemplateFunctionError("invalid slice index: \(bounds[0]) > \(bounds[1])")
        }
        if indexes.count == 3, bounds[1] > bounds[2] {
            throw TemplateFunctionError("invalid slice index: \(bounds[1]) > \(bounds[2])")
        }
        switch item.underlying {
        case .list(let list):
            return .list(
                TemplateList(
                    Array(list.elements[bounds[0]..<bounds[1]]), typeName: list.typeName))
        default:
            let bytes = Array((item.underlying.text ?? "").utf8)[bounds[0]..<bounds[1]]
            return .string(String(decoding: bytes, as: UTF8.self))
        }
    }
}
