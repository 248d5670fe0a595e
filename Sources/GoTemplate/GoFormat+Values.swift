import Model

/// How values of each type are written, and texts.
extension GoFormat {
    // Values are no higher than `TemplateLimits.valueHeight`, which bounds the recursion.
    mutating func write(
        _ value: TemplateValue, _ verb: Unicode.Scalar, _ flags: Flags, isElement: Bool = false
    ) throws(TemplateFunctionError) {
        if verb == "T", !isElement {
            if case .null = value { return try pad("<nil>", flags) }
            return try string(value.typeName, "s", flags, value)
        }
        // `%w` is for errors and `%p` for what has an address: others are refused as a whole.
        if verb == "w" || verb == "p", !isElement, !value.isNull {
            switch value.underlying {
            case .list, .map, .function:
                if verb == "p" { return try put("0x0") }
            default: break
            }
            return try bad(value, verb, flags)
        }
        switch value {
        case .null:
            if isElement {
                try put(flags.isSyntax ? "interface {}(nil)" : "<nil>")
            } else if verb == "v" {
                try pad("<nil>", flags)
            } else {
                try put("%!\(verb)(<nil>)")
            }
        case .object(let object): try write(object, verb, flags, value)
        default: try plain(value, verb, flags, value)
        }
    }

    /// `whole` is what `value` stands beneath, for the name of its type.
    private mutating func plain(
        _ value: TemplateValue, _ verb: Unicode.Scalar, _ flags: Flags, _ whole: TemplateValue
    ) throws(TemplateFunctionError) {
        switch value {
        case .bool(let flag):
            if verb == "v" || verb == "t" {
                try pad(flag ? "true" : "false", flags)
            } else {
                try bad(whole, verb, flags)
            }
        case .int(let number): try integer(number, verb, flags, whole)
        case .float(let number): try float(number, verb, flags, whole)
        case .complex(let real, let imaginary):
            try complex(real, imaginary, verb, flags, whole)
        case .string(let text): try string(text, verb, flags, whole)
        case .safe(let safe): try string(safe.text, verb, flags, whole)
        case .list(let list): try write(list, verb, flags, whole)
        case .map(let map): try write(map, verb, flags, whole)
        case .function: try put(verb == "v" ? "0x0" : "%!\(verb)(func=0x0)")
        case .null, .object: try write(value, verb, flags)
        }
    }

    private mutating func write(
        _ list: TemplateList, _ verb: Unicode.Scalar, _ flags: Flags, _ whole: TemplateValue
    ) throws(TemplateFunctionError) {
        if let bytes = list.bytes, flags.isSyntax || "sqxX".unicodeScalars.contains(verb) {
            return try write(bytes, verb, flags, whole)
        }
        try put(flags.isSyntax ? whole.typeName + "{" : "[")
        for (index, element) in list.elements.enumerated() {
            if index > 0 { try put(flags.isSyntax ? ", " : " ") }
            try write(element, verb, flags, isElement: true)
        }
        try put(flags.isSyntax ? "}" : "]")
    }

    /// Bytes as a text, or in Go's syntax.
    private mutating func write(
        _ bytes: [UInt8], _ verb: Unicode.Scalar, _ flags: Flags, _ whole: TemplateValue
    ) throws(TemplateFunctionError) {
        if flags.isSyntax {
            let digits = bytes.map { "0x" + String($0, radix: 16) }
            return try put("[]byte{" + digits.joined(separator: ", ") + "}")
        }
        if verb == "x" || verb == "X" { return try pad(try hex(bytes, verb, flags), flags) }
        try string(String(decoding: bytes, as: UTF8.self), verb, flags, whole)
    }

    private mutating func write(
        _ map: TemplateMap, _ verb: Unicode.Scalar, _ flags: Flags, _ whole: TemplateValue
    ) throws(TemplateFunctionError) {
        try put(flags.isSyntax ? whole.typeName + "{" : "map[")
        for (index, entry) in map.entries.enumerated() {
            if index > 0 { try put(flags.isSyntax ? ", " : " ") }
            try write(.string(entry.key), verb, flags, isElement: true)
            try put(":")
            try write(entry.value, verb, flags, isElement: true)
        }
        try put(flags.isSyntax ? "}" : "]")
    }

    private mutating func write(
        _ object: any TemplateObject, _ verb: Unicode.Scalar, _ flags: Flags,
        _ whole: TemplateValue
    ) throws(TemplateFunctionError) {
        // A value that shows itself does so in Go's syntax too, only not by the same method.
        if let text = object.formatted, "vsxXq".unicodeScalars.contains(verb), !flags.isSyntax {
            return try string(text, verb, flags, .string(text))
        }
        if let inner = object.underlying { return try plain(inner, verb, flags, whole) }
        try put(flags.isSyntax ? object.typeName + "{" : "{")
        for (index, field) in object.fields.enumerated() {
            if index > 0 { try put(flags.isSyntax ? ", " : " ") }
            if flags.namesFields || flags.isSyntax { try put(field.name + ":") }
            try write(field.value, verb, flags, isElement: true)
        }
        try put("}")
    }

    /// A verb that does not fit: the value as `%v` shows it, with the same flags.
    mutating func bad(
        _ value: TemplateValue, _ verb: Unicode.Scalar, _ flags: Flags
    ) throws(TemplateFunctionError) {
        try put("%!\(verb)(\(value.typeName)=")
        // Not by the method that shows it.
        try plain(value.underlying, "v", flags, value)
        try put(")")
    }

    // MARK: Texts

    mutating func string(
        _ text: String, _ verb: Unicode.Scalar, _ flags: Flags, _ whole: TemplateValue
    ) throws(TemplateFunctionError) {
        var cut = text
        if let precision = flags.precision, verb != "x", verb != "X" {
            cut = String(String.UnicodeScalarView(text.unicodeScalars.prefix(precision)))
        }
        switch verb {
        case "v" where flags.isSyntax: try pad(cut.goQuoted, flags)
        case "v", "s": try pad(cut, flags)
        case "q":
            let canBackquote = !cut.unicodeScalars.contains {
                ($0.value < 0x20 && $0 != "\t") || ["`", "\u{7f}", "\u{feff}"].contains($0)
            }
            if flags.sharp, canBackquote {
                try pad("`\(cut)`", flags)
            } else {
                try pad(flags.plus ? GoFormat.ascii(cut.goQuoted) : cut.goQuoted, flags)
            }
        case "x", "X": try pad(try hex(Array(text.utf8), verb, flags), flags)
        default: try bad(whole, verb, flags)
        }
    }

    static func ascii(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x80 {
                result.unicodeScalars.append(scalar)
            } else {
                let hex = String(scalar.value, radix: 16)
                let width = scalar.value > 0xffff ? 8 : 4
                result += (width == 8 ? "\\U" : "\\u") + zeros(width - hex.utf8.count) + hex
            }
        }
        return result
    }

    private func hex(
        _ all: [UInt8], _ verb: Unicode.Scalar, _ flags: Flags
    ) throws(TemplateFunctionError) -> String {
        var bytes = all
        if let precision = flags.precision { bytes = Array(bytes.prefix(precision)) }
        if bytes.count > limit / 5 { throw TemplateError.limit("outputBytes", limit) }
        let prefix = flags.sharp ? (verb == "x" ? "0x" : "0X") : ""
        let pairs = bytes.map { byte in
            let digits = String(byte, radix: 16, uppercase: verb == "X")
            return digits.utf8.count == 1 ? "0" + digits : digits
        }
        if bytes.isEmpty { return "" }
        if flags.space { return pairs.map { prefix + $0 }.joined(separator: " ") }
        return prefix + pairs.joined()
    }
}
