import Model

/// The escapes of `html/template`, each for one kind of place.
enum HTMLText {
    /// What stands where a value was refused.
    static let refused = "ZgotmplZ"

    // MARK: Text and attributes

    /// For text and quoted attributes; `keepsEntities` leaves `&` alone.
    static func escape(_ text: String, keepsEntities: Bool) -> String {
        replacing(text) { scalar in
            switch scalar {
            case "\0": "\u{fffd}"
            case "\"": "&#34;"
            case "&" where !keepsEntities: "&amp;"
            case "'": "&#39;"
            case "+": "&#43;"
            case "<": "&lt;"
            case ">": "&gt;"
            default: nil
            }
        }
    }

    /// For an attribute's value without quotes.
    static func escapeUnquoted(_ text: String, keepsEntities: Bool) -> String {
        replacing(text) { scalar in
            switch scalar {
            case "\0": "&#xfffd;"
            case "\t", "\n", "\u{0b}", "\u{0c}", "\r", " ", "\"", "'", "+", "=", "`":
                "&#\(scalar.value);"
            case "&" where !keepsEntities: "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            default:
                // Noncharacters and specials, as Go lists them.
                (0xfdd0...0xfdef).contains(scalar.value) || (0xfff0...0xffff).contains(scalar.value)
                    ? "&#x\(String(scalar.value, radix: 16));" : nil
            }
        }
    }

    private static func replacing(
        _ text: String, _ replacement: (Unicode.Scalar) -> String?
    ) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let other = replacement(scalar) {
                out.append(contentsOf: other.unicodeScalars)
            } else {
                out.append(scalar)
            }
        }
        return String(out)
    }

    /// The text of a piece of HTML.
    static func withoutTags(_ html: String) -> String {
        let bytes = Array(html.utf8)
        var context = HTMLContext()
        var out: [UInt8] = []
        var index = 0
        var isText = true
        while index < bytes.count {
            if context.delimiter != .none {
                guard let end = bytes[index...].firstIndex(where: context.ends) else { break }
                index = context.delimiter == .spaceOrTagEnd ? end : end + 1
                context = HTMLContext(state: .tag, element: context.element)
                continue
            }
            let (next, end) = afterMarkup(bytes[index...], context)
            if context.state == .text || context.state == .rcdata {
                let tag =
                    next.state == context.state
                    ? nil : bytes[index..<end].lastIndex(of: UInt8(ascii: "<"))
                out += bytes[index..<(tag ?? end)]
            } else {
                isText = false
            }
            if end == index, next == context { break }
            (context, index) = (next, end)
        }
        if isText { return html }
        if index < bytes.count, context.state == .text || context.state == .rcdata {
            out += bytes[index...]
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Scripts and styles are passed over as a whole.
    private static func afterMarkup(
        _ text: HTMLContext.Bytes, _ context: HTMLContext
    ) -> (HTMLContext, Int) {
        if context.element == .none || context.isInTag { return context.transition(text) }
        if let end = HTMLContext.tagEnd(text, context.element) { return (HTMLContext(), end) }
        return (context, text.endIndex)
    }

    /// An attribute's name: harmless ones alone.
    static func name(_ text: String) -> String {
        let name = text.lowercased()
        let isHarmless =
            !name.isEmpty
            && name.utf8.allSatisfy { $0.isASCIIAlphanumeric }
            && HTMLAttributes.kind(of: name) == .plain
        return isHarmless ? name : refused
    }

    // MARK: URLs

    /// Whether a URL is relative, or of the web or a mail address.
    static func hasHarmlessScheme(_ url: String) -> Bool {
        guard let colon = url.utf8.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let scheme = url[..<colon]
        if scheme.utf8.contains(UInt8(ascii: "/")) { return true }
        return ["http", "https", "mailto"].contains(scheme.lowercased())
    }

    /// For a place in a URL; normalised, or with all that has a meaning in URLs escaped.
    static func url(_ text: String, normalises: Bool) -> String {
        let bytes = Array(text.utf8)
        var index = -1
        return Escapes.percent(text, spaceAsPlus: false, lowercase: true) { byte in
            index += 1
            if byte.isURLUnreserved { return true }
            if !normalises { return false }
            if byte == UInt8(ascii: "%") {
                return index + 2 < bytes.count && bytes[index + 1].isHexDigit
                    && bytes[index + 2].isHexDigit
            }
            return "!#$&*+,/:;=?@[]".utf8.contains(byte)
        }
    }

    /// For `srcset`: URLs with their sizes, between commas.
    static func srcset(_ text: String, isURL: Bool) -> String {
        if isURL { return url(text, normalises: true).replacing(",", with: "%2c") }
        return text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { candidate(Array($0)) }.joined(separator: ",")
    }

    private static func candidate(_ bytes: [UInt8]) -> String {
        let start = bytes.firstIndex { !$0.isHTMLSpace } ?? bytes.count
        let end = bytes[start...].firstIndex(where: \.isHTMLSpace) ?? bytes.count
        let address = String(decoding: bytes[start..<end], as: UTF8.self)
        guard hasHarmlessScheme(address),
            bytes[end...].allSatisfy({ $0.isHTMLSpace || $0.isASCIIAlphanumeric })
        else { return "#" + refused }
        return String(decoding: bytes[..<start], as: UTF8.self) + url(address, normalises: true)
            + String(decoding: bytes[end...], as: UTF8.self)
    }

    // MARK: CSS

    /// For the inside of a quoted text in CSS.
    static func css(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        var needsEnd = false
        for scalar in text.unicodeScalars {
            if needsEnd,
                scalar.properties.isASCIIHexDigit || "\t\n\u{c}\r ".unicodeScalars.contains(scalar)
            {
                out.append(" ")
            }
            needsEnd = false
            switch scalar {
            case "\\": out.append(contentsOf: "\\\\".unicodeScalars)
            case "\0", "\t", "\n", "\u{c}", "\r", "\"", "&", "'", "(", ")", "+", "/", ":", ";", "<",
                ">", "{", "}":
                out.append(contentsOf: ("\\" + String(scalar.value, radix: 16)).unicodeScalars)
                needsEnd = true
            default: out.append(scalar)
            }
        }
        if needsEnd { out.append(" ") }
        return String(out)
    }

    /// For a value in CSS: harmless ones alone.
    static func cssValue(_ text: String) -> String {
        let bytes = CSSText.decoded(Array(text.utf8))
        var name: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0,
                _ where "\"'()/;@[\\]`{}<>".utf8.contains(byte):
                return refused
            case UInt8(ascii: "-"):
                if index > 0, bytes[index - 1] == byte { return refused }
            default: if byte < 0x80, CSSText.isNameByte(byte) { name.append(byte.asciiLowercased) }
            }
        }
        let letters = String(decoding: name, as: UTF8.self)
        if letters.contains("expression") || letters.contains("mozbinding") { return refused }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: JavaScript

    /// For the inside of a text in JavaScript.
    static func scriptText(_ text: String, _ special: String) -> String {
        replacing(text) { scalar in
            switch scalar {
            case "\t": "\\t"
            case "\n": "\\n"
            case "\u{c}": "\\f"
            case "\r": "\\r"
            case "\\": "\\\\"
            case "/": "\\/"
            case "\0"..."\u{1f}", "\u{2028}", "\u{2029}": unicode(scalar)
            case _ where special.unicodeScalars.contains(scalar): unicode(scalar)
            default: nil
            }
        }
    }

    /// For the inside of a regular expression in JavaScript.
    static func scriptRegexp(_ text: String) -> String {
        if text.isEmpty { return "(?:)" }
        return replacing(text) { scalar in
            if "$()*-./?[\\]^{|}".unicodeScalars.contains(scalar) { return "\\" + String(scalar) }
            return scriptText(String(scalar), "\"&'+<>")
        }
    }

    private static func unicode(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: max(0, 4 - hex.utf8.count)) + hex
    }

    /// A value in a script, as JSON that stays inside of it.
    static func script(_ value: TemplateValue) -> String {
        var value = value
        if case .object(let object) = value, let text = object.formatted, !(object is TemplateTime)
        {
            value = .string(text)
        }
        guard let json = json(value) else { return " /* \(notJSON(value)) */null " }
        func isWord(_ byte: UInt8?) -> Bool {
            guard let byte else { return false }
            return byte.isASCIIAlphanumeric || byte == UInt8(ascii: "$")
                || byte == UInt8(ascii: "_")
        }
        return isWord(json.utf8.first) || isWord(json.utf8.last) ? " \(json) " : json
    }

    private static func notJSON(_ value: TemplateValue) -> String {
        if case .float(let number) = value {
            return "json: unsupported value: \(GoFloat.general(number))"
        }
        return "json: unsupported value"
    }

    // Values are no higher than `TemplateLimits.valueHeight`, which bounds the recursion.
    private static func json(_ value: TemplateValue) -> String? {
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return String(number)
        case .float(let number): return number.isFinite ? GoFloat.json(number) : nil
        case .complex: return nil
        case .string(let text): return quoted(text)
        case .safe(let safe): return quoted(safe.text)
        case .list(let list):
            if let text = list.base64 { return quoted(text) }
            let elements = list.elements.compactMap(json)
            if elements.count < list.elements.count { return nil }
            return "[" + elements.joined(separator: ",") + "]"
        case .map(let map):
            return object(map.entries)
        case .object(let object):
            if let time = object as? TemplateTime {
                return quoted(time.rfc3339)
            }
            if let inner = object.underlying { return json(inner) }
            return self.object(object.fields.map { (key: $0.name, value: $0.value) })
        case .function: return nil
        }
    }

    private static func object(_ entries: [(key: String, value: TemplateValue)]) -> String? {
        var parts: [String] = []
        for entry in entries {
            guard let value = json(entry.value) else { return nil }
            parts.append(quoted(entry.key) + ":" + value)
        }
        return "{" + parts.joined(separator: ",") + "}"
    }

    private static func quoted(_ text: String) -> String {
        let inner = replacing(text) { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case "\u{8}": "\\b"
            case "\u{c}": "\\f"
            case "\0"..."\u{1f}", "<", ">", "&", "\u{2028}", "\u{2029}": unicode(scalar)
            default: nil
            }
        }
        return "\"\(inner)\""
    }
}

extension GoFloat {
    /// As Go's `encoding/json` writes it.
    static func json(_ value: Double) -> String {
        let size = value.magnitude
        guard size != 0, size < 1e-6 || size >= 1e21 else { return fixed(value) }
        // JSON has e-9 where `fmt` has e-09.
        return general(value).replacing("e-0", with: "e-")
    }
}
