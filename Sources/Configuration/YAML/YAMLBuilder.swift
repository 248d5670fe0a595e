import Model

/// Puts the parser's events together to a tree.
struct YAMLBuilder {
    /// A list or mapping whose end has not come yet.
    private struct Open {
        var isMapping: Bool
        var items: [YAMLNode] = []
        var entries: [YAMLNode.Entry] = []
        var keys: Set<[UInt8]> = []
        var key: Key?
        var merged: [YAMLNode] = []
        var anchor: String?
        var tag: String?
        var place: SourcePlace
    }

    /// A key whose value has not come yet.
    private struct Key {
        enum Use { case entry, merge, repeated }
        var text: String
        var place: SourcePlace
        var use: Use
    }

    private(set) var root: YAMLNode?
    private(set) var problems: [Problem] = []
    private var open: [Open] = []
    private var anchors: [String: YAMLNode] = [:]
    private var nodes = 0
    /// Whether the first document has ended: what comes now is not read.
    private(set) var isComplete = false
    /// Whether there is anything behind it.
    private(set) var hasMore = false
    private let file: String
    private let limits: YAMLLimits

    init(file: String, limits: YAMLLimits) {
        self.file = file
        self.limits = limits
    }

    mutating func take(_ event: YAMLEvent) throws(Problem) {
        switch event.kind {
        case .documentStart: if isComplete { ignoreMore(at: event.place) }
        case .documentEnd: isComplete = true
        case .scalar(let scalar): try addScalar(scalar, event)
        case .alias(let name): try addAlias(name, at: event.place)
        case .sequenceStart: try begin(isMapping: false, event)
        case .mappingStart: try begin(isMapping: true, event)
        case .end: try finishCollection()
        }
    }

    private mutating func addScalar(
        _ scalar: YAMLNode.Scalar, _ event: YAMLEvent
    ) throws(Problem) {
        if scalar.text.utf8.count > limits.scalarSize {
            throw Problem(
                at: event.place, "longer than the limit scalarSize of \(limits.scalarSize) bytes")
        }
        try count(1, at: event.place)
        let read = event.tag == YAMLTag.binary ? try binary(scalar, event.place) : scalar
        try add(
            YAMLNode(.scalar(read), place: event.place, tag: event.tag), anchor: event.anchor)
    }

    private mutating func addAlias(_ name: String, at place: SourcePlace) throws(Problem) {
        guard var node = anchors[name] else {
            throw Problem(at: place, "yaml: unknown anchor '\(name)' referenced")
        }
        try count(node.weight, at: place)
        if open.count + node.height > limits.depth { throw tooDeep(place) }
        // An empty key's place would be its anchor's; the alias is what the reader sees.
        if case .scalar = node.content { node.place = place }
        try add(node, anchor: nil)
    }

    private mutating func begin(isMapping: Bool, _ event: YAMLEvent) throws(Problem) {
        try count(1, at: event.place)
        if open.count >= limits.depth { throw tooDeep(event.place) }
        if let last = open.last, last.isMapping, last.key == nil {
            throw Problem(at: event.place, "a key must be a text, not a list or mapping")
        }
        open.append(
            Open(isMapping: isMapping, anchor: event.anchor, tag: event.tag, place: event.place))
    }

    private mutating func finishCollection() throws(Problem) {
        guard let last = open.popLast() else { return }
        let content: YAMLNode.Content =
            last.isMapping ? .mapping(try merge(last)) : .sequence(last.items)
        try add(YAMLNode(content, place: last.place, tag: last.tag), anchor: last.anchor)
    }

    /// Something stands behind the first document.
    mutating func ignoreMore(at place: SourcePlace) {
        hasMore = true
        problems.append(
            Problem(
                .warning, at: place,
                "only the first YAML document of a file is read; what begins here is ignored"))
    }

    private func binary(
        _ scalar: YAMLNode.Scalar, _ place: SourcePlace
    ) throws(Problem) -> YAMLNode.Scalar {
        guard let bytes = Base64.decode(scalar.text) else {
            throw Problem(at: place, "yaml: !!binary value contains invalid base64 data")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(at: place, "a !!binary value that is not valid UTF-8")
        }
        return YAMLNode.Scalar(text: text, isPlain: false)
    }

    private func tooDeep(_ place: SourcePlace) -> Problem {
        Problem(at: place, "nested deeper than the limit depth of \(limits.depth)")
    }

    private mutating func count(_ more: Int, at place: SourcePlace) throws(Problem) {
        nodes += more
        if nodes > limits.nodes {
            throw Problem(
                at: place, "more than the limit of \(limits.nodes) nodes, aliases counted in full")
        }
    }

    private mutating func add(_ node: YAMLNode, anchor: String?) throws(Problem) {
        if let anchor { anchors[anchor] = node }
        guard let index = open.indices.last else {
            root = node
            return
        }
        guard open[index].isMapping else {
            open[index].items.append(node)
            return
        }
        guard let key = open[index].key else {
            open[index].key = try key(of: node, at: index)
            return
        }
        open[index].key = nil
        switch key.use {
        case .entry:
            open[index].entries.append(
                YAMLNode.Entry(key: key.text, place: key.place, value: node))
        case .merge: open[index].merged.append(node)
        case .repeated: break
        }
    }

    private mutating func key(of node: YAMLNode, at index: Int) throws(Problem) -> Key {
        guard case .scalar(let scalar) = node.content else {
            throw Problem(at: node.place, "a key must be a text, not a list or mapping")
        }
        if scalar.text == YAMLTag.merge && scalar.isPlain {
            return Key(text: scalar.text, place: node.place, use: .merge)
        }
        if open[index].keys.insert(Array(scalar.text.utf8)).inserted {
            return Key(text: scalar.text, place: node.place, use: .entry)
        }
        problems.append(
            Problem(at: node.place, "key \(scalar.text.goQuoted) already set in map"))
        return Key(text: scalar.text, place: node.place, use: .repeated)
    }

    /// A mapping's own entries, then those of its merge keys that it does not have itself.
    private mutating func merge(_ mapping: Open) throws(Problem) -> [YAMLNode.Entry] {
        var entries = mapping.entries
        var seen = mapping.keys
        for node in mapping.merged {
            let sources: [YAMLNode]
            if case .sequence(let items) = node.content {
                sources = items
            } else {
                sources = [node]
            }
            for source in sources {
                guard case .mapping(let more) = source.content else {
                    throw Problem(
                        at: node.place,
                        "yaml: map merge requires map or sequence of maps as the value")
                }
                try count(more.count, at: node.place)
                for entry in more where seen.insert(Array(entry.key.utf8)).inserted {
                    entries.append(entry)
                }
            }
        }
        return entries
    }
}
