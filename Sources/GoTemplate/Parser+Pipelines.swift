import Model

/// How pipelines, commands and their terms are read.
extension Parser {
    mutating func pipeline(
        _ context: String, until end: Token.Kind
    ) throws(TemplateError) -> Pipeline {
        try deeper()
        defer { depth -= 1 }
        var pipe = Pipeline(position: peekNonSpace().position)
        try declarations(of: &pipe, context)
        while true {
            let token = nextNonSpace()
            switch token.kind {
            case end:
                try check(pipe, context)
                return pipe
            case .bool, .charConstant, .complex, .dot, .field, .identifier, .number, .null,
                .rawString, .string, .variable, .leftParen:
                backUp(token)
                pipe.commands.append(try command())
            default: throw unexpected(token, in: context)
            }
        }
    }

    private mutating func declarations(
        of pipe: inout Pipeline, _ context: String
    ) throws(TemplateError) {
        while true {
            guard peekNonSpace().kind == .variable else { return }
            let variable = nextNonSpace()
            let after = next()
            let following = after.kind == .space ? nextNonSpace() : after
            switch following.kind {
            case .assign, .declare:
                pipe.isAssignment = following.kind == .assign
                pipe.variables.append(variable.text)
                variables.append(variable.text)
                return
            case .char where following.text == ",":
                pipe.variables.append(variable.text)
                variables.append(variable.text)
                guard context == "range", pipe.variables.count < 2 else {
                    throw error("too many declarations in \(context)")
                }
                switch peekNonSpace().kind {
                case .variable, .rightDelimiter, .rightParen: continue
                default: throw error("range can only initialize variables")
                }
            default:
                if after.kind == .space { backUp(following) }
                backUp(after)
                backUp(variable)
                return
            }
        }
    }

    private func check(_ pipe: Pipeline, _ context: String) throws(TemplateError) {
        if pipe.commands.isEmpty { throw error("missing value for \(context)") }
        for (index, command) in pipe.commands.enumerated().dropFirst() {
            switch command.terms.first {
            case .bool, .dot, .null, .number, .string:
                throw error("non executable command in pipeline stage \(index + 1)")
            default: break
            }
        }
    }

    private mutating func command() throws(TemplateError) -> Command {
        var command = Command(position: peekNonSpace().position)
        loop: while true {
            _ = peekNonSpace()
            if let operand = try operand() { command.terms.append(operand) }
            let token = next()
            switch token.kind {
            case .space: continue
            case .rightDelimiter, .rightParen:
                backUp(token)
                break loop
            case .pipe: break loop
            default: throw unexpected(token, in: "operand")
            }
        }
        if command.terms.isEmpty { throw error("empty command") }
        return command
    }

    private mutating func operand() throws(TemplateError) -> Term? {
        guard let term = try term() else { return nil }
        let first = peek()
        guard first.kind == .field else { return term }
        var names: [String] = []
        while peek().kind == .field { names.append(String(next().text.dropFirst())) }
        switch term {
        case .field(_, let before): return .field(position: first.position, before + names)
        case .variable(_, let before): return .variable(position: first.position, before + names)
        case .bool, .string, .number, .null, .dot:
            throw error("unexpected . after term \(term.description.goQuoted)")
        default: return .chain(position: first.position, term, names)
        }
    }

    private mutating func term() throws(TemplateError) -> Term? {
        let token = nextNonSpace()
        let position = token.position
        switch token.kind {
        case .identifier:
            guard isFunction(token.text) else {
                throw error("function \(token.text.goQuoted) not defined")
            }
            return .identifier(position: position, token.text)
        case .dot: return .dot(position: position)
        case .null: return .null(position: position)
        case .variable:
            guard variables.contains(where: { $0.bytesEqual(token.text) }) else {
                throw error("undefined variable \(token.text.goQuoted)")
            }
            return .variable(position: position, [token.text])
        case .field: return .field(position: position, [String(token.text.dropFirst())])
        case .bool: return .bool(position: position, token.text == "true")
        case .charConstant, .complex, .number:
            return .number(position: position, try number(token))
        case .leftParen:
            return .pipeline(try pipeline("parenthesized pipeline", until: .rightParen))
        case .string, .rawString:
            guard let text = GoUnquote.string(token.text) else { throw error("invalid syntax") }
            return .string(position: position, quoted: token.text, text: text)
        default:
            backUp(token)
            return nil
        }
    }

    private func number(_ token: Token) throws(TemplateError) -> NumberLiteral {
        switch token.kind {
        case .charConstant:
            if let number = NumberLiteral(character: token.text) { return number }
            throw error(
                GoUnquote.beginsWithCharacter(token.text)
                    ? "malformed character constant: \(token.text)" : "invalid syntax")
        case .complex:
            if let number = NumberLiteral(complex: token.text) { return number }
            throw error("illegal number syntax: \(token.text.goQuoted)")
        default:
            if let number = NumberLiteral(token.text) { return number }
            let isNumber = NumberLiteral.number(token.text) != nil
            let problem = isNumber ? "integer overflow" : "illegal number syntax"
            throw error("\(problem): \(token.text.goQuoted)")
        }
    }
}
