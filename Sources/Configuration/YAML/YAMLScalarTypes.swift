import Model

/// The types of unquoted scalars, as YAML 1.1 has them and Prometheus's parser reads them.
extension YAMLNode.Scalar {
    /// `true`, `yes`, `on`, `y` and their opposites, in lower case, capitals or capitalised.
    var boolean: Bool? {
        switch text {
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": true
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": false
        default: nil
        }
    }

    /// Decimal, or octal, hexadecimal, binary by their prefix; underscores between digits.
    var integer: Int64? {
        let plain = text.filter { $0 != "_" }
        if plain.isEmpty || plain.hasPrefix("_") { return nil }
        let negative = plain.hasPrefix("-")
        let digits = plain.hasPrefix("-") || plain.hasPrefix("+") ? plain.dropFirst() : plain[...]
        func parse(_ part: Substring, _ radix: Int) -> Int64? {
            if part.isEmpty || part.hasPrefix("-") || part.hasPrefix("+") { return nil }
            return Int64((negative ? "-" : "") + part, radix: radix)
        }
        if digits.hasPrefix("0x") { return parse(digits.dropFirst(2), 16) }
        if digits.hasPrefix("0b") { return parse(digits.dropFirst(2), 2) }
        if digits.hasPrefix("0o") { return parse(digits.dropFirst(2), 8) }
        if digits.hasPrefix("0"), digits.utf8.count > 1 { return parse(digits.dropFirst(1), 8) }
        return parse(digits, 10)
    }

    /// A number; `.inf` and `.nan` too.
    var number: Double? {
        switch text {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
        case "-.inf", "-.Inf", "-.INF": return -.infinity
        case ".nan", ".NaN", ".NAN": return .nan
        default: break
        }
        if let integer { return Double(integer) }
        guard let first = text.utf8.first,
            (0x30...0x39).contains(first) || first == 0x2b || first == 0x2d || first == 0x2e,
            text.utf8.contains(where: { (0x30...0x39).contains($0) })
        else { return nil }
        return GoFloat.parse(text)
    }
}

extension YAMLNode {
    /// What it means where no type is expected.
    public var untyped: YAMLValue {
        switch content {
        case .sequence(let items): return .list(items.map(\.untyped))
        case .mapping(let entries):
            return .map(entries.map { YAMLValue.Entry($0.key, $0.value.untyped) })
        case .scalar(let scalar):
            if isNull { return .null }
            if !scalar.isPlain || tag == YAMLTag.text { return .text(scalar.text) }
            if let boolean = scalar.boolean { return .bool(boolean) }
            if let integer = scalar.integer { return .int(integer) }
            if let number = scalar.number { return .double(number) }
            return .text(scalar.text)
        }
    }
}
