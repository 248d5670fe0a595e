import Model

extension RuleFile {
    /// Reads every file that the patterns of `rule_files` match, each once, in order. A pattern that
    /// matches nothing is a warning.
    public static func loadAll(
        _ patterns: [Located<String>], nameValidation: NameValidation = .utf8,
        files: FileAccess = .system
    ) -> LoadResult<[RuleFile]> {
        var loaded: [RuleFile] = []
        var problems: [Problem] = []
        var seen: Set<String> = []
        for pattern in patterns {
            let paths = files.glob(pattern.value)
            if paths.isEmpty {
                problems.append(
                    Problem(
                        .warning, at: pattern.place, path: "rule_files",
                        "no file matches \(pattern.value.goQuoted)"))
            }
            for path in paths where seen.insert(path).inserted {
                do {
                    let result = load(
                        text: try files.read(path), path: path, nameValidation: nameValidation)
                    problems += result.problems
                    if let file = result.draft { loaded.append(file) }
                } catch {
                    problems.append(Problem(at: SourcePlace(file: path), "\(error)"))
                }
            }
        }
        let failed = problems.contains { $0.severity == .error }
        return LoadResult(value: failed ? nil : loaded, problems: problems, draft: loaded)
    }
}
