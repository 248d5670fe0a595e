import Model

struct Token {
    enum Kind {
        case error, bool, char, charConstant, complex, assign, declare, end, field, identifier
        case leftDelimiter, leftParen, number, pipe, rawString, rightDelimiter, rightParen
        case space, string, text, variable
        case block, breakLoop, continueLoop, dot, define, elseBranch, endBranch, ifBranch, null
        case range, template, with

        var isKeyword: Bool {
            switch self {
            case .block, .breakLoop, .continueLoop, .dot, .define, .elseBranch, .endBranch,
                .ifBranch, .null, .range, .template, .with:
                true
            default: false
            }
        }
    }

    var kind: Kind
    /// The offset of its first byte.
    var position: Int
    var text: String
    var line: Int

    /// As Go's error texts name it.
    var description: String {
        if kind == .end { return "EOF" }
        if kind == .error { return text }
        if kind.isKeyword { return "<\(text)>" }
        if text.utf8.count > 10 {
            return String(String.UnicodeScalarView(text.unicodeScalars.prefix(10))).goQuoted + "..."
        }
        return text.goQuoted
    }
}
