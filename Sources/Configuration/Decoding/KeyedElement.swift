import Model

/// A mapping whose keys are known: asking for a key makes it known.
final class KeyedElement {
    let element: Element
    private let entries: [YAMLNode.Entry]
    private var known: Set<String> = []

    init(_ element: Element, _ entries: [YAMLNode.Entry]) {
        self.element = element
        self.entries = entries
    }

    var context: DecodingContext { element.context }
    var place: SourcePlace { element.place }
    var path: String { element.path }

    /// An error about what the keys say together, or about one that is missing. `others` are paths of
    /// what else it follows from.
    func error(_ message: String, andFrom others: [String] = []) {
        context.add(
            Problem(at: place, path: path, message),
            followingFrom: DecodingContext.Causes(keysOf: path, allBelow: others))
    }

    func warn(_ message: String) { element.warn(message) }

    /// The value of the key, nil where it is not written.
    subscript(_ key: String) -> Element? {
        known.insert(key)
        guard let entry = entries.first(where: { $0.key == key }) else { return nil }
        return Element(node: entry.value, path: path(of: key), context: context)
    }

    /// Whether the key is written and not nothing or an empty text.
    func has(_ key: String) -> Bool {
        guard let element = self[key], !element.isNull else { return false }
        if case .scalar(let scalar) = element.node.content { return !scalar.text.isEmpty }
        return true
    }

    /// The same, and not an empty list.
    func holds(_ key: String) -> Bool {
        if case .sequence(let items)? = self[key]?.node.content { return !items.isEmpty }
        return has(key)
    }

    /// The path of a key in here.
    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Where a key stands; the mapping's own place where it is not written.
    func place(of key: String) -> SourcePlace {
        entries.first { $0.key == key }?.place ?? place
    }

    /// An error about a key, at its place. `others` are keys whose values it is about too.
    func error(at key: String, _ message: String, andFrom others: [String] = []) {
        let path = path(of: key)
        context.add(
            Problem(at: place(of: key), path: path, message),
            followingFrom: DecodingContext.Causes(
                keysOf: path, allBelow: others.map { self.path(of: $0) }))
    }

    /// A warning about a key, at its place.
    func warn(at key: String, _ message: String) {
        context.add(Problem(.warning, at: place(of: key), path: path(of: key), message))
    }

    /// Reads a key into a place that already holds its default.
    func read<T>(_ key: String, into target: inout T, _ reader: (Element) -> T?) {
        if let value = self[key].flatMap(reader) { target = value }
    }

    func string(_ key: String, _ target: inout String) {
        read(key, into: &target) { $0.string() }
    }

    func bool(_ key: String, _ target: inout Bool) { read(key, into: &target) { $0.bool() } }

    func int(_ key: String, _ target: inout Int) { read(key, into: &target) { $0.int() } }

    func duration(_ key: String, _ target: inout Milliseconds) {
        read(key, into: &target) { $0.duration() }
    }

    func string(_ key: String) -> String? { self[key].flatMap { $0.string() } }

    func duration(_ key: String) -> Milliseconds? { self[key].flatMap { $0.duration() } }

    func bool(_ key: String) -> Bool? { self[key].flatMap { $0.bool() } }

    func object<T>(_ key: String, _ read: (KeyedElement) -> T?) -> T? {
        guard let element = self[key], !element.isNull else { return nil }
        return element.object(read)
    }

    /// Elements of a list; a missing one is an empty list.
    func list<T>(_ key: String, _ read: (Element) -> T?) -> [T] {
        self[key].flatMap { $0.list(read) } ?? []
    }

    /// Elements of a list in which a stray dash is none, as it is for the reference.
    func listOfSome<T>(_ key: String, _ read: (Element) -> T?) -> [T] {
        self[key].flatMap { $0.listOfSome(read) } ?? []
    }

    func strings(_ key: String) -> [String] { list(key) { $0.string() } }

    /// `KEY` or `KEY_file` as one secret, nil where neither is written. Both are an error, which
    /// `tooMany` words where the reference has words of its own.
    func secret(_ key: String, tooMany: String? = nil) -> Secret? {
        textOrFile(key, tooMany: tooMany) { $0.secret() }
    }

    /// The same where both may be written: the file's is taken.
    func secretPreferringFile(_ key: String) -> Secret? {
        let inline = has(key) ? self[key]?.secret() : nil
        guard has(key + "_file"), let path = self[key + "_file"]?.file() else { return inline }
        return Secret(.file(path: path))
    }

    /// The same, of a text that is no secret.
    func openText(_ key: String) -> Secret? { textOrFile(key) { $0.openText() } }

    func textOrFile(
        _ key: String, tooMany: String? = nil, _ read: (Element) -> Secret?
    ) -> Secret? {
        let fileKey = key + "_file"
        let (inline, file) = (self[key], self[fileKey])
        if has(key), has(fileKey) {
            error(
                at: fileKey,
                tooMany ?? "at most one of \(key) & \(fileKey) must be configured")
        }
        if has(fileKey), let path = file?.file() { return Secret(.file(path: path)) }
        guard has(key) else { return nil }
        return inline.flatMap(read)
    }

    func reportUnknownKeys() {
        if context.ignoresUnknownKeys { return }
        for entry in entries where !known.contains(entry.key) {
            context.add(
                Problem(
                    at: entry.place, path: path(of: entry.key),
                    "field \(entry.key) not found" + suggestion(entry.key, known)))
        }
    }
}
