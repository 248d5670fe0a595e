import Model

/// What reading one document gathers and needs: the problems so far, the directory that relative
/// paths mean, the environment.
final class DecodingContext {
    private(set) var problems: [Problem] = []
    private var seen: Set<Problem> = []
    private(set) var redactions: [SourcePlace: Redaction] = [:]
    /// The directory of the file, without a slash at its end; "" for the working directory.
    let directory: String
    let environment: [String: String]
    /// Whether keys that nobody asks for are the user's own business, everywhere in the document.
    var ignoresUnknownKeys = false

    init(path: String, environment: [String: String] = [:]) {
        directory = FilePath.directory(of: path)
        self.environment = environment
    }

    /// A key that is looked at twice complains once.
    func add(_ problem: Problem) {
        if seen.insert(problem).inserted { problems.append(problem) }
    }

    /// Readers call it for every value that nobody may see.
    func redact(_ node: YAMLNode, _ redaction: Redaction) { redactions[node.place] = redaction }

    func add(_ more: [Problem]) { more.forEach(add) }

    var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// The result: its problems sorted by place, its value unless there is an error, and the document
    /// `root` as others may see it.
    func result<Value>(_ value: Value?, of root: YAMLNode? = nil) -> LoadResult<Value> {
        let sorted = problems.enumerated().sorted { a, b in
            let (x, y) = (a.element.place, b.element.place)
            return (x.file, x.line, x.column, a.offset) < (y.file, y.line, y.column, b.offset)
        }
        return LoadResult(
            value: hasErrors ? nil : value, problems: sorted.map(\.element), draft: value,
            shown: root.map { RedactedYAML.text($0, redactions) } ?? "")
    }
}
