import Model

/// A node of a document while it is read: it knows its path, and collects what is wrong.
///
/// The readers return nil where the node is not what they want, and have then said so. Nothing
/// (`key:` alone) reads as the type's zero, as Go does it.
struct Element {
    let node: YAMLNode
    let path: String
    let context: DecodingContext

    var place: SourcePlace { node.place }
    var isNull: Bool { node.isNull }

    func error(_ message: String) {
        context.add(Problem(at: node.place, path: path, message))
    }

    func warn(_ message: String) {
        context.add(Problem(.warning, at: node.place, path: path, message))
    }

    private func mismatch<T>(_ expected: String, _ type: T.Type = T.self) -> T? {
        error("expected \(expected), found \(node.kindName)")
        return nil
    }

    // MARK: Scalars

    private func scalar(_ expected: String) -> YAMLNode.Scalar? {
        if case .scalar(let scalar) = node.content { return scalar }
        return mismatch(expected)
    }

    func string(_ expected: String = "a text") -> String? {
        if isNull { return "" }
        return scalar(expected)?.text
    }

    func located() -> Located<String>? { string().map { Located($0, at: place) } }

    func bool() -> Bool? {
        if isNull { return false }
        guard let scalar = scalar("true or false") else { return nil }
        if scalar.isPlain, let value = scalar.boolean { return value }
        error("expected true or false, found \(shown(scalar.text))")
        return nil
    }

    func int(_ range: ClosedRange<Int64> = 0...Int64.max) -> Int? {
        if isNull { return 0 }
        guard let scalar = scalar("a whole number") else { return nil }
        // A fraction is cut off, as Go's YAML does it.
        let value =
            scalar.integer
            ?? scalar.number.flatMap { Int64(exactly: $0.rounded(.towardZero)) }
        guard let value, scalar.isPlain else {
            error("expected a whole number, found \(shown(scalar.text))")
            return nil
        }
        guard range.contains(value) else {
            error("expected a whole number from \(range.lowerBound), found \(value)")
            return nil
        }
        return Int(value)
    }

    func double() -> Double? {
        if isNull { return 0 }
        guard let scalar = scalar("a number") else { return nil }
        if scalar.isPlain, let value = scalar.number { return value }
        error("expected a number, found \(shown(scalar.text))")
        return nil
    }

    /// A duration of Prometheus's, e.g. `1h30m`.
    func duration() -> Milliseconds? {
        if isNull { return .zero }
        guard let text = scalar("a duration such as 30s or 1h30m")?.text else { return nil }
        do {
            return try Milliseconds(prometheus: text)
        } catch {
            self.error("\(error)")
            return nil
        }
    }

    /// A duration as Go reads its own, e.g. `1.5h` or `1m30s`; cut to milliseconds.
    func goDuration() -> Milliseconds? {
        if isNull { return .zero }
        guard let text = scalar("a duration such as 30s")?.text else { return nil }
        if let value = GoDuration.parse(text) { return value }
        error("time: invalid duration \(text.goQuoted)")
        return nil
    }

    /// A size in bytes, e.g. `10MB`; units are powers of 1024, as Prometheus reads them.
    func size() -> Int64? {
        if isNull { return 0 }
        guard let text = scalar("a size such as 10MB")?.text else { return nil }
        do {
            return try ByteSize.parse(text)
        } catch {
            self.error(error.description)
            return nil
        }
    }

    /// One of the words; the error lists them and says which one is near.
    func word(_ words: [String], _ what: String) -> String? {
        guard let text = string(what) else { return nil }
        if words.contains(text) { return text }
        error(
            "unknown \(what) \(text.goQuoted), expected one of \(words.joined(separator: ", "))"
                + suggestion(text, words))
        return nil
    }

    /// A path, made relative to the file's directory.
    func file() -> String? { string().map { FilePath.resolve($0, in: context.directory) } }

    /// A path or a pattern of paths, made relative to the file's directory. What is no pattern is
    /// an error.
    func filePattern() -> Located<String>? {
        guard let text = string() else { return nil }
        if !GlobPattern.isValid(text) { error(brokenPattern(text)) }
        return Located(FilePath.resolve(text, in: context.directory), at: place)
    }

    /// What is wrong with a pattern that is none.
    func brokenPattern(_ text: String) -> String {
        "\(GlobPattern.SyntaxError()): \(text.goQuoted); put \\ before a [ that is part of a name"
    }

    /// A secret written here. It never appears in a problem, nor where the document is shown.
    func secret(hiding redaction: Redaction = .whole) -> Secret? {
        if isNull { return Secret(.inline("")) }
        context.redact(node, redaction)
        return scalar("a text").map { Secret(.inline($0.text)) }
    }

    /// A text that may come from a file as a secret does, and is none.
    func openText() -> Secret? { string().map { Secret(.inline($0)) } }

    // MARK: Collections

    /// Every element; those that `read` refuses are left out (and the document has an error).
    func list<T>(_ read: (Element) -> T?) -> [T]? {
        if isNull { return [] }
        guard case .sequence(let items) = node.content else { return mismatch("a list") }
        return items.enumerated().compactMap { index, item in
            read(Element(node: item, path: "\(path)[\(index)]", context: context))
        }
    }

    /// The same without the elements that are nothing, which are a warning.
    func listOfSome<T>(_ read: (Element) -> T?) -> [T]? {
        list { element in
            if !element.isNull { return read(element) }
            element.warn("there is nothing behind the dash; it is ignored")
            return nil
        }
    }

    /// Keys and values of the user's own naming.
    func entries() -> [(key: String, place: SourcePlace, value: Element)]? {
        if isNull { return [] }
        guard case .mapping(let entries) = node.content else { return mismatch("a mapping") }
        return entries.map { entry in
            let name = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            return (
                entry.key, entry.place, Element(node: entry.value, path: name, context: context)
            )
        }
    }

    /// A mapping with known keys: those that `read` asks for. Another key is an error.
    func object<T>(_ read: (KeyedElement) -> T?) -> T? {
        let entries: [YAMLNode.Entry]
        switch node.content {
        case .mapping(let list): entries = list
        case _ where isNull: entries = []
        default: return mismatch("a mapping")
        }
        let keyed = KeyedElement(self, entries)
        let value = read(keyed)
        keyed.reportUnknownKeys()
        return value
    }

    /// Labels, their names and values checked.
    func labels(
        _ validation: NameValidation = .utf8, keepingEmpty: Bool = false
    ) -> Labels? {
        guard let entries = entries() else { return nil }
        var labels: [Label] = []
        for entry in entries {
            if !entry.key.isLabelName(validation) {
                context.add(
                    Problem(
                        at: entry.place, path: path,
                        "\(entry.key.goQuoted) is not a valid label name"))
            }
            if let text = entry.value.string() { labels.append(Label(entry.key, text)) }
        }
        return keepingEmpty ? Labels(keepingEmpty: labels) : Labels(labels)
    }

    private func shown(_ text: String) -> String { text.goQuoted }
}

/// `; did you mean …?` where a known word is near.
func suggestion(_ word: String, _ known: some Sequence<String>) -> String {
    Suggestion.nearest(to: word, among: known.filter { !$0.isEmpty }).map {
        "; did you mean \($0)?"
    } ?? ""
}

extension String {
    /// Whether it may be a label's name.
    func isLabelName(_ validation: NameValidation) -> Bool {
        validation == .legacy ? isLegacyLabelName : !isEmpty
    }
}
