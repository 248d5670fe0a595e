extension TemplateSet {
    /// The templates that the one called `name` calls, directly or not, and that do not exist.
    public func missingTemplates(calledBy name: String) -> [String] {
        var missing: [String] = []
        var seen: Set<String> = [name]
        var waiting = [name]
        while let next = waiting.popLast() {
            guard let tree = trees[next] else {
                missing.append(next)
                continue
            }
            var finder = ReferenceFinder()
            finder.visit(tree.body)
            waiting += finder.templates.filter { seen.insert($0).inserted }
        }
        return missing.sorted()
    }
}

/// Looks through trees for calls of templates.
private struct ReferenceFinder {
    var templates: [String] = []

    // Trees are no deeper than `TemplateLimits.nesting`.
    mutating func visit(_ list: [Statement]) {
        for statement in list {
            switch statement {
            case .branch(let branch):
                visit(branch.body)
                visit(branch.alternative ?? [])
            case .call(let node): templates.append(node.name)
            case .action, .text, .breakLoop, .continueLoop: break
            }
        }
    }
}
