import Configuration
import Model
import PromQL

/// Which rules read which of some series.
public struct SeriesReaders: Sendable {
    /// A rule that reads some of them.
    public struct Reader: Sendable, Hashable {
        /// The rule's file.
        public let file: String
        /// Its group.
        public let group: String
        /// Its name.
        public let rule: String
        /// What it reads of the series, in order.
        public let series: [Labels]
    }

    /// The rules in the order of their files.
    public private(set) var readers: [Reader] = []
    /// The series that no rule reads.
    public let unread: [Labels]

    /// Of expressions; the queries of templates are not looked at. One that does not parse reads nothing.
    public init(
        of series: [Labels], in files: [RuleFile], parser: ParserOptions = ParserOptions()
    ) {
        let byName = Dictionary(grouping: series, by: \.metricName)
        var read: Set<Labels> = []
        for file in files {
            for group in file.groups {
                for rule in group.rules {
                    let found = SeriesReaders.selected(
                        by: rule.expr.value, parser, from: series, byName)
                    if found.isEmpty { continue }
                    read.formUnion(found)
                    readers.append(
                        Reader(
                            file: file.path, group: group.name, rule: rule.name,
                            series: found.sorted()))
                }
            }
        }
        unread = series.filter { !read.contains($0) }
    }

    private static func selected(
        by text: String, _ parser: ParserOptions, from series: [Labels],
        _ byName: [String: [Labels]]
    ) -> Set<Labels> {
        guard let expr = try? Parser.parse(text, options: parser) else { return [] }
        var found: Set<Labels> = []
        expr.forEachSelector { use in
            let matchers = use.selector.matchers
            let name = matchers.first { $0.name == Labels.name && $0.kind == .equal }?.value
            let candidates = name.map { byName[$0] ?? [] } ?? series
            for labels in candidates where matchers.allSatisfy({ $0.matches(labels) }) {
                found.insert(labels)
            }
        }
        return found
    }
}
