import Model

extension TargetGroup {
    /// Reads a file of `file_sd_configs`: a list of target groups, in YAML, or in JSON where the name
    /// ends in `.json`.
    public static func load(text: [UInt8], path: String) -> LoadResult<[TargetGroup]> {
        path.lowercased().hasSuffix(".json")
            ? load(json: text, path: path) : loadYAML(text, path: path)
    }

    private static func loadYAML(_ text: [UInt8], path: String) -> LoadResult<[TargetGroup]> {
        let context = DecodingContext(path: path)
        let (root, problems) = YAMLParser.parse(text, file: path)
        context.add(problems)
        guard let root else { return context.result([]) }
        let list = Element(node: root, path: "", context: context).list { element in
            if element.isNull {
                element.error(JSONTargetGroups.nullGroup)
                return nil as TargetGroup?
            }
            return TargetReader.group(element, .utf8)
        }
        return context.result(list ?? [])
    }

    /// Reads a list of target groups in JSON; `path` is where it is from.
    public static func load(json text: [UInt8], path: String) -> LoadResult<[TargetGroup]> {
        do {
            return LoadResult(value: try JSONTargetGroups.read(text), problems: [])
        } catch {
            let (line, column) = error.place(in: text)
            let place = SourcePlace(file: path, line: line, column: column)
            return LoadResult(value: nil, problems: [Problem(at: place, error.description)])
        }
    }
}

/// Target groups in JSON, as Prometheus's types read them from Go's `encoding/json`: names of any case,
/// the last of repeated ones counts, another name is an error, types are exact.
private enum JSONTargetGroups {
    static let nullGroup = "nil target group item found"

    /// How Go writes the type of a group.
    private static let groupType =
        #"struct { Targets []string "json:\"targets\""; Labels model.LabelSet "json:\"labels\"" }"#

    static func read(_ text: [UInt8]) throws(JSONError) -> [TargetGroup] {
        let root = try JSONNode.parse(text)
        let items: [JSONNode]
        switch root.content {
        case .null: items = []
        case .array(let elements): items = elements
        default: throw mismatch(root, "Go value of type []*targetgroup.Group")
        }
        var groups: [TargetGroup] = []
        for item in items where !item.isNull { groups.append(try group(item)) }
        // Go looks for these once everything is read.
        if let null = items.first(where: \.isNull) { throw JSONError(nullGroup, at: null.offset) }
        return groups
    }

    private static func group(_ node: JSONNode) throws(JSONError) -> TargetGroup {
        guard case .object(let members) = node.content else {
            throw mismatch(node, "Go value of type \(groupType)")
        }
        var targets = StringList()
        var labels = Labels.empty
        for member in members {
            switch JSONNode.folded(member.name) {
            case "targets": try targets.read(member.value)
            case "labels": labels = try self.labels(member.value)
            default:
                throw JSONError(
                    "json: unknown field \(member.name.goQuoted)", at: member.value.offset)
            }
        }
        return TargetGroup(targets: targets.values, labels: labels)
    }

    private static func labels(_ node: JSONNode) throws(JSONError) -> Labels {
        if node.isNull { return .empty }
        guard case .object(let members) = node.content else {
            throw mismatch(node, "Go value of type map[model.LabelName]model.LabelValue")
        }
        var labels: [String: String] = [:]
        for member in members {
            switch member.value.content {
            case .string(let text): labels[member.name] = text
            case .null: labels[member.name] = ""
            default: throw mismatch(member.value, "Go value of type model.LabelValue")
            }
        }
        if labels[""] != nil { throw JSONError("\"\" is not a valid label name", at: node.offset) }
        return Labels(labels)
    }

    fileprivate static func mismatch(_ node: JSONNode, _ type: String) -> JSONError {
        JSONError("json: cannot unmarshal \(node.kindName) into \(type)", at: node.offset)
    }
}

/// A Go slice of strings while it is read, perhaps more than once: `null` leaves in place what an
/// earlier list had there.
private struct StringList {
    private var memory: [String] = []
    private var count = 0

    var values: [String] { Array(memory.prefix(count)) }

    mutating func read(_ node: JSONNode) throws(JSONError) {
        switch node.content {
        case .null: self = StringList()
        case .array(let elements):
            if elements.isEmpty { self = StringList() }
            for (index, element) in elements.enumerated() {
                if index == memory.count { memory.append("") }
                switch element.content {
                case .string(let text): memory[index] = text
                case .null: break
                default: throw mismatch(element, "string")
                }
            }
            count = elements.count
        default: throw mismatch(node, "[]string")
        }
    }

    private func mismatch(_ node: JSONNode, _ type: String) -> JSONError {
        JSONTargetGroups.mismatch(node, "Go struct field .targets of type \(type)")
    }
}
