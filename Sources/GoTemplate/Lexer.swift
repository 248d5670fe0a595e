import Model

/// Cuts a template's text into tokens, one at a time.
struct Lexer {
    private let input: [UInt8]
    private var position = 0
    private var start = 0
    private var line = 1
    private var startLine = 1
    private var insideAction = false
    private var afterTrimmedDelimiter = false
    private var parens = 0
    private var failed: Token?
    private var pending: Token?

    init(_ input: [UInt8]) { self.input = input }

    private static let keywords: [String: Token.Kind] = [
        ".": .dot, "block": .block, "break": .breakLoop, "continue": .continueLoop,
        "define": .define, "else": .elseBranch, "end": .endBranch, "if": .ifBranch,
        "range": .range, "nil": .null, "template": .template, "with": .with,
    ]

    mutating func next() -> Token {
        if let failed { return failed }
        if let token = pending {
            pending = nil
            return token
        }
        while true {
            if let token = insideAction ? lexAction() : lexText() { return token }
        }
    }

    // MARK: Text

    /// The text up to the next delimiter, or what stands there. What comes behind a text is pending.
    private mutating func lexText() -> Token? {
        if afterTrimmedDelimiter {
            while position < input.count, input[position].isTemplateSpace { advance() }
            afterTrimmedDelimiter = false
            begin()
        }
        guard let delimiter = find("{{", from: position) else {
            if position == input.count { return emit(.end) }
            advance(to: input.count)
            return emit(.text)
        }
        let trims = hasTrimMarker(after: delimiter + 2)
        let text = lexText(before: delimiter, trims: trims)
        let afterMarker = delimiter + 2 + (trims ? 2 : 0)
        let next =
            has("/*", at: afterMarker)
            ? lexComment(at: afterMarker) : lexLeftDelimiter(upTo: afterMarker)
        guard let text else { return next }
        // An error in a comment too comes after the text before it.
        failed = nil
        pending = next
        return text
    }

    /// Moves to the delimiter; nil where no text is left before it.
    private mutating func lexText(before delimiter: Int, trims: Bool) -> Token? {
        var end = delimiter
        if trims {
            while end > start, input[end - 1].isTemplateSpace { end -= 1 }
        }
        var text: Token?
        if end > start {
            advance(to: end)
            text = emit(.text)
        }
        advance(to: delimiter)
        begin()
        return text
    }

    private mutating func lexLeftDelimiter(upTo end: Int) -> Token {
        advance(to: position + 2)
        let token = emit(.leftDelimiter)
        advance(to: end)
        begin()
        insideAction = true
        parens = 0
        return token
    }

    /// Passes over a comment; a token only where it is broken.
    private mutating func lexComment(at opening: Int) -> Token? {
        advance(to: opening)
        begin()
        guard let close = find("*/", from: position + 2) else { return error("unclosed comment") }
        let after = close + 2
        let trims =
            after + 1 < input.count && input[after].isTemplateSpace
            && input[after + 1] == 0x2d && has("}}", at: after + 2)
        guard trims || has("}}", at: after) else {
            return error("comment ends before closing delimiter")
        }
        advance(to: after + (trims ? 4 : 2))
        begin()
        afterTrimmedDelimiter = trims
        return nil
    }

    // MARK: Actions

    private mutating func lexAction() -> Token {
        if let trims = rightDelimiter(at: position) { return lexRightDelimiter(trims: trims) }
        guard position < input.count else { return error("unclosed action") }
        let byte = input[position]
        switch byte {
        case _ where byte.isTemplateSpace: return lexSpace()
        case UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: "|"), UInt8(ascii: "("),
            UInt8(ascii: ")"):
            advance()
            return lexPunctuation(byte)
        case UInt8(ascii: "\""):
            return lexQuoted(closing: byte, .string, "unterminated quoted string")
        case UInt8(ascii: "'"):
            return lexQuoted(closing: byte, .charConstant, "unterminated character constant")
        case UInt8(ascii: "`"): return lexRaw()
        case UInt8(ascii: "$"):
            advance()
            return lexName(.variable, bare: .variable)
        case UInt8(ascii: ".") where startsName(at: position + 1):
            advance()
            return lexName(.field, bare: .dot)
        case UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"), 0x30...0x39:
            return lexNumber()
        default: return lexWord()
        }
    }

    private mutating func lexRightDelimiter(trims: Bool) -> Token {
        if parens > 0 { return error("unclosed left paren") }
        if trims {
            advance(to: position + 2)
            begin()
        }
        advance(to: position + 2)
        insideAction = false
        afterTrimmedDelimiter = trims
        return emit(.rightDelimiter)
    }

    /// The token that begins with a byte that was passed.
    private mutating func lexPunctuation(_ byte: UInt8) -> Token {
        switch byte {
        case UInt8(ascii: "="): return emit(.assign)
        case UInt8(ascii: "|"): return emit(.pipe)
        case UInt8(ascii: "("):
            parens += 1
            return emit(.leftParen)
        case UInt8(ascii: ")"):
            parens -= 1
            return parens < 0 ? error("unexpected right paren") : emit(.rightParen)
        default:
            guard position < input.count, input[position] == UInt8(ascii: "=") else {
                return error("expected :=")
            }
            advance()
            return emit(.declare)
        }
    }

    /// An identifier, a keyword, or a character that stands for itself.
    private mutating func lexWord() -> Token {
        let scalar = scalar(at: position)
        if scalar.isTemplateAlphanumeric { return lexIdentifier() }
        guard input[position] < 0x80, scalar.isGoPrintable else {
            return error("unrecognized character in action: \(Lexer.unicode(scalar))")
        }
        advance()
        return emit(.char)
    }

    /// Whether a dot before `index` is a field's or the dot itself, and no number's point.
    private func startsName(at index: Int) -> Bool {
        index < input.count && !input[index].isTemplateDigit
    }

    private mutating func lexSpace() -> Token {
        while position < input.count, input[position].isTemplateSpace {
            // A space belongs to the trim marker of a right delimiter.
            if rightDelimiter(at: position) == true { break }
            advance()
        }
        return emit(.space)
    }

    private mutating func lexQuoted(
        closing: UInt8, _ kind: Token.Kind, _ message: String
    ) -> Token {
        advance()
        while position < input.count {
            let byte = input[position]
            if byte == UInt8(ascii: "\\") {
                advance()
                if position >= input.count || input[position] == 0x0a { break }
                advance()
                continue
            }
            if byte == 0x0a { break }
            advance()
            if byte == closing { return emit(kind) }
        }
        return error(message)
    }

    private mutating func lexRaw() -> Token {
        advance()
        while position < input.count {
            let byte = input[position]
            advance()
            if byte == UInt8(ascii: "`") { return emit(.rawString) }
        }
        return error("unterminated raw quoted string")
    }

    private mutating func lexName(_ kind: Token.Kind, bare: Token.Kind) -> Token {
        if atTerminator { return emit(bare) }
        skipAlphanumerics()
        guard atTerminator else {
            return error("bad character \(Lexer.unicode(scalar(at: position)))")
        }
        return emit(kind)
    }

    private mutating func lexIdentifier() -> Token {
        skipAlphanumerics()
        guard atTerminator else {
            return error("bad character \(Lexer.unicode(scalar(at: position)))")
        }
        let word = String(decoding: input[start..<position], as: UTF8.self)
        if let keyword = Lexer.keywords[word] { return emit(keyword) }
        return emit(word == "true" || word == "false" ? .bool : .identifier)
    }

    private mutating func lexNumber() -> Token {
        guard scanNumber() else { return badNumber() }
        if position < input.count,
            input[position] == UInt8(ascii: "+") || input[position] == UInt8(ascii: "-")
        {
            guard scanNumber(), input[position - 1] == UInt8(ascii: "i") else { return badNumber() }
            return emit(.complex)
        }
        return emit(.number)
    }

    private mutating func badNumber() -> Token {
        let text = String(decoding: input[start..<position], as: UTF8.self)
        return error("bad number syntax: \(text.goQuoted)")
    }

    private mutating func scanNumber() -> Bool {
        accept("+-")
        var digits = "0123456789_"
        if accept("0") {
            if accept("xX") {
                digits = "0123456789abcdefABCDEF_"
            } else if accept("oO") {
                digits = "01234567_"
            } else if accept("bB") {
                digits = "01_"
            }
        }
        while accept(digits) {}
        if accept(".") { while accept(digits) {} }
        if digits.utf8.count == 11, accept("eE") {
            accept("+-")
            while accept("0123456789_") {}
        }
        if digits.utf8.count == 23, accept("pP") {
            accept("+-")
            while accept("0123456789_") {}
        }
        accept("i")
        if position < input.count, scalar(at: position).isTemplateAlphanumeric {
            advance(to: position + scalarLength(at: position))
            return false
        }
        return true
    }

    @discardableResult
    private mutating func accept(_ set: String) -> Bool {
        guard position < input.count, set.utf8.contains(input[position]) else { return false }
        advance()
        return true
    }

    // MARK: Looking

    private var atTerminator: Bool {
        guard position < input.count else { return true }
        switch input[position] {
        case 0x20, 0x09, 0x0d, 0x0a, UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "|"),
            UInt8(ascii: ":"), UInt8(ascii: ")"), UInt8(ascii: "("):
            return true
        default: return has("}}", at: position)
        }
    }

    private mutating func skipAlphanumerics() {
        while position < input.count, scalar(at: position).isTemplateAlphanumeric {
            advance(to: position + scalarLength(at: position))
        }
    }

    /// Whether a right delimiter stands at `index`, and whether it trims; nil where none stands.
    private func rightDelimiter(at index: Int) -> Bool? {
        if index + 1 < input.count, input[index].isTemplateSpace, input[index + 1] == 0x2d,
            has("}}", at: index + 2)
        {
            return true
        }
        return has("}}", at: index) ? false : nil
    }

    private func hasTrimMarker(after index: Int) -> Bool {
        index + 1 < input.count && input[index] == 0x2d && input[index + 1].isTemplateSpace
    }

    private func has(_ text: StaticString, at index: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard index >= 0, index + length <= input.count else { return false }
        return text.withUTF8Buffer { unsafe input[index..<index + length].elementsEqual($0) }
    }

    private func find(_ text: StaticString, from index: Int) -> Int? {
        var index = index
        while index < input.count {
            if has(text, at: index) { return index }
            index += 1
        }
        return nil
    }

    private func scalarLength(at index: Int) -> Int {
        let byte = input[index]
        let length = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
        return min(length, input.count - index)
    }

    private func scalar(at index: Int) -> Unicode.Scalar {
        guard index < input.count else { return "\u{fffd}" }
        let end = index + scalarLength(at: index)
        return String(decoding: input[index..<end], as: UTF8.self).unicodeScalars.first
            ?? "\u{fffd}"
    }

    /// Go's `%#U`.
    private static func unicode(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
        return scalar.isGoPrintable ? "\(code) '\(scalar)'" : code
    }

    // MARK: Moving

    private mutating func advance() { advance(to: position + 1) }

    private mutating func advance(to end: Int) {
        while position < end {
            if input[position] == 0x0a { line += 1 }
            position += 1
        }
    }

    private mutating func begin() {
        start = position
        startLine = line
    }

    private mutating func emit(_ kind: Token.Kind) -> Token {
        let text = String(decoding: input[start..<position], as: UTF8.self)
        let token = Token(kind: kind, position: start, text: text, line: startLine)
        begin()
        return token
    }

    private mutating func error(_ message: String) -> Token {
        let token = Token(kind: .error, position: start, text: message, line: startLine)
        failed = token
        return token
    }
}

extension UInt8 {
    var isTemplateSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0d || self == 0x0a }
    var isTemplateDigit: Bool { self &- 0x30 < 10 }
}

extension Unicode.Scalar {
    /// A letter, a decimal digit or an underscore.
    var isTemplateAlphanumeric: Bool {
        if self == "_" { return true }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber:
            return true
        default: return false
        }
    }
}
