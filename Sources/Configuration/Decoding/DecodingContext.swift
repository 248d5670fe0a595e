import Model

/// What reading one document gathers and needs: the problems so far, the directory that relative
/// paths mean, the environment.
final class DecodingContext {
    private var found: [Found] = []
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

    private struct Found {
        var problem: Problem
        /// The values that it may follow from; nil for what is wrong with a value itself.
        var causes: Causes?
    }

    /// Something wrong with a value itself. A key that is looked at twice complains once.
    func add(_ problem: Problem) {
        if seen.insert(problem).inserted { found.append(Found(problem: problem)) }
    }

    /// The values that a problem may follow from.
    struct Causes {
        /// Those directly under this path, items of lists among them.
        var keysOf: String
        /// All that stands below these paths.
        var allBelow: [String] = []
    }

    /// Something wrong with what values say together, such as a key that is missing. Where one of its
    /// causes is wrong itself, this may well follow from it and is not told.
    func add(_ problem: Problem, followingFrom causes: Causes) {
        if seen.insert(problem).inserted {
            found.append(Found(problem: problem, causes: causes))
        }
    }

    /// What is told: causes, and what follows from none of them.
    var problems: [Problem] {
        let wrong = found.filter { $0.causes == nil && $0.problem.severity == .error }
            .map(\.problem.path)
        var places: Set<SourcePlace> = []
        return found.filter { one in
            guard let causes = one.causes else {
                // Two readers of one value complain once.
                return one.problem.severity != .error || one.problem.path.isEmpty
                    || places.insert(one.problem.place).inserted
            }
            return !wrong.contains(where: causes.contain)
        }.map(\.problem)
    }

    /// The instructions that all regular expressions of a document may be compiled to: about two seconds
    /// of work.
    static let regexInstructions = 4_000_000
    private var regexInstructionsLeft = DecodingContext.regexInstructions

    /// Why no further regular expression is compiled, or nil.
    var regexRefusal: String? {
        regexInstructionsLeft > 0
            ? nil
            : "the regular expressions of the file have more than "
                + "\(DecodingContext.regexInstructions) instructions in all "
                + "(DecodingContext.regexInstructions)"
    }

    /// Accounts for regular expressions that were compiled.
    func countRegex(_ instructions: Int) { regexInstructionsLeft -= instructions }

    /// Accounts for one that was refused: where it was for its size, it was compiled all the same.
    func countRefusedRegex(_ message: String) {
        if message.contains("LinearRegex.maximumMemory") {
            regexInstructionsLeft -= DecodingContext.regexInstructions / 4
        }
    }

    /// Readers call it for every value that nobody may see.
    func redact(_ node: YAMLNode, _ redaction: Redaction) { redactions[node.place] = redaction }

    func add(_ more: [Problem]) { more.forEach(add) }

    var hasErrors: Bool { found.contains { $0.problem.severity == .error } }

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

extension DecodingContext.Causes {
    func contain(_ path: String) -> Bool {
        if let rest = path.rest(below: keysOf) {
            let first = rest.first == UInt8(ascii: ".") ? rest.dropFirst() : rest
            if !first.contains(UInt8(ascii: ".")) { return true }
        }
        return allBelow.contains { path.rest(below: $0) != nil }
    }
}

extension String {
    /// Of the path of something below `scope`, what follows it: `.b[0]` of `a.b[0]` below `a`.
    fileprivate func rest(below scope: String) -> Substring.UTF8View? {
        guard hasPrefix(scope) else { return nil }
        let rest = Substring(self).utf8.dropFirst(scope.utf8.count)
        guard let next = rest.first, !scope.isEmpty else { return rest }
        return next == UInt8(ascii: ".") || next == UInt8(ascii: "[") ? rest : nil
    }
}
