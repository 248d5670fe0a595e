import Model

/// Cuts query text into tokens, one at a time. After an `invalid` token it yields no others.
struct Lexer {
    let input: [UInt8]
    /// The next byte to read.
    var position = 0
    /// Where the token being read begins.
    var start = 0
    private var parenDepth = 0
    private var braceOpen = false
    private var bracketOpen = false
    private var gotColon = false
    private var gotDuration = false
    /// Directly behind `[`: durations and arithmetic, no names.
    private var inDuration = false
    private var failed: Token?

    init(_ text: String) { input = Array(text.utf8) }

    /// The next token; comments and spaces are skipped.
    mutating func next() -> Token {
        if let failed { return failed }
        while true {
            start = position
            let token: Token?
            if braceOpen {
                token = insideBraces()
            } else if inDuration {
                token = durationExpression()
            } else {
                token = statement()
            }
            if let token {
                if token.kind == .invalid { failed = token }
                return token
            }
        }
    }

    // MARK: Reading characters

    func peek(_ offset: Int = 0) -> UInt8? {
        let index = position + offset
        return index < input.count ? input[index] : nil
    }

    mutating func accept(_ matches: (UInt8) -> Bool) -> Bool {
        guard let byte = peek(), matches(byte) else { return false }
        position += 1
        return true
    }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        accept { $0 == UInt8(ascii: character) }
    }

    func text(_ from: Int, _ to: Int) -> String {
        String(decoding: input[from..<to], as: UTF8.self)
    }

    func emit(_ kind: TokenKind) -> Token {
        Token(kind: kind, start: start, end: position, text: text(start, position))
    }

    /// The one token, or the other where `character` follows and belongs to it.
    mutating func emit(
        _ kind: TokenKind, or longer: TokenKind, before character: Unicode.Scalar
    ) -> Token {
        let isLonger = accept(character)
        return emit(isLonger ? longer : kind)
    }

    func fail(_ reason: String) -> Token {
        Token(kind: .invalid, start: start, end: input.count, text: reason)
    }

    /// The character at `index` as Go's `%q` shows it.
    func quotedCharacter(at index: Int) -> String { goQuotedCharacter(scalar(at: index)) }

    /// The scalar at `index`; the replacement character at the end of input and where the bytes are
    /// not UTF-8.
    func scalar(at index: Int) -> Unicode.Scalar {
        guard index < input.count else { return "\u{FFFD}" }
        let end = min(index + 4, input.count)
        return String(decoding: input[index..<end], as: UTF8.self).unicodeScalars.first
            ?? "\u{FFFD}"
    }

    // MARK: Outside of braces

    private mutating func statement() -> Token? {
        guard let byte = peek() else {
            if parenDepth != 0 { return fail("unclosed left parenthesis") }
            if bracketOpen { return fail("unclosed left bracket") }
            return emit(.endOfInput)
        }
        if skipSpaceOrComment(byte) { return nil }
        if byte.isASCIIDigit || (byte == UInt8(ascii: ".") && peek(1)?.isASCIIDigit == true) {
            return numberOrDuration()
        }
        if byte.isASCIILetterOrUnderscore || byte == UInt8(ascii: ":") {
            return bracketOpen ? wordInBrackets(byte) : keywordOrIdentifier()
        }
        if let kind = arithmetic(byte) {
            position += 1
            return emit(kind)
        }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return quotedString(byte)
        case UInt8(ascii: "`"): return rawString()
        case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"):
            return comparison(byte)
        case UInt8(ascii: "("), UInt8(ascii: ")"): return parenthesis(byte)
        case UInt8(ascii: "{"):
            position += 1
            braceOpen = true
            return emit(.leftBrace)
        case UInt8(ascii: "["): return leftBracket()
        case UInt8(ascii: "]"):
            if !bracketOpen { return fail("unexpected right bracket ']'") }
            bracketOpen = false
            position += 1
            return emit(.rightBracket)
        case UInt8(ascii: "@"):
            position += 1
            return emit(.at)
        default: return fail("unexpected character: \(quotedCharacter(at: position))")
        }
    }

    private mutating func skipSpaceOrComment(_ byte: UInt8) -> Bool {
        if byte.isQuerySpace {
            position += 1
            return true
        }
        guard byte == UInt8(ascii: "#") else { return false }
        while let byte = peek(), byte != 0x0a, byte != 0x0d { position += 1 }
        return true
    }

    private func arithmetic(_ byte: UInt8) -> TokenKind? {
        switch byte {
        case UInt8(ascii: "+"): .op(.add)
        case UInt8(ascii: "-"): .op(.subtract)
        case UInt8(ascii: "*"): .op(.multiply)
        case UInt8(ascii: "/"): .op(.divide)
        case UInt8(ascii: "%"): .op(.modulo)
        case UInt8(ascii: "^"): .op(.power)
        case UInt8(ascii: ","): .comma
        default: nil
        }
    }

    private mutating func comparison(_ byte: UInt8) -> Token {
        position += 1
        switch byte {
        case UInt8(ascii: "="):
            if accept("=") { return emit(.op(.equal)) }
            if peek() == UInt8(ascii: "~") { return fail("unexpected character after '=': '~'") }
            return emit(.equal)
        case UInt8(ascii: "!"):
            if accept("=") { return emit(.op(.notEqual)) }
            return fail("unexpected character after '!': \(quotedCharacter(at: position))")
        case UInt8(ascii: "<"):
            if accept("=") { return emit(.op(.lessOrEqual)) }
            return emit(.op(.less), or: .op(.trimUpper), before: "/")
        default:
            if accept("=") { return emit(.op(.greaterOrEqual)) }
            return emit(.op(.greater), or: .op(.trimLower), before: "/")
        }
    }

    private mutating func parenthesis(_ byte: UInt8) -> Token {
        position += 1
        if byte == UInt8(ascii: "(") {
            parenDepth += 1
        } else {
            parenDepth -= 1
            if parenDepth < 0 {
                // Said of the place behind it, as in Prometheus.
                start = position
                return fail("unexpected right parenthesis ')'")
            }
        }
        return emit(byte == UInt8(ascii: "(") ? .leftParen : .rightParen)
    }

    private mutating func leftBracket() -> Token {
        if bracketOpen { return fail("unexpected left bracket '['") }
        gotColon = false
        bracketOpen = true
        inDuration = true
        position += 1
        return emit(.leftBracket)
    }

    private mutating func keywordOrIdentifier() -> Token {
        var hasColon = false
        while let byte = peek(),
            byte.isASCIILetterOrUnderscore || byte.isASCIIDigit || byte == UInt8(ascii: ":")
        {
            if byte == UInt8(ascii: ":") { hasColon = true }
            position += 1
        }
        if let kind = reservedWords[text(start, position).asciiLowercased] {
            switch kind {
            case .keyword(.fill), .keyword(.fillLeft), .keyword(.fillRight):
                // Names of metrics, unless they are applied to a value.
                return emit(isFollowedByParenthesis ? kind : .identifier)
            default: return emit(kind)
            }
        }
        return emit(hasColon ? .metricIdentifier : .identifier)
    }

    private var isFollowedByParenthesis: Bool {
        var index = position
        while index < input.count, input[index].isQuerySpace { index += 1 }
        return index < input.count && input[index] == UInt8(ascii: "(")
    }

    // MARK: In brackets

    /// Behind the first number in brackets: `:` or the name of a duration function.
    private mutating func wordInBrackets(_ byte: UInt8) -> Token {
        if byte == UInt8(ascii: ":") {
            if gotColon { return fail("unexpected colon ':'") }
            gotColon = true
            position += 1
            return emit(.colon)
        }
        if let token = durationFunction() { return token }
        return fail("unexpected character: \(quotedCharacter(at: start)), expected ':'")
    }

    private mutating func durationExpression() -> Token? {
        guard let byte = peek() else {
            return fail("unexpected end of input in duration expression")
        }
        if byte.isQuerySpace {
            position += 1
            return nil
        }
        if byte.isASCIIDigit || (byte == UInt8(ascii: ".") && peek(1)?.isASCIIDigit == true) {
            gotDuration = true
            inDuration = false
            return numberOrDuration()
        }
        if let kind = arithmetic(byte) {
            position += 1
            return emit(kind)
        }
        switch byte {
        case UInt8(ascii: "]"):
            bracketOpen = false
            inDuration = false
            gotColon = false
            position += 1
            return emit(.rightBracket)
        case UInt8(ascii: ":"): return durationColon()
        case UInt8(ascii: "("), UInt8(ascii: ")"): return parenthesis(byte)
        default:
            if byte.isASCIILetterOrUnderscore, let token = durationFunction() {
                gotDuration = true
                return token
            }
            return fail(
                "unexpected character in duration expression: \(quotedCharacter(at: start))")
        }
    }

    /// The colon between a subquery's range and its step.
    private mutating func durationColon() -> Token {
        if !gotDuration {
            return fail("unexpected colon before duration in duration expression")
        }
        if gotColon { return fail("unexpected repeated colon in duration expression") }
        gotColon = true
        position += 1
        return emit(.colon)
    }

    private mutating func durationFunction() -> Token? {
        var end = position
        while end < input.count, input[end].isASCIILetterOrUnderscore { end += 1 }
        let kind: TokenKind
        switch text(start, end).asciiLowercased {
        case "step": kind = .preprocessor(.step)
        case "range": kind = .preprocessor(.range)
        case "min", "min_of": kind = .preprocessor(.minOf)
        case "max", "max_of": kind = .preprocessor(.maxOf)
        default: return nil
        }
        position = end
        return emit(kind)
    }

    // MARK: In braces

    private mutating func insideBraces() -> Token? {
        guard let byte = peek() else { return fail("unexpected end of input inside braces") }
        if skipSpaceOrComment(byte) { return nil }
        if byte.isASCIILetterOrUnderscore {
            while let byte = peek(), byte.isASCIILetterOrUnderscore || byte.isASCIIDigit {
                position += 1
            }
            return emit(.identifier)
        }
        switch byte {
        case UInt8(ascii: ","):
            position += 1
            return emit(.comma)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return quotedString(byte)
        case UInt8(ascii: "`"): return rawString()
        case UInt8(ascii: "="):
            position += 1
            return emit(.equal, or: .matches, before: "~")
        case UInt8(ascii: "!"):
            position += 1
            if accept("~") { return emit(.notMatches) }
            if accept("=") { return emit(.op(.notEqual)) }
            return fail(
                "unexpected character after '!' inside braces: \(quotedCharacter(at: position))")
        case UInt8(ascii: "{"): return fail("unexpected left brace '{'")
        case UInt8(ascii: "}"):
            braceOpen = false
            position += 1
            return emit(.rightBrace)
        default:
            return fail("unexpected character inside braces: \(quotedCharacter(at: position))")
        }
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { self &- 0x30 < 10 }
    var isASCIILetterOrUnderscore: Bool { (self | 0x20) &- 0x61 < 26 || self == 0x5f }
    var isQuerySpace: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }
}

extension String {
    /// With the letters A to Z in lower case.
    var asciiLowercased: String {
        String(decoding: utf8.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}

/// A character as Go's `%q` shows it.
func goQuotedCharacter(_ scalar: Unicode.Scalar) -> String {
    if scalar == "'" { return "'\\''" }
    if scalar == "\"" { return "'\"'" }
    return "'" + String(scalar).goQuoted.withoutQuotes + "'"
}

extension String {
    /// Without its first and last scalar. A combining mark behind a quote is one character with it.
    var withoutQuotes: String { String(unicodeScalars.dropFirst().dropLast()) }
}
