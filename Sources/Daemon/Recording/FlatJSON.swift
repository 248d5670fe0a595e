import Model

/// A pull reader of JSON for the lines of a recording: their bodies are megabytes of escaped text in
/// all, which a general decoder would copy several times over.
struct FlatJSON: ~Escapable {
    private let input: Span<UInt8>
    private var index = 0

    /// How deep values that are skipped may nest.
    static let maximumDepth = 64

    struct SyntaxError: Error, CustomStringConvertible {
        let description: String

        init(_ message: String, at index: Int) {
            description = "\(index + 1): \(message)"
        }
    }

    @_lifetime(copy input)
    init(_ input: Span<UInt8>) { self.input = input }

    /// Reads an object, calling `member` at each value, which must read or skip it.
    mutating func object(
        _ member: (String, inout FlatJSON) throws(SyntaxError) -> Void
    ) throws(SyntaxError) {
        try expect(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return }
        repeat {
            let key = try string()
            try expect(UInt8(ascii: ":"))
            try member(key, &self)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    mutating func string() throws(SyntaxError) -> String {
        String(decoding: try bytes(), as: UTF8.self)
    }

    /// A string's content, unescaped.
    mutating func bytes() throws(SyntaxError) -> [UInt8] {
        try expect(UInt8(ascii: "\""))
        var out: [UInt8] = []
        let count = input.count
        var run = index
        while index < count {
            let byte = input[index]
            if byte == UInt8(ascii: "\"") {
                append(run..<index, to: &out)
                index += 1
                return out
            }
            if byte == UInt8(ascii: "\\") {
                append(run..<index, to: &out)
                index += 1
                try escape(into: &out)
                run = index
            } else {
                index += 1
            }
        }
        throw SyntaxError("the string does not end", at: index)
    }

    private func append(_ range: Range<Int>, to out: inout [UInt8]) {
        if range.isEmpty { return }
        unsafe input.extracting(range).withUnsafeBufferPointer {
            unsafe out.append(contentsOf: $0)
        }
    }

    private mutating func escape(into out: inout [UInt8]) throws(SyntaxError) {
        guard index < input.count else { throw SyntaxError("the string does not end", at: index) }
        let byte = input[index]
        index += 1
        switch byte {
        case UInt8(ascii: "n"): out.append(0x0a)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "r"): out.append(0x0d)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0c)
        case UInt8(ascii: "u"):
            var value = try hex4()
            if (0xd800..<0xdc00).contains(value), index + 1 < input.count,
                input[index] == UInt8(ascii: "\\"), input[index + 1] == UInt8(ascii: "u")
            {
                index += 2
                let low = try hex4()
                if (0xdc00..<0xe000).contains(low) {
                    value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
                }
            }
            let scalar = Unicode.Scalar(value) ?? "\u{fffd}"
            out.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
        default: throw SyntaxError("an unknown escape", at: index - 1)
        }
    }

    private mutating func hex4() throws(SyntaxError) -> UInt32 {
        guard index + 4 <= input.count else { throw SyntaxError("a short \\u escape", at: index) }
        var value: UInt32 = 0
        for offset in 0..<4 {
            switch input[index + offset] {
            case let digit where (0x30...0x39).contains(digit):
                value = value << 4 | UInt32(digit - 0x30)
            case let digit where (0x61...0x66).contains(digit | 0x20):
                value = value << 4 | UInt32((digit | 0x20) - 0x61 + 10)
            default: throw SyntaxError("a \\u escape without four digits", at: index)
            }
        }
        index += 4
        return value
    }

    mutating func number() throws(SyntaxError) -> Double {
        skipSpace()
        let start = index
        while index < input.count, "+-.eE0123456789".utf8.contains(input[index]) { index += 1 }
        guard let value = GoFloat.parse(input.extracting(start..<index)) else {
            throw SyntaxError("a number was expected", at: start)
        }
        return value
    }

    mutating func bool() throws(SyntaxError) -> Bool {
        if takeWord("true") { return true }
        if takeWord("false") { return false }
        throw SyntaxError("true or false was expected", at: index)
    }

    /// Passes over any value.
    mutating func skip(depth: Int = 0) throws(SyntaxError) {
        if depth > FlatJSON.maximumDepth {
            throw SyntaxError("nested deeper than the limit maximumDepth", at: index)
        }
        skipSpace()
        guard index < input.count else { throw SyntaxError("a value was expected", at: index) }
        switch input[index] {
        case UInt8(ascii: "{"):
            try object { (_, json) throws(SyntaxError) in try json.skip(depth: depth + 1) }
        case UInt8(ascii: "["):
            index += 1
            if take(UInt8(ascii: "]")) { return }
            repeat { try skip(depth: depth + 1) } while take(UInt8(ascii: ","))
            try expect(UInt8(ascii: "]"))
        case UInt8(ascii: "\""): _ = try bytes()
        case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
        case UInt8(ascii: "n"):
            if !takeWord("null") { throw SyntaxError("a value was expected", at: index) }
        default: _ = try number()
        }
    }

    mutating func end() throws(SyntaxError) {
        skipSpace()
        if index != input.count { throw SyntaxError("something follows the object", at: index) }
    }

    private mutating func skipSpace() {
        while index < input.count, input[index] == 0x20 || (0x09...0x0d).contains(input[index]) {
            index += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard index < input.count, input[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func takeWord(_ word: StaticString) -> Bool {
        skipSpace()
        let text = word.description.utf8
        guard index + text.count <= input.count else { return false }
        var position = index
        for byte in text {
            if input[position] != byte { return false }
            position += 1
        }
        index = position
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(SyntaxError) {
        if !take(byte) {
            throw SyntaxError("'\(Unicode.Scalar(byte))' was expected", at: index)
        }
    }
}
