import Model

/// Named templates that can call one another, and the functions they can call.
public struct TemplateSet: Sendable {
    /// What the templates may call beside Go's own functions.
    public let functions: [String: TemplateFunction]
    /// What an execution may cost.
    public let limits: TemplateLimits
    /// What a missing key of a map is.
    public let missingKey: MissingKey
    /// Whether values are escaped for their place in an HTML document, as `html/template` does.
    public let escapesHTML: Bool
    /// The name of the text executed last; part of error messages.
    private(set) var rootName = ""
    private(set) var trees: [String: TemplateTree] = [:]

    /// A set without templates.
    public init(
        functions: [String: TemplateFunction] = [:], missingKey: MissingKey = .zero,
        escapesHTML: Bool = false, limits: TemplateLimits = TemplateLimits()
    ) {
        self.functions = functions
        self.limits = limits
        self.missingKey = missingKey
        self.escapesHTML = escapesHTML
    }

    /// Adds a text, under `name`, and the definitions in it; those of the same name are replaced,
    /// unless the new one is empty.
    public mutating func add(_ text: String, named name: String) throws(TemplateError) {
        let known = functions
        var parser = Parser(name: name, text: text, limits: limits) {
            known[$0] != nil || Builtins.names.contains($0)
        }
        try parser.parse()
        for tree in parser.trees {
            if tree.isEmpty, trees[tree.name] != nil { continue }
            trees[tree.name] = tree
        }
    }

    /// A template from `text`, which sees this set's definitions and may have its own.
    public func template(_ text: String, named name: String = "") throws(TemplateError) -> Template
    {
        var copy = self
        // A text takes the place of an earlier one of its name even where it is empty.
        copy.trees[name] = nil
        try copy.add(text, named: name)
        copy.rootName = name
        return Template(set: copy, name: name)
    }

    /// The names of all templates, sorted.
    public var names: [String] { trees.keys.sorted() }

    /// What the template called `name` writes for `data`; functions find `context` in their call.
    public func execute(
        _ name: String, _ data: TemplateValue, context: Any? = nil
    ) throws(TemplateError) -> String {
        guard let tree = trees[name] else { throw unknown(name) }
        return try Execution(self, tree, context: context, limits: limits).run(data)
    }

    func unknown(_ name: String) -> TemplateError {
        TemplateError(
            "template: no template \(name.goQuoted) associated with template \(rootName.goQuoted)")
    }

    /// The calls of `function` with a literal text as only argument, and how many others there are:
    /// what a template reads can be known beforehand only where it is written out.
    public func literalCalls(of function: String) -> (literals: [String], computed: Int) {
        var finder = CallFinder(function: function)
        for name in names {
            if let tree = trees[name] { finder.visit(tree.body) }
        }
        return (finder.literals, finder.computed)
    }
}

/// Looks through trees for calls of one function.
private struct CallFinder {
    let function: String
    var literals: [String] = []
    var computed = 0

    init(function: String) { self.function = function }

    // Trees are no deeper than `TemplateLimits.nesting`.
    mutating func visit(_ list: [Statement]) {
        for statement in list {
            switch statement {
            case .action(_, let pipe): visit(pipe)
            case .branch(let branch):
                visit(branch.pipeline)
                visit(branch.body)
                visit(branch.alternative ?? [])
            case .call(let node): if let pipe = node.pipeline { visit(pipe) }
            case .text, .breakLoop, .continueLoop: break
            }
        }
    }

    private mutating func visit(_ pipe: Pipeline) {
        for (index, command) in pipe.commands.enumerated() {
            if case .identifier(_, let name)? = command.terms.first, name == function {
                count(command, previous: index == 0 ? nil : pipe.commands[index - 1])
                for term in command.terms.dropFirst() { visit(term) }
            } else {
                for term in command.terms { visit(term) }
            }
        }
    }

    /// `query "text"`, or `"text" | query`.
    private mutating func count(_ command: Command, previous: Command?) {
        let source = command.terms.count > 1 ? command.terms[1] : previous?.terms.first
        let alone = command.terms.count > 1 || previous?.terms.count == 1
        if alone, case .string(_, _, let text)? = source {
            literals.append(text)
        } else {
            computed += 1
        }
    }

    private mutating func visit(_ term: Term) {
        switch term {
        case .pipeline(let pipe): visit(pipe)
        case .chain(_, let inner, _): visit(inner)
        case .identifier(_, let name): if name == function { computed += 1 }
        default: break
        }
    }
}
