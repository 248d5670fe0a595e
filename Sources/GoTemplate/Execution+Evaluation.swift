import Model

/// How pipelines, commands, fields and calls get their values.
extension Execution {
    // MARK: Pipelines and commands

    func evaluate(
        _ pipe: Pipeline, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        try enter()
        defer { depth -= 1 }
        place = .pipeline(pipe)
        var value: TemplateValue?
        for command in pipe.commands {
            value = try evaluate(command, dot, final: value).withoutInterface
        }
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

    func assign(_ name: String, _ value: TemplateValue) throws(TemplateError) {
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
        if let (real, imaginary) = number.complex { return .complex(real, imaginary) }
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
        let typeName = receiver.typeName
        let held = receiver.withoutInterface
        if case .null = held {
            throw failure("nil pointer evaluating \(typeName).\(name)")
        }
        let hasArguments = terms.count > 1 || final != nil
        if case .object(let object) = held {
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
        guard case .map(let map) = held.underlying else {
            throw failure("can't evaluate field \(name) in type \(typeName)")
        }
        if hasArguments { throw failure("\(name) is not a method but has arguments") }
        if let value = map[name] { return value.asElement(of: map.typeName) }
        switch set.missingKey {
        case .zero: return map.zero.asElement(of: map.typeName)
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
            let result = try function.body(
                TemplateCall(
                    arguments: arguments, execution: self, firstTerm: terms.dropFirst().first))
            try charge(result)
            return result
        } catch {
            place = node
            let limit =
                (error as? TemplateFunctionError)?.limit ?? (error as? TemplateError)?.limit
            throw failure("error calling \(name): \(error)", limit: limit)
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
        if let refusal = function.refusal { throw failure(refusal) }
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
        case (.named("time.Duration"), .number(_, let number)):
            if let value = number.int { return .object(TemplateDuration(nanoseconds: value)) }
        default: break
        }
        switch parameter {
        case .bool: throw failure("expected bool; found \(term)")
        case .string: throw failure("expected string; found \(term)")
        case .int, .named("time.Duration"): throw failure("expected integer; found \(term)")
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
        let held = value.withoutInterface
        if case .any = parameter { return held }
        if parameter.takes(held) { return held }
        // A nil has no type but that of what holds it.
        var typeName = held.typeName
        if case .null = held { typeName = value.typeName }
        throw failure("wrong type for value; expected \(parameter.typeName); got \(typeName)")
    }
}

/// A value whose type is `interface {}`: what a list or a map of such holds it as. It matters where a
/// field of it is looked for: in errors, and where it is nil, of which fields are nil elsewhere.
private struct InterfaceValue: TemplateObject {
    static let typeName = "interface {}"

    let value: TemplateValue

    var typeName: String { InterfaceValue.typeName }
}

extension TemplateValue {
    /// As an element of a list or a map of the named type.
    func asElement(of container: String) -> TemplateValue {
        container.hasSuffix("]" + InterfaceValue.typeName)
            ? .object(InterfaceValue(value: self)) : self
    }

    /// As the value of a pipeline or an argument.
    var withoutInterface: TemplateValue {
        if case .object(let object) = self, let held = object as? InterfaceValue {
            held.value
        } else {
            self
        }
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
