import Model

/// Functions that change labels and leave values alone.
let labelFunctions: [Function] = [
    Function(
        "label_replace", [.vector, .string, .string, .string, .string],
        .labels { call throws(QueryError) in
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
            return { labels, run throws(QueryError) in
                guard let groups = regex.groupsOfWholeMatch(labels.value(source)) else {
                    return (labels, false)
                }
                let longest = groups.reduce(0) { max($0, $1?.utf8.count ?? 0) }
                try run.memory.take(expandedBytes(replacement, longest))
                let value = regex.expand(replacement, groups: groups)
                return (labels.setting(destination, value), destination == Labels.name)
            }
        }),
    Function(
        "label_join", [.vector, .string, .string, .string], variadic: -1,
        .labels { call throws(QueryError) in
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
            return { labels, run throws(QueryError) in
                var bytes = 0
                for name in names { bytes += labels.value(name).utf8.count + separator.utf8.count }
                try run.memory.take(MemoryCost.text(bytes))
                let value = names.map { labels.value($0) }.joined(separator: separator)
                return (labels.setting(destination, value), destination == Labels.name)
            }
        }),
]

/// What a replacement takes at most whose groups are no longer than `longest`.
private func expandedBytes(_ replacement: String, _ longest: Int) -> Int {
    let references = replacement.utf8.count { $0 == UInt8(ascii: "$") }
    let (bytes, overflow) = references.multipliedReportingOverflow(by: longest)
    // The bytes and the text that is made of them.
    return overflow ? .max / 4 : 2 * MemoryCost.text(replacement.utf8.count + bytes)
}

/// Whether a text may be a label's name: any UTF-8 but nothing. The parser lets U+FFFD into a string
/// only for bytes that are no UTF-8.
func isLabelName(_ text: String) -> Bool {
    !text.isEmpty && !text.unicodeScalars.contains("\u{FFFD}")
}
