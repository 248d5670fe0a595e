import Model

/// The functions that every template has.
enum Builtins {
    static let names: Set<String> = Set(functions.keys).union(["and", "or"])

    static let functions: [String: TemplateFunction] = [
        "call": TemplateFunction([.any, .any], variadic: true) { call in
            guard case .function(let function)? = call.arguments.first else {
                throw TemplateFunctionError(nonFunction(call))
            }
            let arguments = Array(call.arguments.dropFirst())
            let wanted = function.parameters.count
            if function.isVariadic ? arguments.count < wanted - 1 : arguments.count != wanted {
                let least = function.isVariadic ? "at least \(wanted - 1)" : "\(wanted)"
                throw TemplateFunctionError(
                    "wrong number of args: got \(arguments.count) want \(least)")
            }
            for (index, argument) in arguments.enumerated() {
                let parameter = function.parameters[min(index, wanted - 1)]
                if !parameter.takes(argument) {
                    throw TemplateFunctionError(
                        "arg \(index): value has type \(argument.typeName); should be "
                            + parameter.typeName)
                }
            }
            return try function.body(
                TemplateCall(arguments: arguments, execution: call.execution))
        },
        "html": TemplateFunction([.any], variadic: true) { call in
            .string(Escapes.html(try joined(call)))
        },
        "index": TemplateFunction([.any, .any], variadic: true) { try index($0.arguments) },
        "slice": TemplateFunction([.any, .any], variadic: true) { try slice($0.arguments) },
        "js": TemplateFunction([.any], variadic: true) { .string(Escapes.js(try joined($0))) },
        "len": TemplateFunction([.any]) { .int(Int64(try length($0.arguments[0]))) },
        "not": TemplateFunction([.any]) { .bool(!$0.arguments[0].isTrue) },
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
        "urlquery": TemplateFunction([.any], variadic: true) { call in
            .string(Escapes.urlQuery(try joined(call)))
        },
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

    private static func nonFunction(_ call: TemplateCall) -> String {
        guard let first = call.arguments.first else { return "call of nil" }
        if case .null = first { return "call of nil" }
        return "non-function of type \(first.typeName)"
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

/// Go's comparison functions.
private enum Compare {
    private enum Kind { case none, bool, int, float, string, other }

    private static func kind(_ value: TemplateValue) -> Kind {
        switch value.underlying {
        case .null: .none
        case .bool: .bool
        case .int: .int
        case .float: .float
        case .string, .safe: .string
        default: .other
        }
    }

    private static let incompatible = TemplateFunctionError("incompatible types for comparison")
    private static let invalid = TemplateFunctionError("invalid type for comparison")

    static func eq(_ arguments: [TemplateValue]) throws -> Bool {
        guard let first = arguments.first, arguments.count > 1 else {
            throw TemplateFunctionError("missing argument for comparison")
        }
        for other in arguments.dropFirst() {
            let (a, b) = (kind(first), kind(other))
            if a != b {
                if a != .none && b != .none { throw incompatible }
                continue
            }
            if a == .other { throw nonComparable(first, other) }
            if a == .none || equal(first.underlying, other.underlying) { return true }
        }
        return false
    }

    private static func nonComparable(
        _ first: TemplateValue, _ other: TemplateValue
    ) -> TemplateFunctionError {
        func shown(_ value: TemplateValue, _ verb: String) -> String {
            var format = GoFormat(limit: TemplateLimits().outputBytes)
            do { try format.printf(verb, [value]) } catch { return error.description }
            return format.text
        }
        let isSameKind =
            switch (first.underlying, other.underlying) {
            case (.list, .list), (.map, .map), (.object, .object), (.function, .function): true
            default: false
            }
        return TemplateFunctionError(
            isSameKind
                ? "non-comparable type \(shown(other, "%s")): \(other.typeName)"
                : "non-comparable types \(shown(first, "%s")): \(first.typeName), "
                    + "\(other.typeName): \(shown(other, "%v"))")
    }

    private static func equal(_ a: TemplateValue, _ b: TemplateValue) -> Bool {
        switch (a, b) {
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.float(let a), .float(let b)): a == b
        default: (a.text ?? "").bytesEqual(b.text ?? "")
        }
    }

    static func lt(_ a: TemplateValue, _ b: TemplateValue) throws -> Bool {
        let (left, right) = (kind(a), kind(b))
        if left == .none || right == .none || left == .other || right == .other { throw invalid }
        if left != right { throw incompatible }
        switch (a.underlying, b.underlying) {
        case (.bool, _): throw invalid
        case (.int(let a), .int(let b)): return a < b
        case (.float(let a), .float(let b)): return a < b
        default: return (a.underlying.text ?? "").byteOrder(b.underlying.text ?? "") < 0
        }
    }

    static func le(_ a: TemplateValue, _ b: TemplateValue) throws -> Bool {
        if try lt(a, b) { return true }
        return try eq([a, b])
    }
}
