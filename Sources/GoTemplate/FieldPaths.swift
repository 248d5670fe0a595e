extension Template {
    /// The paths of fields that it reads of the data that it is executed with, each once, in the order
    /// in which they stand: `["Labels", "job"]` for `.Labels.job`, `$.Labels.job`, `index .Labels "job"`
    /// and `{{ with .Labels }}{{ .job }}{{ end }}`.
    ///
    /// The dot and variables are followed through `with`, `range` and calls of templates. What a
    /// function returns, and the elements of a `range`, are other data, of which nothing is said.
    public var fieldPaths: [[String]] {
        var finder = FieldPathFinder(set: set)
        finder.visit(name, data: .path([]))
        return finder.paths
    }
}

private struct FieldPathFinder {
    /// What is known of a value.
    enum Value: Hashable {
        /// A part of the data.
        case path([String])
        case text(String)
        case unknown
    }

    private struct Call: Hashable {
        var name: String
        var data: Value
    }

    let set: TemplateSet
    private(set) var paths: [[String]] = []
    private var known: Set<[String]> = []
    private var visited: Set<Call> = []
    private var variables: [(name: String, value: Value)] = []

    init(set: TemplateSet) { self.set = set }

    /// A template that is called again with the same data has nothing new to say, which ends recursion.
    mutating func visit(_ name: String, data: Value) {
        guard let tree = set.trees[name],
            visited.insert(Call(name: name, data: data)).inserted
        else { return }
        let outer = variables
        variables = [("$", data)]
        visit(tree.body, dot: data)
        variables = outer
    }

    // Trees are no deeper than `TemplateLimits.nesting`.
    private mutating func visit(_ statements: [Statement], dot: Value) {
        let depth = variables.count
        for statement in statements {
            switch statement {
            case .action(_, let pipeline): _ = evaluate(pipeline, dot)
            case .branch(let branch): visit(branch, dot: dot)
            case .call(let node):
                let data = node.pipeline.map { evaluate($0, dot) } ?? .unknown
                visit(node.name, data: data)
            case .text, .breakLoop, .continueLoop: break
            }
        }
        variables.removeLast(variables.count - depth)
    }

    private mutating func visit(_ branch: Branch, dot: Value) {
        let depth = variables.count
        let value = evaluate(branch.pipeline, dot, areElements: branch.kind == .range)
        let inner: Value =
            switch branch.kind {
            case .ifTrue: dot
            case .with: value
            case .range: .unknown
            }
        visit(branch.body, dot: inner)
        visit(branch.alternative ?? [], dot: dot)
        variables.removeLast(variables.count - depth)
    }

    // MARK: Values

    private mutating func evaluate(
        _ pipeline: Pipeline, _ dot: Value, areElements: Bool = false
    ) -> Value {
        var value: Value?
        for command in pipeline.commands { value = evaluate(command, dot, piped: value) }
        for name in pipeline.variables {
            let bound = areElements ? .unknown : value ?? .unknown
            if pipeline.isAssignment {
                // Whether it happens is not known before it runs.
                for index in variables.indices where variables[index].name == name {
                    variables[index].value = .unknown
                }
            } else {
                variables.append((name, bound))
            }
        }
        return value ?? .unknown
    }

    private mutating func evaluate(_ command: Command, _ dot: Value, piped: Value?) -> Value {
        let values = command.terms.map { evaluate($0, dot) }
        guard case .identifier(_, let function)? = command.terms.first else {
            return values.count == 1 && piped == nil ? values[0] : .unknown
        }
        let arguments = values.dropFirst() + (piped.map { [$0] } ?? [])
        guard function == "index", case .path(let path)? = arguments.first else { return .unknown }
        let keys = arguments.dropFirst().map { argument -> String? in
            if case .text(let key) = argument { key } else { nil }
        }
        if keys.contains(nil) { return .unknown }
        return read(path + keys.compactMap(\.self))
    }

    private mutating func evaluate(_ term: Term, _ dot: Value) -> Value {
        switch term {
        case .dot: dot
        case .field(_, let names): read(names, of: dot)
        case .variable(_, let names):
            read(
                Array(names.dropFirst()),
                of: variables.last { $0.name == names.first }?.value ?? .unknown)
        case .chain(_, let inner, let names): read(names, of: evaluate(inner, dot))
        case .pipeline(let pipeline): evaluate(pipeline, dot)
        case .string(_, _, let text): .text(text)
        case .null, .bool, .number, .identifier: .unknown
        }
    }

    private mutating func read(_ names: [String], of value: Value) -> Value {
        guard case .path(let path) = value else { return .unknown }
        return read(path + names)
    }

    private mutating func read(_ path: [String]) -> Value {
        if !path.isEmpty, known.insert(path).inserted { paths.append(path) }
        return .path(path)
    }
}
