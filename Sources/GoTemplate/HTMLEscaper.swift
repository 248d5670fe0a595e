import Model

/// What `html/template` does: values are escaped for the place in the document where they stand,
/// comments are left out, and a `<` that begins no tag becomes `&lt;`.
struct HTMLEscaper {
    private var context = HTMLContext()

    // MARK: The template's own text

    /// Follows a piece of the template and writes it.
    mutating func write(text: [UInt8], to out: inout [UInt8]) {
        var index = 0
        var written = 0
        while index < text.count {
            let (next, end) = context.after(text[index...])
            if context.state == .text || context.state == .rcdata {
                let tag = next.state == context.state ? nil : text[index..<end].lastIndex(of: less)
                for place in index..<(tag ?? end)
                where text[place] == less && !HTMLEscaper.isDocumentType(text[place...]) {
                    out += text[written..<place]
                    out += Array("&lt;".utf8)
                    written = place + 1
                }
            } else if context.state.isComment, context.delimiter == .none {
                // A comment is white space.
                if context.state == .cssBlockComment { out.append(0x20) }
                if context.state == .jsBlockComment {
                    let breaks = HTMLEscaper.breaksLine(text[written..<end])
                    out.append(breaks ? 0x0a : 0x20)
                }
                written = end
            }
            if next.state != context.state, next.state.isComment, next.delimiter == .none {
                let start = end - (next.state == .comment ? 4 : 2)
                if start > written { out += text[written..<start] }
                written = end
            }
            // What Go refuses is not looked at further.
            let isStuck = end == index && next == context
            context = next
            index = isStuck ? text.count : end
        }
        if !context.state.isComment || context.delimiter != .none { out += text[written...] }
    }

    private var less: UInt8 { UInt8(ascii: "<") }

    private static func isDocumentType(_ text: ArraySlice<UInt8>) -> Bool {
        text.prefix(9).map(\.asciiLowercased) == Array("<!doctype".utf8)
    }

    private static func breaksLine(_ text: ArraySlice<UInt8>) -> Bool {
        String(decoding: text, as: UTF8.self).unicodeScalars.contains {
            ["\n", "\r", "\u{2028}", "\u{2029}"].contains($0)
        }
    }

    // MARK: Values

    /// An escape that a template may name itself at the end of a pipeline.
    enum Named: String { case html, urlquery }

    private enum Step {
        case urlFilter, urlNormalize, urlEscape, srcset, cssEscape, cssFilter
        case jsValue, jsString, jsTemplate, jsRegexp
        case html, rcdata, name, nothing, attribute, unquotedAttribute
        case named(Named)

        /// Whether the template's own escape stands for this one.
        func isReplaced(by name: Named) -> Bool {
            switch (self, name) {
            case (.html, .html), (.rcdata, .html), (.attribute, .html), (.urlEscape, .urlquery),
                (.urlNormalize, .urlquery):
                true
            default: false
            }
        }
    }

    /// Writes a value, of which `text` is what would be printed; `named` is the escape that the
    /// template asked for.
    mutating func write(
        value: TemplateValue, text: String, named: Named? = nil, to out: inout [UInt8]
    ) {
        context.prepareForValue()
        var (steps, isWhole) = steps()
        if let named {
            var isReplaced = false
            for index in steps.indices where steps[index].isReplaced(by: named) {
                steps[index] = .named(named)
                isReplaced = true
            }
            if !isReplaced { steps.insert(.named(named), at: 0) }
        }
        // What is harmless in quotes needs no more for them.
        if isWhole, case .attribute? = steps.last { steps.removeLast() }
        var value = value
        var text = text
        for step in steps {
            if case .named = step, value.isNull { text = "<no value>" }
            text = HTMLEscaper.apply(step, value, text)
            value = .string(text)
        }
        if context.state == .js { context.expectsRegexp = false }
        out += Array(text.utf8)
    }

    private func steps() -> (steps: [Step], isWhole: Bool) {
        var steps: [Step]
        var isWhole = false
        switch context.state {
        case .url, .cssDoubleQuoted, .cssSingleQuoted, .cssDoubleQuotedURL, .cssSingleQuotedURL,
            .cssURL:
            let isText = context.state == .cssDoubleQuoted || context.state == .cssSingleQuoted
            switch context.urlPart {
            case .start: steps = [.urlFilter, isText ? .cssEscape : .urlNormalize]
            case .path: steps = [isText ? .cssEscape : .urlNormalize]
            case .query: steps = [.urlEscape]
            }
            isWhole = isText && context.urlPart != .query
        case .srcset: steps = [.srcset]
        case .css: steps = [.cssFilter]
        case .js: steps = [.jsValue]
        case .jsDoubleQuoted, .jsSingleQuoted: (steps, isWhole) = ([.jsString], true)
        case .jsTemplate: (steps, isWhole) = ([.jsTemplate], true)
        case .jsRegexp: (steps, isWhole) = ([.jsRegexp], true)
        case .text: steps = [.html]
        case .rcdata: steps = [.rcdata]
        case .attribute: steps = []
        case .tag, .attributeName, .afterName, .beforeValue: steps = [.name]
        case .comment, .jsBlockComment, .jsLineComment, .cssBlockComment, .cssLineComment:
            (steps, isWhole) = ([.nothing], true)
        }
        switch context.delimiter {
        case .none: break
        case .spaceOrTagEnd: steps.append(.unquotedAttribute)
        case .double, .single: steps.append(.attribute)
        }
        return (steps, isWhole)
    }

    private static func apply(_ step: Step, _ value: TemplateValue, _ text: String) -> String {
        var safe: SafeText.Kind?
        if case .safe(let marked) = value { safe = marked.kind }
        switch step {
        case .urlFilter:
            return safe == .url || HTMLText.hasHarmlessScheme(text) ? text : "#" + HTMLText.refused
        case .urlNormalize: return HTMLText.url(text, normalises: true)
        case .urlEscape: return HTMLText.url(text, normalises: safe == .url)
        case .srcset: return HTMLText.srcset(text, isURL: safe == .url)
        case .cssEscape: return HTMLText.css(text)
        case .cssFilter: return HTMLText.cssValue(text)
        case .jsValue: return HTMLText.script(value)
        case .jsString: return HTMLText.scriptText(text, "\"`&'+<>")
        case .jsTemplate: return HTMLText.scriptText(text, "\"`&'+<>${}")
        case .jsRegexp: return HTMLText.scriptRegexp(text)
        case .html:
            return safe == .html ? text : HTMLText.escape(text, keepsEntities: false)
        case .rcdata: return HTMLText.escape(text, keepsEntities: safe == .html)
        case .attribute:
            let isHTML = safe == .html
            return HTMLText.escape(
                isHTML ? HTMLText.withoutTags(text) : text, keepsEntities: isHTML)
        case .unquotedAttribute:
            if text.isEmpty { return HTMLText.refused }
            let isHTML = safe == .html
            return HTMLText.escapeUnquoted(
                isHTML ? HTMLText.withoutTags(text) : text, keepsEntities: isHTML)
        case .name: return HTMLText.name(text)
        case .nothing: return ""
        case .named(.html): return Escapes.html(text)
        case .named(.urlquery): return Escapes.urlQuery(text)
        }
    }
}
