import Model

/// Functions that change labels and leave values alone.
let labelFunctions: [String: FunctionImplementation] = [
    "label_replace": .labels { call throws(QueryError) in
        let destination = try call.string(1)
        let replacement = try call.string(2)
        let source = try call.string(3)
        let pattern = try call.string(4)
        let regex: LinearRegex
        do {
            regex = try LinearRegex("^(?s:\(pattern))$", dotMatchesNewline: true)
        } catch {
            throw .execution("invalid regular expression in label_replace(): \(pattern)")
        }
        if !isLabelName(destination) {
            throw .execution(
                "invalid destination label name in label_replace(): \(destination)")
        }
        return { labels in
            guard let groups = regex.groupsOfWholeMatch(labels.value(source)) else {
                return (labels, false)
            }
            let value = regex.expand(replacement, groups: groups)
            return (labels.setting(destination, value), destination == Labels.name)
        }
    },
    "label_join": .labels { call throws(QueryError) in
        let destination = try call.string(1)
        let separator = try call.string(2)
        var sources: [String] = []
        for index in call.call.arguments.indices.dropFirst(3) {
            let source = try call.string(index)
            if !isLabelName(source) {
                throw .execution("invalid source label name in label_join(): \(source)")
            }
            sources.append(source)
        }
        if !isLabelName(destination) {
            throw .execution("invalid destination label name in label_join(): \(destination)")
        }
        let names = sources
        return { labels in
            let value = names.map { labels.value($0) }.joined(separator: separator)
            return (labels.setting(destination, value), destination == Labels.name)
        }
    },
]

/// Whether a text may be a label's name: any UTF-8 but nothing. The parser lets U+FFFD into a string
/// only for bytes that are no UTF-8.
func isLabelName(_ text: String) -> Bool {
    !text.isEmpty && !text.unicodeScalars.contains("\u{FFFD}")
}
