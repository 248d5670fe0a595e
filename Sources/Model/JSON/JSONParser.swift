extension JSONNode {
    /// Reads a text that is one JSON value, with the rules and the error texts of Go's `encoding/json`:
    /// no byte order mark, no comma at an end, nothing behind the value; bytes that are no UTF-8 and halves
    /// of surrogate pairs become U+FFFD.
    public static func parse(
        _ bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONNode {
        var parser = JSONParser(bytes: bytes, limits: limits)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        if parser.index < bytes.count { throw parser.unexpected("after top-level value") }
        return value
    }
}

/// Reads values from bytes.
private struct JSONParser {
    let bytes: [UInt8]
    let limits: JSONLimits
    private(set) var index = 0

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d {
            index += 1
        }
    }

    /// The byte that comes next does not belong here, or there is none.
    func unexpected(_ context: String) -> JSONError {
        guard let byte = next else { return JSONError("unexpected end of JSON input", at: index) }
        let character =
            switch byte {
            case UInt8(ascii: "'"): "\\'"
            case UInt8(ascii: "\""): "\""
            default: String(Unicode.Scalar(byte)).goQuoted.dropFirst().dropLast().description
            }
        return JSONError("invalid character '\(character)' \(context)", at: index)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = next, UInt32(byte) == character.value else { return false }
        index += 1
        return true
    }

    mutating func value(depth: Int) throws(JSONError) -> JSONNode {
        if depth > limits.depth {
            throw JSONError("deeper than the limit depth of \(limits.depth)", at: index)
        }
        skipSpace()
        let start = index
        let content: JSONNode.Content
        switch next {
        case UInt8(ascii: "{"): content = .object(try members(depth: depth))
        case UInt8(ascii: "["): content = .array(try elements(depth: depth))
        case UInt8(ascii: "\""): content = .string(try string())
        case UInt8(ascii: "t"): content = try word("true", .bool(true))
        case UInt8(ascii: "f"): content = try word("false", .bool(false))
        case UInt8(ascii: "n"): content = try word("null", .null)
        case .some(UInt8(ascii: "-")), .some(0x30...0x39): content = .number(try number())
        default: throw unexpected("looking for beginning of value")
        }
        return JSONNode(content: content, offset: start)
    }

    private mutating func elements(depth: Int) throws(JSONError) -> [JSONNode] {
        index += 1
        skipSpace()
        if take("]") { return [] }
        var elements: [JSONNode] = []
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return elements }
            if !take(",") { throw unexpected("after array element") }
        }
    }

    private mutating func members(depth: Int) throws(JSONError) -> [JSONNode.Member] {
        index += 1
        skipSpace()
        if take("}") { return [] }
        var members: [JSONNode.Member] = []
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else {
                throw unexpected("looking for beginning of object key string")
            }
            let name = try string()
            skipSpace()
            if !take(":") { throw unexpected("after object key") }
            members.append(JSONNode.Member(name: name, value: try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return members }
            if !take(",") { throw unexpected("after object key:value pair") }
        }
    }

    private mutating func word(
        _ word: String, _ content: JSONNode.Content
    ) throws(JSONError) -> JSONNode.Content {
        for scalar in word.unicodeScalars where !take(scalar) {
            throw unexpected("in literal \(word) (expecting '\(scalar)')")
        }
        return content
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) -> String {
        let start = index
        _ = take("-")
        if !take("0") { try digits("in numeric literal") }
        if take(".") { try digits("after decimal point in numeric literal") }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits("in exponent of numeric literal")
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// One digit or more.
    private mutating func digits(_ context: String) throws(JSONError) {
        guard let first = next, (0x30...0x39).contains(first) else { throw unexpected(context) }
        while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        index += 1
        var text = String.UnicodeScalarView()
        while true {
            switch next {
            case UInt8(ascii: "\""):
                index += 1
                return String(text)
            case UInt8(ascii: "\\"):
                index += 1
                text.append(try escaped())
            case .some(0x20...0x7f):
                text.append(Unicode.Scalar(bytes[index]))
                index += 1
            case .some(0x80...): text.append(scalar())
            default: throw unexpected("in string literal")
            }
        }
    }

    /// The scalar that begins here; U+FFFD, and one byte on, where the bytes are none.
    private mutating func scalar() -> Unicode.Scalar {
        let count =
            switch bytes[index] {
            case 0xc2...0xdf: 2
            case 0xe0...0xef: 3
            case 0xf0...0xf4: 4
            default: 1
            }
        let sequence = bytes[index...].prefix(count)
        guard count > 1, sequence.count == count,
            let scalar = String(validating: sequence, as: UTF8.self)?.unicodeScalars.first
        else {
            index += 1
            return "\u{fffd}"
        }
        index += count
        return scalar
    }

    private mutating func escaped() throws(JSONError) -> Unicode.Scalar {
        let scalar: Unicode.Scalar
        switch next {
        case UInt8(ascii: "b"): scalar = "\u{8}"
        case UInt8(ascii: "f"): scalar = "\u{c}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        case UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "\""):
            scalar = Unicode.Scalar(bytes[index])
        case UInt8(ascii: "u"):
            index += 1
            return try unicode()
        default: throw unexpected("in string escape code")
        }
        index += 1
        return scalar
    }

    /// What follows `\u`, together with a second half behind a first one.
    private mutating func unicode() throws(JSONError) -> Unicode.Scalar {
        let unit = try hexadecimal()
        guard (0xd800..<0xdc00).contains(unit) else { return Unicode.Scalar(unit) ?? "\u{fffd}" }
        let behind = index
        if take("\\"), take("u") {
            let second = try hexadecimal()
            if (0xdc00..<0xe000).contains(second) {
                let value = 0x10000 + (unit - 0xd800) << 10 + (second - 0xdc00)
                return Unicode.Scalar(value) ?? "\u{fffd}"
            }
        }
        index = behind
        return "\u{fffd}"
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw unexpected("in \\u hexadecimal character escape")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}
