/// The place in an HTML document where a template has arrived, as `html/template` keeps it.
///
/// Go works it out when it parses; this follows the document as it is written, which comes to the
/// same for every template that Go accepts. What Go refuses stays where it is.
struct HTMLContext: Equatable {
    enum State {
        case text, rcdata, comment
        case tag, attributeName, afterName, beforeValue
        case attribute, url, srcset
        case js, jsDoubleQuoted, jsSingleQuoted, jsTemplate, jsRegexp, jsBlockComment
        case jsLineComment
        case css, cssDoubleQuoted, cssSingleQuoted, cssDoubleQuotedURL, cssSingleQuotedURL, cssURL
        case cssBlockComment, cssLineComment

        var isComment: Bool {
            switch self {
            case .comment, .jsBlockComment, .jsLineComment, .cssBlockComment, .cssLineComment: true
            default: false
            }
        }
    }

    /// What ends an attribute's value.
    enum Delimiter { case none, double, single, spaceOrTagEnd }
    enum URLPart { case start, path, query }
    enum Element: String { case none, script, style, textarea, title }
    enum Attribute { case plain, script, scriptType, style, url, srcset }

    var state = State.text
    var delimiter = Delimiter.none
    var urlPart = URLPart.start
    var element = Element.none
    var attribute = Attribute.plain
    /// Whether a slash in a script would begin a regular expression, not divide.
    var expectsRegexp = true

    typealias Bytes = ArraySlice<UInt8>

    /// Takes in a piece of text: where it leads, and how much of it was looked at.
    func after(_ text: Bytes) -> (HTMLContext, Bytes.Index) {
        if delimiter == .none {
            if element != .none, let end = HTMLContext.tagEnd(text, element) {
                if end == text.startIndex { return (HTMLContext(), end) }
                return transition(text[..<end])
            }
            return transition(text)
        }
        guard let end = text.firstIndex(where: ends) else {
            var context = self
            var rest = HTMLContext.unescaped(text)[...]
            while !rest.isEmpty {
                let (next, index) = context.transition(rest)
                // Where Go would refuse the text, nothing is read.
                if index == rest.startIndex, next == context { break }
                context = next
                rest = rest[index...]
            }
            return (context, text.endIndex)
        }
        var next = HTMLContext(state: .tag, element: element)
        if state == .attribute, element == .script, attribute == .scriptType,
            !HTMLContext.isScript(text[..<end])
        {
            next.element = .none
        }
        return (next, delimiter == .spaceOrTagEnd ? end : end + 1)
    }

    /// Where a value is about to be written: its place may be a part that has yet to begin.
    mutating func prepareForValue() {
        switch state {
        case .tag: state = .attributeName
        case .beforeValue:
            (state, delimiter, attribute) = (startState, .spaceOrTagEnd, .plain)
        case .afterName: (state, attribute) = (.attributeName, .plain)
        default: break
        }
    }

    var isInTag: Bool {
        switch state {
        case .tag, .attributeName, .afterName, .beforeValue, .attribute: true
        default: false
        }
    }

    func ends(_ byte: UInt8) -> Bool {
        switch delimiter {
        case .none: false
        case .double: byte == UInt8(ascii: "\"")
        case .single: byte == UInt8(ascii: "'")
        case .spaceOrTagEnd: byte.isHTMLSpace || byte == UInt8(ascii: ">")
        }
    }

    private var startState: State {
        switch attribute {
        case .plain, .scriptType: .attribute
        case .script: .js
        case .style: .css
        case .url: .url
        case .srcset: .srcset
        }
    }

    // MARK: Transitions

    func transition(_ text: Bytes) -> (HTMLContext, Bytes.Index) {
        switch state {
        case .text: return inText(text)
        case .rcdata, .attribute: return (self, text.endIndex)
        case .comment:
            guard let end = text.firstRange(of: Array("-->".utf8)) else {
                return (self, text.endIndex)
            }
            return (HTMLContext(), end.upperBound)
        case .tag: return inTag(text)
        case .attributeName:
            let end = HTMLContext.nameEnd(text)
            return (end == text.endIndex ? self : with(.afterName), end)
        case .afterName:
            guard let start = text.firstIndex(where: { !$0.isHTMLSpace }) else {
                return (self, text.endIndex)
            }
            if text[start] != UInt8(ascii: "=") { return (with(.tag), start) }
            return (with(.beforeValue), start + 1)
        case .beforeValue:
            guard let start = text.firstIndex(where: { !$0.isHTMLSpace }) else {
                return (self, text.endIndex)
            }
            var next = with(startState)
            next.delimiter =
                text[start] == UInt8(ascii: "\"")
                ? .double : text[start] == UInt8(ascii: "'") ? .single : .spaceOrTagEnd
            return (next, next.delimiter == .spaceOrTagEnd ? start : start + 1)
        case .url, .srcset: return (inURL(text), text.endIndex)
        case .js, .jsDoubleQuoted, .jsSingleQuoted, .jsTemplate, .jsRegexp, .jsBlockComment,
            .jsLineComment:
            return inScript(text)
        case .css, .cssDoubleQuoted, .cssSingleQuoted, .cssDoubleQuotedURL, .cssSingleQuotedURL,
            .cssURL, .cssBlockComment, .cssLineComment:
            return inStyle(text)
        }
    }

    func with(_ state: State) -> HTMLContext {
        var copy = self
        copy.state = state
        return copy
    }

    private func inText(_ text: Bytes) -> (HTMLContext, Bytes.Index) {
        var index = text.startIndex
        while let less = text[index...].firstIndex(of: UInt8(ascii: "<")), less + 1 < text.endIndex
        {
            if text[less...].starts(with: Array("<!--".utf8)) {
                return (HTMLContext(state: .comment), less + 4)
            }
            var start = less + 1
            let isEnd = text[start] == UInt8(ascii: "/")
            if isEnd {
                start += 1
                if start == text.endIndex { break }
            }
            let end = HTMLContext.tagNameEnd(text, start)
            if end != start {
                let name = String(decoding: text[start..<end], as: UTF8.self).lowercased()
                let element = isEnd ? Element.none : Element(rawValue: name) ?? .none
                return (HTMLContext(state: .tag, element: element), end)
            }
            index = end
        }
        return (self, text.endIndex)
    }

    private func inTag(_ text: Bytes) -> (HTMLContext, Bytes.Index) {
        guard let start = text.firstIndex(where: { !$0.isHTMLSpace }) else {
            return (self, text.endIndex)
        }
        if text[start] == UInt8(ascii: ">") {
            let state: State =
                switch element {
                case .none: .text
                case .script: .js
                case .style: .css
                case .textarea, .title: .rcdata
                }
            return (HTMLContext(state: state, element: element), start + 1)
        }
        let end = HTMLContext.nameEnd(text[start...])
        // Go refuses a tag without a name here.
        if end == start { return (self, text.endIndex) }
        let name = String(decoding: text[start..<end], as: UTF8.self).lowercased()
        var next = HTMLContext(
            state: end == text.endIndex ? .attributeName : .afterName, element: element)
        if element == .script, name == "type" {
            next.attribute = .scriptType
        } else {
            next.attribute = HTMLAttributes.kind(of: name).attribute
        }
        return (next, end)
    }

    /// Notes the part of the URL that a text leads to.
    func inURL(_ text: Bytes) -> HTMLContext {
        var next = self
        if text.contains(where: { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "?") }) {
            next.urlPart = .query
        } else if urlPart == .start, text.contains(where: { !$0.isHTMLSpace }) {
            next.urlPart = .path
        }
        return next
    }

    // MARK: Reading

    private static func nameEnd(_ text: Bytes) -> Bytes.Index {
        text.firstIndex {
            $0.isHTMLSpace || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ">")
        } ?? text.endIndex
    }

    private static func tagNameEnd(_ text: Bytes, _ start: Bytes.Index) -> Bytes.Index {
        guard start < text.endIndex, text[start].isASCIILetter else { return start }
        var end = start + 1
        while end < text.endIndex {
            let byte = text[end]
            if byte.isASCIIAlphanumeric {
                end += 1
            } else if byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-"),
                end + 1 < text.endIndex, text[end + 1].isASCIIAlphanumeric
            {
                end += 2
            } else {
                break
            }
        }
        return end
    }

    /// Where the end tag of an element that holds no tags stands.
    static func tagEnd(_ text: Bytes, _ element: Element) -> Bytes.Index? {
        let name = Array(element.rawValue.utf8)
        var index = text.startIndex
        while let range = text[index...].firstRange(of: Array("</".utf8)) {
            let after = range.upperBound
            index = after
            guard after + name.count < text.endIndex,
                zip(text[after...], name).allSatisfy({ $0.asciiLowercased == $1 })
            else { continue }
            index = after + name.count
            let byte = text[index]
            if byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/")
                || (byte.isHTMLSpace && byte != 0x0d)
            {
                return range.lowerBound
            }
        }
        return nil
    }

    private static func isScript(_ type: Bytes) -> Bool {
        let name = String(decoding: type.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
            .lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if name.hasPrefix("text/javascript1.") { return "012345".contains(name.dropFirst(17)) }
        return [
            "application/ecmascript", "application/javascript", "application/json",
            "application/ld+json", "application/x-ecmascript", "application/x-javascript",
            "module", "text/ecmascript", "text/javascript", "text/jscript", "text/livescript",
            "text/x-ecmascript", "text/x-javascript",
        ].contains(name)
    }

    /// A piece of an attribute's value without the commonest entities.
    private static func unescaped(_ text: Bytes) -> [UInt8] {
        guard text.contains(UInt8(ascii: "&")) else { return Array(text) }
        var out = String(decoding: text, as: UTF8.self)
        for (entity, plain) in [
            ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&lt;", "<"),
            ("&gt;", ">"), ("&amp;", "&"),
        ] {
            out = out.replacing(entity, with: plain)
        }
        return Array(out.utf8)
    }
}

/// What the values of attributes are.
enum HTMLAttributes {
    enum Kind {
        case plain, url, script, style, srcset
        /// A value that changes what others mean: not to be named by a value of a template.
        case delicate

        var attribute: HTMLContext.Attribute {
            switch self {
            case .plain, .delicate: .plain
            case .url: .url
            case .script: .script
            case .style: .style
            case .srcset: .srcset
            }
        }
    }

    private static let urls: Set<String> = [
        "action", "archive", "background", "cite", "classid", "codebase", "data", "formaction",
        "href", "icon", "longdesc", "manifest", "poster", "profile", "src", "usemap", "xmlns",
    ]

    private static let delicate: Set<String> = [
        "accept-charset", "async", "challenge", "charset", "content", "crossorigin", "defer",
        "enctype", "form", "formenctype", "formmethod", "formnovalidate", "http-equiv", "keytype",
        "language", "method", "novalidate", "pattern", "rel", "sandbox", "srcdoc", "type", "value",
    ]

    /// Of an attribute, by its name in small letters.
    static func kind(of attribute: String) -> Kind {
        var name = attribute[...]
        if name.hasPrefix("data-") {
            name = name.dropFirst(5)
        } else if let colon = name.firstIndex(of: ":") {
            if name[..<colon] == "xmlns" { return .url }
            name = name[name.index(after: colon)...]
        }
        if name == "style" { return .style }
        if name == "srcset" { return .srcset }
        if name == "srclang" { return .plain }
        if urls.contains(String(name)) { return .url }
        if delicate.contains(String(name)) { return .delicate }
        if name.hasPrefix("on") { return .script }
        return name.contains("src") || name.contains("uri") || name.contains("url") ? .url : .plain
    }
}

extension UInt8 {
    var isHTMLSpace: Bool {
        self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0c || self == 0x0d
    }
    var isASCIILetter: Bool { (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self) }
    var isASCIIAlphanumeric: Bool { isASCIILetter || isTemplateDigit }
    var isHexDigit: Bool {
        isTemplateDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
    var asciiLowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}
