import Model

extension RuleFile {
    /// Reads every file that the patterns of `rule_files` match, each once however it is
    /// spelled, in order. A pattern that matches nothing is a warning.
    public static func loadAll(
        _ patterns: [Located<String>], nameValidation: NameValidation = .utf8,
        files: FileAccess = .system
    ) -> LoadResult<[RuleFile]> {
        var loaded: [RuleFile] = []
        let (paths, warnings) = files.paths(matching: patterns, of: "rule_files")
        var problems = warnings
        for path in paths {
            do {
                let result = load(
                    text: try files.read(path), path: path, nameValidation: nameValidation)
                problems += result.problems
                if let file = result.draft { loaded.append(file) }
            } catch {
                problems.append(Problem(at: SourcePlace(file: path), "\(error)"))
            }
        }
        let failed = problems.contains { $0.severity == .error }
        return LoadResult(value: failed ? nil : loaded, problems: problems, draft: loaded)
    }
}
