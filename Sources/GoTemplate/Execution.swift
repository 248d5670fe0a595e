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
    private var variables: [(name: String, value: TemplateValue)] = []
    private var place = Place.none
    private var steps = 0
    private var work = 0
    private var depth = 0
    private var templateDepth = 0
    private var regexes: [String: LinearRegex] = [:]

    /// What is being evaluated, for error messages.
    private enum Place {
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

    init(_ set: TemplateSet, _ tree: TemplateTree, context: Any?) {
        self.set = set
        self.context = context
        self.tree = tree
        limits = set.limits
        if set.escapesHTML { escaper = HTMLEscaper() }
    }

    func run(_ data: TemplateValue) throws(TemplateError) -> String {
        variables = [("$", data)]
        _ = try walk(tree.body, data)
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: Costs and errors

    func charge(_ bytes: Int) throws(TemplateFunctionError) {
        work += min(max(bytes, 0), limits.workBytes + 1)
        if work > limits.workBytes { throw TemplateError.limit("workBytes", limits.workBytes) }
    }

    private func step() throws(TemplateError) {
        steps += 1
        if steps > limits.steps { throw failure("the limit steps of \(limits.steps) is exceeded") }
    }

    private func enter() throws(TemplateError) {
        depth += 1
        if depth > limits.evaluationDepth {
            throw failure("the limit evaluationDepth of \(limits.evaluationDepth) is exceeded")
        }
    }

    private func failure(_ message: String) -> TemplateError {
        let (position, context): (Int, String)
        switch place {
        case .none: return TemplateError("template: \(tree.name): \(message)")
        case .term(let term): (position, context) = (term.position, term.description)
        case .pipeline(let pipe): (position, context) = (pipe.position, pipe.description)
        case .action(let start, let pipe): (position, context) = (start, "{{\(pipe)}}")
        case .command(let command):
            (position, context) = (command.position, command.description)
        case .call(let node): (position, context) = (node.position, node.description)
        }
        let location = tree.location(position)
        return TemplateError(
            "template: \(location): executing \(tree.name.goQuoted) at <\(context)>: \(message)")
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
                let value = try evaluate(pipe, dot)
                if pipe.variables.isEmpty {
                    place = .action(position, pipe)
                    try write(value)
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
        defer { variables.removeLast(variables.count - mark) }
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
                if try !iterate(branch, .int(Int64(index)), element, mark) { break }
            }
        case .map(let map):
            isEmpty = map.entries.isEmpty
            for entry in map.entries {
                if try !iterate(branch, .string(entry.key), entry.value, mark) { break }
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
        variables.removeLast(variables.count - mark)
        return flow != .breakLoop
    }

    private func call(_ node: TemplateCallNode, _ dot: TemplateValue) throws(TemplateError) {
        place = .call(node)
        guard let target = set.trees[node.name] else {
            throw failure("template \(node.name.goQuoted) not defined")
        }
        if templateDepth >= limits.templateDepth {
            throw failure("exceeded maximum template depth (\(limits.templateDepth))")
        }
        let data: TemplateValue
        if let pipe = node.pipeline { data = try evaluate(pipe, dot) } else { data = .null }
        try enter()
        try run(target, data)
        depth -= 1
    }

    /// Runs another template's statements: it sees no variable but its own `$`.
    private func run(_ target: TemplateTree, _ data: TemplateValue) throws(TemplateError) {
        let saved = (tree, variables, place)
        templateDepth += 1
        (tree, variables) = (target, [("$", data)])
        _ = try walk(target.body, data)
        (tree, variables, place) = saved
        templateDepth -= 1
    }

    /// What a template writes, as text, for functions that call templates.
    func nested(_ name: String, _ data: TemplateValue) throws -> String {
        guard let target = set.trees[name] else {
            throw TemplateFunctionError(
                "template: no template \(name.goQuoted) associated with template "
                    + set.rootName.goQuoted)
        }
        if templateDepth >= limits.templateDepth {
            throw failure("exceeded maximum template depth (\(limits.templateDepth))")
        }
        let saved = (output, escaper)
        output = []
        if escaper != nil { escaper = HTMLEscaper() }
        try enter()
        try run(target, data)
        depth -= 1
        let text = String(decoding: output, as: UTF8.self)
        (output, escaper) = saved
        return text
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

    private func write(_ value: TemplateValue) throws(TemplateError) {
        if case .function = value {
            guard case .action(_, let pipe) = place else { return }
            throw failure("can't print {{\(pipe)}} of type \(value.typeName)")
        }
        if escaper != nil {
            let text: String
            if case .null = value { text = "" } else { text = try shown(value) }
            escaper?.write(value: value, text: text, to: &output)
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
        if output.count > limits.outputBytes {
            throw failure("the limit outputBytes of \(limits.outputBytes) is exceeded")
        }
    }

    /// As `fmt.Sprint` shows it.
    private func shown(_ value: TemplateValue) throws(TemplateError) -> String {
        var format = GoFormat(limit: limits.outputBytes)
        do { try format.print([value]) } catch { throw failure(error.description) }
        return format.text
    }

    // MARK: Pipelines and commands

    private func evaluate(
        _ pipe: Pipeline, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        try enter()
        defer { depth -= 1 }
        place = .pipeline(pipe)
        var value: TemplateValue?
        for command in pipe.commands { value = try evaluate(command, dot, final: value) }
        let result = value ?? .null
        for name in pipe.variables {
            if pipe.isAssignment {
                try assign(name, result)
            } else {
                variables.append((name, result))
            }
        }
        return result
    }

    private func assign(_ name: String, _ value: TemplateValue) throws(TemplateError) {
        guard let index = variables.lastIndex(where: { $0.name.bytesEqual(name) }) else {
            throw failure("undefined variable: \(name)")
        }
        variables[index].value = value
    }

    private func evaluate(
        _ command: Command, _ dot: TemplateValue, final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        try step()
        guard let first = command.terms.first else { return .null }
        switch first {
        case .field(_, let names):
            place = .term(first)
            return try chain(dot, dot, first, names[...], command.terms, final)
        case .chain:
            return try evaluateChain(first, dot, command.terms, final)
        case .variable:
            return try evaluateVariable(first, dot, command.terms, final)
        case .identifier(_, let name):
            place = .term(first)
            return try callFunction(name, dot, .command(command), command.terms, final)
        case .pipeline(let pipe):
            try refuseArguments(command, final)
            return try evaluate(pipe, dot)
        default: break
        }
        place = .term(first)
        try refuseArguments(command, final)
        switch first {
        case .bool(_, let value): return .bool(value)
        case .dot: return dot
        case .number(_, let number): return try constant(number)
        case .string(_, _, let text): return .string(text)
        case .null: throw failure("nil is not a command")
        default: throw failure("can't evaluate command \(first.description.goQuoted)")
        }
    }

    private func refuseArguments(
        _ command: Command, _ final: TemplateValue?
    ) throws(TemplateError) {
        if command.terms.count > 1 || final != nil {
            let first = command.terms.first?.description ?? ""
            throw failure("can't give argument to non-function \(first)")
        }
    }

    private func constant(_ number: NumberLiteral) throws(TemplateError) -> TemplateValue {
        if number.isComplex { throw failure("complex numbers are not supported") }
        if number.looksLikeFloat, let value = number.float { return .float(value) }
        if let value = number.int { return .int(value) }
        throw failure("\(number.text) overflows int")
    }

    private func evaluateVariable(
        _ term: Term, _ dot: TemplateValue, _ terms: [Term], _ final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        guard case .variable(_, let names) = term, let name = names.first else { return .null }
        place = .term(term)
        guard let value = variables.last(where: { $0.name.bytesEqual(name) })?.value else {
            throw failure("undefined variable: \(name)")
        }
        if names.count == 1 {
            if terms.count > 1 || final != nil {
                throw failure("can't give argument to non-function \(terms.first ?? term)")
            }
            return value
        }
        return try chain(dot, value, term, names.dropFirst(), terms, final)
    }

    private func evaluateChain(
        _ term: Term, _ dot: TemplateValue, _ terms: [Term], _ final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        guard case .chain(_, let inner, let names) = term else { return .null }
        place = .term(term)
        if case .null = inner { throw failure("indirection through explicit nil in \(term)") }
        let receiver = try argument(inner, .any, dot)
        return try chain(dot, receiver, term, names[...], terms, final)
    }

    private func chain(
        _ dot: TemplateValue, _ receiver: TemplateValue, _ term: Term, _ names: ArraySlice<String>,
        _ terms: [Term], _ final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        var receiver = receiver
        for name in names.dropLast() {
            receiver = try field(name, of: receiver, dot, term, [], nil)
        }
        return try field(names.last ?? "", of: receiver, dot, term, terms, final)
    }

    private func field(
        _ name: String, of receiver: TemplateValue, _ dot: TemplateValue, _ term: Term,
        _ terms: [Term], _ final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        try step()
        if case .null = receiver {
            if set.missingKey == .error {
                throw failure("nil data; no entry for key \(name.goQuoted)")
            }
            return .null
        }
        let hasArguments = terms.count > 1 || final != nil
        if case .object(let object) = receiver {
            if let method = object.method(name) {
                return try call(method, name, dot, .term(term), terms, final)
            }
            if let value = object.field(name) {
                if hasArguments {
                    throw failure("\(name) has arguments but cannot be invoked as function")
                }
                return value
            }
        }
        guard case .map(let map) = receiver.underlying else {
            throw failure("can't evaluate field \(name) in type \(receiver.typeName)")
        }
        if hasArguments { throw failure("\(name) is not a method but has arguments") }
        if let value = map[name] { return value }
        switch set.missingKey {
        case .zero: return map.zero
        case .invalid: return .null
        case .error: throw failure("map has no entry for key \(name.goQuoted)")
        }
    }

    // MARK: Calls

    private func callFunction(
        _ name: String, _ dot: TemplateValue, _ place: Place, _ terms: [Term],
        _ final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        if let function = set.functions[name] {
            return try call(function, name, dot, place, terms, final)
        }
        if name == "and" || name == "or" {
            return try shortCircuit(name, dot, terms, final)
        }
        guard let function = Builtins.functions[name] else {
            throw failure("\(name.goQuoted) is not a defined function")
        }
        return try call(function, name, dot, place, terms, final)
    }

    /// `and` and `or`, which evaluate no more of their arguments than they must.
    private func shortCircuit(
        _ name: String, _ dot: TemplateValue, _ terms: [Term], _ final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        let rest = terms.dropFirst()
        if rest.isEmpty && final == nil {
            throw failure("wrong number of args for \(name): want at least 1 got 0")
        }
        var value = TemplateValue.null
        for term in rest {
            value = try argument(term, .any, dot)
            if value.isTrue == (name == "or") { return value }
        }
        return final ?? value
    }

    private func call(
        _ function: TemplateFunction, _ name: String, _ dot: TemplateValue, _ node: Place,
        _ terms: [Term], _ final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        let arguments = try arguments(of: function, name, dot, terms.dropFirst(), final)
        try enter()
        defer { depth -= 1 }
        do {
            let result = try function.body(TemplateCall(arguments: arguments, execution: self))
            try charge(result)
            return result
        } catch {
            place = node
            throw failure("error calling \(name): \(error)")
        }
    }

    private func charge(_ result: TemplateValue) throws(TemplateFunctionError) {
        switch result {
        case .string(let text): try charge(text.utf8.count)
        case .safe(let safe): try charge(safe.text.utf8.count)
        case .list(let list): try charge(list.elements.count * 32)
        case .map(let map): try charge(map.entries.count * 64)
        default: break
        }
        if result.height > limits.valueHeight {
            throw TemplateError.limit("valueHeight", limits.valueHeight)
        }
    }

    private func arguments(
        of function: TemplateFunction, _ name: String, _ dot: TemplateValue,
        _ terms: ArraySlice<Term>, _ final: TemplateValue?
    ) throws(TemplateError) -> [TemplateValue] {
        let wanted = function.parameters.count
        let given = terms.count + (final == nil ? 0 : 1)
        if function.isVariadic {
            if given < wanted - 1 {
                throw failure(
                    "wrong number of args for \(name): want at least \(wanted - 1) got \(terms.count)"
                )
            }
        } else if given != wanted {
            throw failure("wrong number of args for \(name): want \(wanted) got \(given)")
        }
        func parameter(_ index: Int) -> TemplateParameter {
            function.parameters[min(index, wanted - 1)]
        }
        var values: [TemplateValue] = []
        for (index, term) in terms.enumerated() {
            values.append(try argument(term, parameter(index), dot))
        }
        if let final { values.append(try validate(final, parameter(values.count))) }
        return values
    }

    private func argument(
        _ term: Term, _ parameter: TemplateParameter, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        try step()
        try enter()
        defer { depth -= 1 }
        place = .term(term)
        switch term {
        case .dot: return try validate(dot, parameter)
        case .null:
            if parameter.canBeNull { return .null }
            throw failure("cannot assign nil to \(parameter.typeName)")
        case .field(_, let names):
            return try validate(try chain(dot, dot, term, names[...], [term], nil), parameter)
        case .variable:
            return try validate(try evaluateVariable(term, dot, [], nil), parameter)
        case .pipeline(let pipe):
            place = .pipeline(pipe)
            return try validate(try evaluate(pipe, dot), parameter)
        case .identifier(_, let name):
            let value = try callFunction(name, dot, .term(term), [], nil)
            return try validate(value, parameter)
        case .chain:
            return try validate(try evaluateChain(term, dot, [], nil), parameter)
        default: return try literal(term, parameter)
        }
    }

    private func literal(
        _ term: Term, _ parameter: TemplateParameter
    ) throws(TemplateError) -> TemplateValue {
        switch (parameter, term) {
        case (.any, .bool(_, let value)), (.bool, .bool(_, let value)): return .bool(value)
        case (.any, .string(_, _, let text)), (.string, .string(_, _, let text)):
            return .string(text)
        case (.any, .number(_, let number)): return try constant(number)
        case (.int, .number(_, let number)):
            if let value = number.int { return .int(value) }
        case (.float, .number(_, let number)):
            if let value = number.float { return .float(value) }
        default: break
        }
        switch parameter {
        case .bool: throw failure("expected bool; found \(term)")
        case .string: throw failure("expected string; found \(term)")
        case .int: throw failure("expected integer; found \(term)")
        case .float: throw failure("expected float; found \(term)")
        default: throw failure("can't handle \(term) for arg of type \(parameter.typeName)")
        }
    }

    private func validate(
        _ value: TemplateValue, _ parameter: TemplateParameter
    ) throws(TemplateError) -> TemplateValue {
        if case .null = value {
            if parameter.canBeNull { return .null }
            throw failure("invalid value; expected \(parameter.typeName)")
        }
        if parameter.takes(value) { return value }
        throw failure(
            "wrong type for value; expected \(parameter.typeName); got \(value.typeName)")
    }
}

extension TemplateParameter {
    var canBeNull: Bool {
        switch self {
        case .any: true
        case .named(let name):
            name.hasPrefix("[]") || name.hasPrefix("map[") || name.hasPrefix("*")
        default: false
        }
    }

    func takes(_ value: TemplateValue) -> Bool {
        switch (self, value) {
        case (.any, _), (.string, .string), (.int, .int), (.float, .float), (.bool, .bool): true
        case (.named(let name), _):
            value.typeName == name || value.underlying.typeName == name
        default: false
        }
    }
}
