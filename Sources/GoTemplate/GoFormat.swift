import Model

/// Go's `fmt.Sprint`, `Sprintln` and `Sprintf` over template values: the walk through a format.
struct GoFormat {
    private(set) var out: [UInt8] = []
    let limit: Int

    /// Widths and precisions beyond this are refused as bad, as in Go.
    private static let maximumWidth: Int64 = 1_000_000

    /// A formatter that throws where its output grows beyond `limit` bytes.
    init(limit: Int) { self.limit = limit }

    var text: String { String(decoding: out, as: UTF8.self) }

    /// With spaces between operands where neither is a text.
    mutating func print(_ values: [TemplateValue]) throws(TemplateFunctionError) {
        var previousIsText = false
        for (index, value) in values.enumerated() {
            let isText = value.underlying.text != nil
            if index > 0, !isText, !previousIsText { try put(" ") }
            previousIsText = isText
            try write(value, "v", Flags())
        }
    }

    /// With spaces between all operands, and a newline.
    mutating func println(_ values: [TemplateValue]) throws(TemplateFunctionError) {
        for (index, value) in values.enumerated() {
            if index > 0 { try put(" ") }
            try write(value, "v", Flags())
        }
        try put("\n")
    }

    // MARK: Format strings

    struct Flags {
        var minus = false
        var plus = false
        var sharp = false
        var space = false
        var zero = false
        /// `%+v` and `%#v`, which are formats of their own: `plus` and `sharp` are off then.
        var namesFields = false
        var isSyntax = false
        var width: Int?
        var precision: Int?

        /// Padded on the left, with zeros where they were asked for.
        var padsZeros: Bool { zero && !minus }
    }

    /// The format, and the operands of one `printf`.
    private struct Cursor {
        let format: [Unicode.Scalar]
        var index = 0
        let values: [TemplateValue]
        var next = 0
        /// Whether an operand's number was named anywhere.
        var reordered = false
        /// Whether the numbers named in the current directive are fine.
        var goodNumber = true
        /// Whether a number was just named.
        var afterNumber = false

        var current: Unicode.Scalar? { index < format.count ? format[index] : nil }
    }

    mutating func printf(
        _ format: String, _ values: [TemplateValue]
    ) throws(TemplateFunctionError) {
        var cursor = Cursor(format: Array(format.unicodeScalars), values: values)
        while cursor.index < cursor.format.count {
            let text = cursor.format[cursor.index...].prefix { $0 != "%" }
            try put(String(String.UnicodeScalarView(text)))
            cursor.index = text.endIndex + 1
            if text.endIndex == cursor.format.count { break }
            var flags = try directive(&cursor)
            guard let verb = cursor.current else {
                try put("%!(NOVERB)")
                break
            }
            cursor.index += 1
            if verb == "%" {
                try put("%")
            } else if !cursor.goodNumber {
                try put("%!\(verb)(BADINDEX)")
            } else if cursor.next >= values.count {
                try put("%!\(verb)(MISSING)")
            } else {
                if verb == "v" || verb == "w" {
                    (flags.namesFields, flags.isSyntax) = (flags.plus, flags.sharp)
                    (flags.plus, flags.sharp) = (false, false)
                }
                try write(values[cursor.next], verb, flags)
                cursor.next += 1
            }
        }
        if !cursor.reordered, cursor.next < values.count { try extra(values[cursor.next...]) }
    }

    private mutating func extra(
        _ values: ArraySlice<TemplateValue>
    ) throws(TemplateFunctionError) {
        try put("%!(EXTRA ")
        for (place, value) in values.enumerated() {
            if place > 0 { try put(", ") }
            if case .null = value {
                try put("<nil>")
            } else {
                try put(value.typeName + "=")
                try write(value, "v", Flags())
            }
        }
        try put(")")
    }

    /// Flags, width and precision; leaves the cursor at the verb.
    private mutating func directive(
        _ cursor: inout Cursor
    ) throws(TemplateFunctionError) -> Flags {
        var flags = Flags()
        cursor.goodNumber = true
        loop: while let scalar = cursor.current {
            switch scalar {
            case "#": flags.sharp = true
            case "0": flags.zero = true
            case "+": flags.plus = true
            case "-": flags.minus = true
            case " ": flags.space = true
            default: break loop
            }
            cursor.index += 1
        }
        try width(&cursor, &flags)
        try precision(&cursor, &flags)
        if !cursor.afterNumber { operandNumber(&cursor) }
        return flags
    }

    private mutating func width(
        _ cursor: inout Cursor, _ flags: inout Flags
    ) throws(TemplateFunctionError) {
        operandNumber(&cursor)
        guard cursor.current == "*" else {
            flags.width = number(&cursor)
            if cursor.afterNumber, flags.width != nil { cursor.goodNumber = false }
            return
        }
        cursor.index += 1
        if let width = star(&cursor) {
            flags.width = abs(width)
            if width < 0 { flags.minus = true }
        } else {
            try put("%!(BADWIDTH)")
        }
        cursor.afterNumber = false
    }

    private mutating func precision(
        _ cursor: inout Cursor, _ flags: inout Flags
    ) throws(TemplateFunctionError) {
        // A point at the very end is the verb.
        guard cursor.current == ".", cursor.index + 1 < cursor.format.count else { return }
        cursor.index += 1
        if cursor.afterNumber { cursor.goodNumber = false }
        operandNumber(&cursor)
        guard cursor.current == "*" else {
            flags.precision = number(&cursor) ?? 0
            return
        }
        cursor.index += 1
        if let precision = star(&cursor), precision >= 0 {
            flags.precision = precision
        } else {
            try put("%!(BADPREC)")
        }
        cursor.afterNumber = false
    }

    /// A number in the format; one that is too large swallows the rest of the format.
    private func number(_ cursor: inout Cursor) -> Int? {
        var value: Int64?
        while let scalar = cursor.current, ("0"..."9").contains(scalar) {
            if let value, value > GoFormat.maximumWidth {
                cursor.index = cursor.format.count
                return nil
            }
            value = (value ?? 0) * 10 + Int64(scalar.value - 0x30)
            cursor.index += 1
        }
        return value.map { Int($0) }
    }

    private func star(_ cursor: inout Cursor) -> Int? {
        guard cursor.next < cursor.values.count else { return nil }
        defer { cursor.next += 1 }
        guard case .int(let value) = cursor.values[cursor.next].underlying,
            value.magnitude <= GoFormat.maximumWidth.magnitude
        else { return nil }
        return Int(value)
    }

    /// `[3]`: the operand that comes next.
    private func operandNumber(_ cursor: inout Cursor) {
        cursor.afterNumber = false
        guard cursor.current == "[" else { return }
        cursor.reordered = true
        let rest = cursor.format[cursor.index...]
        guard rest.count >= 3, let close = rest.firstIndex(of: "]") else {
            cursor.goodNumber = false
            cursor.index += 1
            return
        }
        var inner = Cursor(format: Array(cursor.format[..<close]), values: [])
        inner.index = cursor.index + 1
        let value = number(&inner)
        let isNumber = value != nil && inner.index == close
        cursor.index = close + 1
        cursor.afterNumber = isNumber
        if isNumber, let value, value >= 1, value <= cursor.values.count {
            cursor.next = value - 1
        } else {
            cursor.goodNumber = false
        }
    }

    // MARK: Writing

    mutating func pad(_ text: String, _ flags: Flags) throws(TemplateFunctionError) {
        guard let width = flags.width else { return try put(text) }
        let missing = max(0, width - text.unicodeScalars.count)
        try reserve(missing)
        let filler = String(repeating: flags.padsZeros ? "0" : " ", count: missing)
        try put(flags.minus ? text + filler : filler + text)
    }

    /// Refuses to make what would be `count` bytes and more.
    func reserve(_ count: Int) throws(TemplateFunctionError) {
        if out.count + count > limit + 400 { throw TemplateError.limit("outputBytes", limit) }
    }

    mutating func put(_ text: String) throws(TemplateFunctionError) {
        out += Array(text.utf8)
        if out.count > limit { throw TemplateError.limit("outputBytes", limit) }
    }

    static func zeros(_ count: Int) -> String { String(repeating: "0", count: max(0, count)) }
}
