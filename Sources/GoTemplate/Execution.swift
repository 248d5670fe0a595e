import Model

/// One execution of a template: the variables, the output and what it has cost so far.
///
/// Recursion is bounded by `TemplateLimits.evaluationDepth`, everything else by its other limits.
final class Execution {
    let set: TemplateSet
    let limits: TemplateLimits
    private var output: [UInt8] = []
    private var escaper: HTMLEscaper?
    private var tree: TemplateTree
    var variables: [(name: String, value: TemplateValue)] = []
    var place = Place.none
    private var steps = 0
    private var work = 0
    var depth = 0
    private var templateDepth = 0
    private var regexes: [String: LinearRegex] = [:]
    /// The output beyond which nothing is wanted, and whether there was more.
    private var wantedBytes = Int.max
    private var isFull = false

    /// What is being evaluated, for error messages.
    enum Place {
        case none
        case term(Term)
        case pipeline(Pipeline)
        case action(Int, Pipeline)
        case command(Command)
        case call(TemplateCallNode)
    }

    private enum Flow { case onward, breakLoop, continueLoop }

    /// What the caller handed in for its functions.
    let context: Any?

    init(_ set: TemplateSet, _ tree: TemplateTree, context: Any?, limits: TemplateLimits) {
        self.set = set
        self.context = context
        self.tree = tree
        self.limits = limits
        if set.escapesHTML { escaper = HTMLEscaper() }
    }

    func run(_ data: TemplateValue) throws(TemplateError) -> String {
        variables = [("$", data)]
        _ = try walk(tree.body, data)
        return String(decoding: output, as: UTF8.self)
    }

    /// The output up to its end, an error, or `maximumBytes`: whole characters.
    func output(_ data: TemplateValue, maximumBytes: Int) -> TemplateOutput {
        wantedBytes = maximumBytes
        variables = [("$", data)]
        var end = TemplateOutput.End.complete
        do {
            _ = try walk(tree.body, data)
        } catch {
            end = isFull ? .full : .failed(error)
        }
        if output.count > maximumBytes {
            var count = max(0, maximumBytes)
            while count > 0, output[count] & 0xc0 == 0x80 { count -= 1 }
            output.removeLast(output.count - count)
        }
        return TemplateOutput(String(decoding: output, as: UTF8.self), end)
    }

    // MARK: Costs and errors

    func charge(_ bytes: Int) throws(TemplateFunctionError) {
        work += min(max(bytes, 0), limits.workBytes + 1)
        if work > limits.workBytes { throw TemplateError.limit("workBytes", limits.workBytes) }
    }

    func step() throws(TemplateError) {
        steps += 1
        if steps > limits.steps { throw failure(TemplateError.limit("steps", limits.steps)) }
    }

    func enter() throws(TemplateError) {
        depth += 1
        if depth > limits.evaluationDepth {
            throw failure(TemplateError.limit("evaluationDepth", limits.evaluationDepth))
        }
    }

    func failure(_ error: TemplateFunctionError) -> TemplateError {
        failure(error.description, limit: error.limit)
    }

    func failure(_ message: String, limit: String? = nil) -> TemplateError {
        let (position, context): (Int, String)
        switch place {
        case .none: return TemplateError("template: \(tree.name): \(message)", limit: limit)
        case .term(let term): (position, context) = (term.position, term.description)
        case .pipeline(let pipe): (position, context) = (pipe.position, pipe.description)
        case .action(let start, let pipe): (position, context) = (start, "{{\(pipe)}}")
        case .command(let command):
            (position, context) = (command.position, command.description)
        case .call(let node): (position, context) = (node.position, node.description)
        }
        let location = tree.location(position)
        return TemplateError(
            "template: \(location): executing \(tree.name.goQuoted) at <\(context)>: \(message)",
            limit: limit)
    }

    func regex(_ pattern: String) throws -> LinearRegex {
        if let known = regexes[pattern] { return known }
        // Compiling costs far more than its pattern's length.
        try charge(4096 + 64 * pattern.utf8.count)
        let made = try LinearRegex(pattern)
        regexes[pattern] = made
        return made
    }

    // MARK: Statements

    private func walk(
        _ list: [Statement], _ dot: TemplateValue
    ) throws(TemplateError) -> Flow {
        try enter()
        defer { depth -= 1 }
        for statement in list {
            try step()
            switch statement {
            case .text(let node): try write(text: node.bytes)
            case .action(let position, let pipe):
                let (value, named) = try evaluateForOutput(pipe, dot)
                if pipe.variables.isEmpty {
                    place = .action(position, pipe)
                    try write(value, named)
                }
            case .branch(let branch):
                let flow = try walk(branch, dot)
                if flow != .onward { return flow }
            case .call(let node): try call(node, dot)
            case .breakLoop: return .breakLoop
            case .continueLoop: return .continueLoop
            }
        }
        return .onward
    }

    private func walk(_ branch: Branch, _ dot: TemplateValue) throws(TemplateError) -> Flow {
        let mark = variables.count
        defer { forgetVariables(after: mark) }
        if branch.kind == .range { return try walkRange(branch, dot) }
        let value = try evaluate(branch.pipeline, dot)
        if value.isTrue { return try walk(branch.body, branch.kind == .with ? value : dot) }
        guard let alternative = branch.alternative else { return .onward }
        return try walk(alternative, dot)
    }

    private func walkRange(_ branch: Branch, _ dot: TemplateValue) throws(TemplateError) -> Flow {
        let value = try evaluate(branch.pipeline, dot)
        let mark = variables.count
        var isEmpty = false
        switch value.underlying {
        case .list(let list):
            isEmpty = list.elements.isEmpty
            for (index, element) in list.elements.enumerated() {
                if try !iterate(
                    branch, .int(Int64(index)), element.asElement(of: list.typeName), mark)
                {
                    break
                }
            }
        case .map(let map):
            isEmpty = map.entries.isEmpty
            for entry in map.entries {
                if try !iterate(
                    branch, .string(entry.key), entry.value.asElement(of: map.typeName), mark)
                {
                    break
                }
            }
        case .int(let count):
            if branch.pipeline.variables.count > 1 {
                throw failure("can't use \(count) to iterate over more than one variable")
            }
            isEmpty = count <= 0
            var index: Int64 = 0
            while index < count {
                if try !iterate(branch, .int(index), .int(index), mark) { break }
                index += 1
            }
        case .null: isEmpty = true
        default: throw failure("range can't iterate over \(try shown(value))")
        }
        guard isEmpty, let alternative = branch.alternative else { return .onward }
        return try walk(alternative, dot)
    }

    /// One round of a loop; false where it ends the loop.
    private func iterate(
        _ branch: Branch, _ index: TemplateValue, _ element: TemplateValue, _ mark: Int
    ) throws(TemplateError) -> Bool {
        try step()
        let names = branch.pipeline.variables
        if branch.pipeline.isAssignment {
            if names.count == 1 { try assign(names[0], element) }
            if names.count > 1 {
                try assign(names[0], index)
                try assign(names[1], element)
            }
        } else {
            if names.count > 0 { variables[mark - 1].value = element }
            if names.count > 1 { variables[mark - 2].value = index }
        }
        let flow = try walk(branch.body, element)
        forgetVariables(after: mark)
        return flow != .breakLoop
    }

    private func forgetVariables(after mark: Int) {
        variables.removeLast(max(0, variables.count - mark))
    }

    private func call(_ node: TemplateCallNode, _ dot: TemplateValue) throws(TemplateError) {
        place = .call(node)
        guard let target = set.trees[node.name] else {
            throw failure("template \(node.name.goQuoted) not defined")
        }
        try checkTemplateDepth()
        let data: TemplateValue
        if let pipe = node.pipeline { data = try evaluate(pipe, dot) } else { data = .null }
        try enter()
        try run(target, data)
        depth -= 1
    }

    private func checkTemplateDepth() throws(TemplateError) {
        if templateDepth < limits.templateDepth { return }
        throw failure(
            "exceeded maximum template depth (\(limits.templateDepth))", limit: "templateDepth")
    }

    /// Runs another template's statements: it sees no variable but its own `$`.
    private func run(_ target: TemplateTree, _ data: TemplateValue) throws(TemplateError) {
        let saved = (tree, variables)
        let savedPlace = place
        templateDepth += 1
        // Where it fails too: the caller forgets its own variables.
        defer {
            (tree, variables) = saved
            templateDepth -= 1
        }
        (tree, variables) = (target, [("$", data)])
        _ = try walk(target.body, data)
        place = savedPlace
    }

    /// What a template writes, as text, for functions that call templates.
    func nested(_ name: String, _ data: TemplateValue) throws -> String {
        guard let target = set.trees[name] else {
            throw TemplateFunctionError(
                "template: no template \(name.goQuoted) associated with template "
                    + set.rootName.goQuoted)
        }
        try checkTemplateDepth()
        let saved = (output, escaper, wantedBytes)
        defer { (output, escaper, wantedBytes) = saved }
        // The caller may cut the text down: its wanted length is not that of the output.
        wantedBytes = .max
        output = []
        if escaper != nil { escaper = HTMLEscaper() }
        try enter()
        try run(target, data)
        depth -= 1
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: Output

    private func write(text: [UInt8]) throws(TemplateError) {
        if escaper != nil {
            escaper?.write(text: text, to: &output)
        } else {
            output += text
        }
        try checkOutput()
    }

    /// An action's value; in HTML without the escape that ends its pipeline, if one does, which is
    /// applied together with those of the place.
    private func evaluateForOutput(
        _ pipe: Pipeline, _ dot: TemplateValue
    ) throws(TemplateError) -> (TemplateValue, HTMLEscaper.Named?) {
        guard escaper != nil, pipe.variables.isEmpty, let last = pipe.commands.last,
            case .identifier(_, let name)? = last.terms.first, set.functions[name] == nil,
            let named = HTMLEscaper.Named(rawValue: name)
        else { return (try evaluate(pipe, dot), nil) }
        var rest = pipe
        rest.commands.removeLast()
        if rest.commands.isEmpty {
            // `{{ html a b }}` escapes what `print a b` gives.
            var command = last
            command.terms[0] = .identifier(position: last.position, "print")
            rest.commands = [command]
        } else if last.terms.count > 1 {
            return (try evaluate(pipe, dot), nil)
        }
        return (try evaluate(rest, dot), named)
    }

    private func write(
        _ value: TemplateValue, _ named: HTMLEscaper.Named? = nil
    ) throws(TemplateError) {
        if case .function = value {
            guard case .action(_, let pipe) = place else { return }
            throw failure("can't print {{\(pipe)}} of type \(value.typeName)")
        }
        if escaper != nil {
            let text: String
            if case .null = value { text = "" } else { text = try shown(value) }
            escaper?.write(value: value, text: text, named: named, to: &output)
        } else if case .null = value {
            output += Array("<no value>".utf8)
        } else if case .string(let text) = value {
            output += Array(text.utf8)
        } else {
            output += Array(try shown(value).utf8)
        }
        try checkOutput()
    }

    private func checkOutput() throws(TemplateError) {
        if output.count > wantedBytes {
            isFull = true
            throw failure("no more output is wanted")
        }
        if output.count > limits.outputBytes {
            throw failure(TemplateError.limit("outputBytes", limits.outputBytes))
        }
    }

    /// As `fmt.Sprint` shows it.
    private func shown(_ value: TemplateValue) throws(TemplateError) -> String {
        var format = GoFormat(limit: limits.outputBytes)
        do { try format.print([value]) } catch { throw failure(error) }
        return format.text
    }
}
