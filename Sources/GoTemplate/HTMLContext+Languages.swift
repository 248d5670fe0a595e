/// How far a piece of JavaScript or CSS leads.
extension HTMLContext {
    // MARK: JavaScript

    func inScript(_ text: Bytes) -> (HTMLContext, Bytes.Index) {
        switch state {
        case .js: return inScriptCode(text)
        case .jsBlockComment: return inBlockComment(text, then: .js)
        case .jsLineComment:
            // U+2028 and U+2029 end a line too.
            let end = text.indices.first {
                text[$0] == 0x0a || text[$0] == 0x0d
                    || text[$0...].starts(with: [0xe2, 0x80, 0xa8])
                    || text[$0...].starts(with: [0xe2, 0x80, 0xa9])
            }
            return end.map { (with(.js), $0) } ?? (self, text.endIndex)
        default: return inScriptText(text)
        }
    }

    private func inScriptCode(_ text: Bytes) -> (HTMLContext, Bytes.Index) {
        var next = self
        guard let index = text.firstIndex(where: { "\"'`/".utf8.contains($0) }) else {
            next.expectsRegexp = regexpFollows(text)
            return (next, text.endIndex)
        }
        next.expectsRegexp = regexpFollows(text[..<index])
        let following = index + 1 < text.endIndex ? text[index + 1] : 0
        switch text[index] {
        case UInt8(ascii: "\""): (next.state, next.expectsRegexp) = (.jsDoubleQuoted, true)
        case UInt8(ascii: "'"): (next.state, next.expectsRegexp) = (.jsSingleQuoted, true)
        case UInt8(ascii: "`"): (next.state, next.expectsRegexp) = (.jsTemplate, true)
        default:
            if following == UInt8(ascii: "/") {
                return (next.with(.jsLineComment), index + 2)
            }
            if following == UInt8(ascii: "*") {
                return (next.with(.jsBlockComment), index + 2)
            }
            if next.expectsRegexp { next.state = .jsRegexp } else { next.expectsRegexp = true }
        }
        return (next, index + 1)
    }

    private func inScriptText(_ text: Bytes) -> (HTMLContext, Bytes.Index) {
        let closing: UInt8 =
            switch state {
            case .jsDoubleQuoted: UInt8(ascii: "\"")
            case .jsSingleQuoted: UInt8(ascii: "'")
            case .jsTemplate: UInt8(ascii: "`")
            default: UInt8(ascii: "/")
            }
        var isInBrackets = false
        var index = text.startIndex
        while index < text.endIndex {
            switch text[index] {
            case UInt8(ascii: "\\"): index += 1
            case UInt8(ascii: "[") where state == .jsRegexp: isInBrackets = true
            case UInt8(ascii: "]") where state == .jsRegexp: isInBrackets = false
            case closing where !isInBrackets:
                var next = with(.js)
                next.expectsRegexp = false
                return (next, index + 1)
            default: break
            }
            index += 1
        }
        return (self, text.endIndex)
    }

    private static let keywordsBeforeRegexp: Set<String> = [
        "break", "case", "continue", "delete", "do", "else", "finally", "in", "instanceof",
        "return", "throw", "try", "typeof", "void",
    ]

    /// Whether a slash after this code begins a regular expression.
    private func regexpFollows(_ code: Bytes) -> Bool {
        var code = code
        while let last = code.last {
            if last.isHTMLSpace {
                code.removeLast()
            } else if code.count >= 3,
                code.suffix(3) == [0xe2, 0x80, 0xa8]
                    || code.suffix(3) == [0xe2, 0x80, 0xa9]
            {
                code.removeLast(3)
            } else {
                break
            }
        }
        guard let last = code.last else { return expectsRegexp }
        switch last {
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            // ++ and -- end a value, + and - do not.
            return code.reversed().prefix { $0 == last }.count % 2 == 1
        case UInt8(ascii: "."):
            return code.count == 1 || !code[code.endIndex - 2].isTemplateDigit
        case _ where ",<>=*%&|^?!~([:;{}".utf8.contains(last): return true
        default:
            let word = code.reversed().prefix {
                $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "$") || $0 == UInt8(ascii: "_")
            }
            return HTMLContext.keywordsBeforeRegexp.contains(
                String(decoding: word.reversed(), as: UTF8.self))
        }
    }

    private func inBlockComment(
        _ text: Bytes, then state: State
    ) -> (HTMLContext, Bytes.Index) {
        guard let end = text.firstRange(of: Array("*/".utf8)) else { return (self, text.endIndex) }
        return (with(state), end.upperBound)
    }

    // MARK: CSS

    func inStyle(_ text: Bytes) -> (HTMLContext, Bytes.Index) {
        switch state {
        case .css: return inStyleCode(text)
        case .cssBlockComment: return inBlockComment(text, then: .css)
        case .cssLineComment:
            let end = text.firstIndex { $0 == 0x0a || $0 == 0x0c || $0 == 0x0d }
            return end.map { (with(.css), $0) } ?? (self, text.endIndex)
        default: return inStyleText(text)
        }
    }

    private func inStyleCode(_ text: Bytes) -> (HTMLContext, Bytes.Index) {
        var index = text.startIndex
        while let found = text[index...].firstIndex(where: { "(\"'/".utf8.contains($0) }) {
            let following = found + 1 < text.endIndex ? text[found + 1] : 0
            switch text[found] {
            case UInt8(ascii: "("):
                let before = Array(text[..<found].reversed().drop { $0.isHTMLSpace }.reversed())
                if !HTMLContext.endsWithURL(before) { break }
                let start =
                    text[(found + 1)...].firstIndex { !$0.isHTMLSpace } ?? text.endIndex
                if start < text.endIndex, text[start] == UInt8(ascii: "\"") {
                    return (with(.cssDoubleQuotedURL), start + 1)
                }
                if start < text.endIndex, text[start] == UInt8(ascii: "'") {
                    return (with(.cssSingleQuotedURL), start + 1)
                }
                return (with(.cssURL), start)
            case UInt8(ascii: "/"):
                if following == UInt8(ascii: "/") { return (with(.cssLineComment), found + 2) }
                if following == UInt8(ascii: "*") { return (with(.cssBlockComment), found + 2) }
            case UInt8(ascii: "\""): return (with(.cssDoubleQuoted), found + 1)
            default: return (with(.cssSingleQuoted), found + 1)
            }
            index = found + 1
        }
        return (self, text.endIndex)
    }

    private static func endsWithURL(_ code: [UInt8]) -> Bool {
        guard code.count >= 3, code.suffix(3).map(\.asciiLowercased) == Array("url".utf8) else {
            return false
        }
        guard code.count > 3 else { return true }
        return !CSSText.isNameByte(code[code.count - 4])
    }

    private func inStyleText(_ text: Bytes) -> (HTMLContext, Bytes.Index) {
        var next = self
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            let ends =
                switch state {
                case .cssDoubleQuoted, .cssDoubleQuotedURL: byte == UInt8(ascii: "\"")
                case .cssSingleQuoted, .cssSingleQuotedURL: byte == UInt8(ascii: "'")
                default: byte.isHTMLSpace || byte == UInt8(ascii: ")")
                }
            if ends { return (next.with(.css), index + 1) }
            if byte == UInt8(ascii: "\\") {
                index = min(index + 2, text.endIndex)
                next = next.inURL(CSSText.decoded(Array(text[..<index]))[...])
            } else {
                index += 1
            }
        }
        return (next.inURL(CSSText.decoded(Array(text))[...]), text.endIndex)
    }
}

/// The escapes of CSS.
enum CSSText {
    static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            || byte >= 0x80
    }

    /// With its escapes resolved.
    static func decoded(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] != UInt8(ascii: "\\") {
                out.append(text[index])
                index += 1
                continue
            }
            if index + 1 >= text.count { break }
            if !text[index + 1].isHexDigit {
                let following = text[index + 1]
                let length = following < 0xc0 ? 1 : following < 0xe0 ? 2 : following < 0xf0 ? 3 : 4
                out += text[(index + 1)..<min(index + 1 + length, text.count)]
                index += 1 + length
                continue
            }
            var end = index + 2
            while end < text.count, end < index + 7, text[end].isHexDigit { end += 1 }
            func value(_ end: Int) -> UInt32 {
                UInt32(String(decoding: text[(index + 1)..<end], as: UTF8.self), radix: 16) ?? 0
            }
            if value(end) > 0x10_ffff { end -= 1 }
            out += Array(String(Unicode.Scalar(value(end)) ?? "\u{fffd}").utf8)
            if end < text.count {
                if text[end] == 0x0d, end + 1 < text.count, text[end + 1] == 0x0a {
                    end += 2
                } else if text[end].isHTMLSpace {
                    end += 1
                }
            }
            index = end
        }
        return out
    }
}
