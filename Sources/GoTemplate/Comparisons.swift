import Model

/// Go's comparison functions.
enum Compare {
    private enum Kind { case none, bool, int, float, complex, string, other }

    private static func kind(_ value: TemplateValue) -> Kind {
        switch value.underlying {
        case .null: .none
        case .bool: .bool
        case .int: .int
        case .float: .float
        case .complex: .complex
        case .string, .safe: .string
        default: .other
        }
    }

    private static func incompatible(
        _ a: TemplateValue, _ b: TemplateValue
    ) -> TemplateFunctionError {
        TemplateFunctionError(
            "incompatible types for comparison: \(a.typeName) and \(b.typeName)")
    }
    private static let invalid = TemplateFunctionError("invalid type for comparison")

    static func eq(_ arguments: [TemplateValue]) throws -> Bool {
        guard let first = arguments.first, arguments.count > 1 else {
            throw TemplateFunctionError("missing argument for comparison")
        }
        for other in arguments.dropFirst() {
            let (a, b) = (kind(first), kind(other))
            if a != b {
                if a != .none && b != .none { throw incompatible(first, other) }
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
        case (.complex(let a, let c), .complex(let b, let d)): a == b && c == d
        default: (a.text ?? "").bytesEqual(b.text ?? "")
        }
    }

    static func lt(_ a: TemplateValue, _ b: TemplateValue) throws -> Bool {
        let (left, right) = (kind(a), kind(b))
        if left == .none || right == .none || left == .other || right == .other { throw invalid }
        if left != right { throw incompatible(a, b) }
        switch (a.underlying, b.underlying) {
        case (.bool, _), (.complex, _): throw invalid
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
