import Model

/// What `html/template` does: values are escaped for the place in the document where they stand.
///
/// Go finds the places when it parses; this follows the document as it is written, which comes to
/// the same for every template that Go accepts. HTML comments of the template are left out. In
/// scripts values become JSON, in styles anything but harmless words is replaced by `ZgotmplZ`.
struct HTMLEscaper {
    private enum State: Equatable {
        case text
        case comment
        /// After `<`, in a tag's name.
        case tagName
        /// In a tag, outside of any attribute.
        case tag
        case attributeName
        case afterName
        case beforeValue
        case value(quote: UInt8)
        /// In `<script>`, `<style>`, `<title>` or `<textarea>`.
        case raw(String)
    }

    private enum Kind { case plain, url, script, style }

    private var state = State.text
    private var tagName: [UInt8] = []
    private var attributeName: [UInt8] = []
    /// What of the current URL was written: before, in its path or query.
    private var urlLength = 0
    private var urlHasQuery = false

    // MARK: The template's own text

    /// Follows a piece of the template and writes it.
    mutating func write(text: [UInt8], to out: inout [UInt8]) {
        var index = 0
        while index < text.count {
            if state == .comment {
                guard let end = find("-->", in: text, from: index) else { return }
                index = end + 3
                state = .text
                continue
            }
            if state == .text, has("<!--", in: text, at: index) {
                state = .comment
                index += 4
                continue
            }
            advance(text, index)
            out.append(text[index])
            index += 1
        }
    }

    private mutating func advance(_ text: [UInt8], _ index: Int) {
        let byte = text[index]
        switch state {
        case .comment: break
        case .text:
            guard byte == UInt8(ascii: "<"), index + 1 < text.count else { return }
            let next = text[index + 1]
            if next.isASCIILetter || next == UInt8(ascii: "/") || next == UInt8(ascii: "!") {
                state = .tagName
                tagName = []
            }
        case .tagName:
            if byte == UInt8(ascii: ">") {
                endTag()
            } else if byte.isTemplateSpace {
                state = .tag
            } else {
                tagName.append(byte.asciiLowercased)
            }
        case .tag:
            if byte == UInt8(ascii: ">") {
                endTag()
            } else if !byte.isTemplateSpace, byte != UInt8(ascii: "/") {
                state = .attributeName
                attributeName = [byte.asciiLowercased]
            }
        case .attributeName:
            if byte == UInt8(ascii: "=") {
                state = .beforeValue
            } else if byte == UInt8(ascii: ">") {
                endTag()
            } else if byte.isTemplateSpace {
                state = .afterName
            } else {
                attributeName.append(byte.asciiLowercased)
            }
        case .afterName:
            if byte == UInt8(ascii: "=") {
                state = .beforeValue
            } else if byte == UInt8(ascii: ">") {
                endTag()
            } else if !byte.isTemplateSpace {
                state = .attributeName
                attributeName = [byte.asciiLowercased]
            }
        case .beforeValue:
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                beginValue(quote: byte)
            } else if byte == UInt8(ascii: ">") {
                endTag()
            } else if !byte.isTemplateSpace {
                beginValue(quote: 0)
                noteURL([byte])
            }
        case .value(let quote):
            if quote == 0, byte == UInt8(ascii: ">") {
                endTag()
            } else if quote == 0 ? byte.isTemplateSpace : byte == quote {
                state = .tag
            } else {
                noteURL([byte])
            }
        case .raw(let name):
            if byte == UInt8(ascii: "<"), closes(name, in: text, at: index) {
                state = .tagName
                tagName = []
            }
        }
    }

    private mutating func endTag() {
        let name = String(decoding: tagName, as: UTF8.self)
        let isRaw = name == "script" || name == "style" || name == "title" || name == "textarea"
        state = isRaw ? .raw(name) : .text
    }

    private mutating func beginValue(quote: UInt8) {
        state = .value(quote: quote)
        urlLength = 0
        urlHasQuery = false
    }

    private mutating func noteURL(_ bytes: [UInt8]) {
        urlLength += bytes.count
        if bytes.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
            urlHasQuery = true
        }
    }

    private func closes(_ name: String, in text: [UInt8], at index: Int) -> Bool {
        let wanted = Array("</\(name)".utf8)
        guard index + wanted.count <= text.count else { return false }
        return zip(text[index...], wanted).allSatisfy { $0.asciiLowercased == $1 }
    }

    private func has(_ wanted: String, in text: [UInt8], at index: Int) -> Bool {
        index + wanted.utf8.count <= text.count
            && zip(text[index...], wanted.utf8).allSatisfy { $0 == $1 }
    }

    private func find(_ wanted: String, in text: [UInt8], from index: Int) -> Int? {
        var index = index
        while index < text.count {
            if has(wanted, in: text, at: index) { return index }
            index += 1
        }
        return nil
    }

    // MARK: Values

    /// Writes a value, of which `text` is what would be printed.
    mutating func write(value: TemplateValue, text: String, to out: inout [UInt8]) {
        var safe: SafeText.Kind?
        if case .safe(let marked) = value { safe = marked.kind }
        switch state {
        case .comment: return
        case .text:
            out += Array((safe == .html ? text : Escapes.html(text)).utf8)
        case .raw("script"):
            out += Array(HTMLEscaper.json(value, text).utf8)
        case .raw("style"): out += Array(HTMLEscaper.css(text).utf8)
        case .raw:
            // In a title or textarea there are no tags, so that safe HTML is only normalised.
            out += Array((safe == .html ? HTMLEscaper.normalise(text) : Escapes.html(text)).utf8)
        case .beforeValue:
            beginValue(quote: 0)
            writeAttribute(value, text, safe, quote: 0, to: &out)
        case .value(let quote): writeAttribute(value, text, safe, quote: quote, to: &out)
        case .tagName, .tag, .attributeName, .afterName:
            let harmless =
                !text.isEmpty
                && text.utf8.allSatisfy {
                    $0.isASCIILetter || $0.isTemplateDigit || $0 == UInt8(ascii: "-")
                }
            let name = harmless ? text.lowercased() : "ZgotmplZ"
            // A name that makes the value script, style or URL is not taken from data.
            let attribute = HTMLEscaper.kind(of: name) == .plain ? name : "ZgotmplZ"
            for byte in attribute.utf8 {
                advance([byte], 0)
                out.append(byte)
            }
        }
    }

    private mutating func writeAttribute(
        _ value: TemplateValue, _ text: String, _ safe: SafeText.Kind?, quote: UInt8,
        to out: inout [UInt8]
    ) {
        var escaped: String
        switch HTMLEscaper.kind(of: String(decoding: attributeName, as: UTF8.self)) {
        case .plain: escaped = safe == .html ? HTMLEscaper.stripTags(text) : text
        case .url: escaped = url(text, isSafe: safe == .url)
        case .script: escaped = HTMLEscaper.json(value, text)
        case .style: escaped = HTMLEscaper.css(text)
        }
        noteURL(Array(escaped.utf8))
        if safe == .html {
            escaped = HTMLEscaper.normalise(escaped)
        } else {
            escaped = Escapes.html(escaped)
        }
        out += Array((quote == 0 ? HTMLEscaper.unquoted(escaped) : escaped).utf8)
    }

    private static func kind(of attribute: String) -> Kind {
        var name = attribute[...]
        if let colon = name.firstIndex(of: ":") {
            if name[..<colon] == "xmlns" { return .url }
            name = name[name.index(after: colon)...]
        }
        if name.hasPrefix("data-") { name = name.dropFirst(5) }
        if name.hasPrefix("on") { return .script }
        if name == "style" { return .style }
        let urls: Set<String> = [
            "action", "archive", "background", "cite", "classid", "codebase", "data", "formaction",
            "href", "icon", "longdesc", "manifest", "poster", "profile", "src", "srcset", "usemap",
            "xmlns",
        ]
        if urls.contains(String(name)) || name.contains("src") || name.contains("uri")
            || name.contains("url")
        {
            return .url
        }
        return .plain
    }

    /// A value in a URL: at its start only harmless schemes, then normalised; in a query escaped.
    private func url(_ text: String, isSafe: Bool) -> String {
        if urlHasQuery, !isSafe {
            return Escapes.percent(text, spaceAsPlus: false, lowercase: true) { $0.isURLUnreserved }
        }
        if urlLength == 0, !isSafe, !HTMLEscaper.hasHarmlessScheme(text) {
            return "#ZgotmplZ"
        }
        let bytes = Array(text.utf8)
        var index = -1
        return Escapes.percent(text, spaceAsPlus: false, lowercase: true) { byte in
            index += 1
            if byte == UInt8(ascii: "%") {
                return index + 2 < bytes.count && bytes[index + 1].isHexDigit
                    && bytes[index + 2].isHexDigit
            }
            return byte.isURLUnreserved || "!#$&*+,/:;=?@[]".utf8.contains(byte)
        }
    }

    private static func hasHarmlessScheme(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") else {
            return true
        }
        let scheme = text[..<colon].lowercased()
        return scheme == "http" || scheme == "https" || scheme == "mailto"
    }

    /// Escapes what `html` would, but leaves entities alone.
    private static func normalise(_ text: String) -> String {
        Escapes.html(text).replacing("&amp;", with: "&")
    }

    private static func stripTags(_ text: String) -> String {
        var out: [UInt8] = []
        var inTag = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: "<") {
                inTag = true
            } else if byte == UInt8(ascii: ">"), inTag {
                inTag = false
            } else if !inTag {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// For an attribute value without quotes.
    private static func unquoted(_ text: String) -> String {
        if text.isEmpty { return "ZgotmplZ" }
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t", "\n", "\u{0b}", "\u{0c}", "\r", " ", "=", "`", "+":
                out += "&#\(scalar.value);"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    private static func css(_ text: String) -> String {
        let harmless = text.utf8.allSatisfy {
            $0.isASCIILetter || $0.isTemplateDigit || " #%.,-_".utf8.contains($0)
        }
        let lower = text.lowercased()
        if !harmless || lower.contains("expression") || lower.contains("mozbinding") {
            return "ZgotmplZ"
        }
        return text
    }

    /// A value as JSON that stays inside its script.
    private static func json(_ value: TemplateValue, _ text: String) -> String {
        switch value.underlying {
        case .null: return " null "
        case .bool(let flag): return flag ? " true " : " false "
        case .int(let number): return " \(number) "
        case .float(let number) where number.isFinite: return " \(GoFloat.general(number)) "
        default:
            let digits = Array("0123456789abcdef")
            var out = "\""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"", "\\", "<", ">", "&", "'", "\u{2028}", "\u{2029}", "\0"..."\u{1f}":
                    let code = Int(scalar.value)
                    out += "\\u"
                    for shift in [12, 8, 4, 0] { out.append(digits[(code >> shift) & 15]) }
                default: out.unicodeScalars.append(scalar)
                }
            }
            return out + "\""
        }
    }
}

extension UInt8 {
    var isASCIILetter: Bool { (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self) }
    var isHexDigit: Bool {
        isTemplateDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
    var asciiLowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}
