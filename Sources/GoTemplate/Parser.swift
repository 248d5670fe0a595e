import Model

/// Reads a template's text into trees: one for the text, one for each definition in it.
///
/// Recursion is bounded by `TemplateLimits.nesting`.
struct Parser {
    private let parseName: String
    private let text: [UInt8]
    private let limits: TemplateLimits
    private let isFunction: (String) -> Bool
    private var lexer: Lexer
    private var lookahead: [Token] = []
    private var lastLine = 1
    private var actionLine = 0
    private var variables: [String] = ["$"]
    private var rangeDepth = 0
    private var depth = 0
    /// What was found, in order; a name may come again where one of both is empty.
    private(set) var trees: [TemplateTree] = []

    init(
        name: String, text: String, limits: TemplateLimits, isFunction: @escaping (String) -> Bool
    ) {
        parseName = name
        self.text = Array(text.utf8)
        self.limits = limits
        self.isFunction = isFunction
        lexer = Lexer(self.text)
    }

    /// How a list of statements ended.
    private enum Ending {
        case end
        case otherwise(line: Int)
    }

    mutating func parse() throws(TemplateError) {
        if text.count > limits.templateBytes {
            throw TemplateError(
                "template: \(parseName): the text is longer than templateBytes, "
                    + "\(limits.templateBytes) bytes")
        }
        var body: [Statement] = []
        while peek().kind != .end {
            if peek().kind == .leftDelimiter {
                let delimiter = next()
                let keyword = nextNonSpace()
                if keyword.kind == .define {
                    try parseDefinition()
                    continue
                }
                lookahead = [delimiter, keyword] + lookahead
            }
            switch try textOrAction() {
            case .statement(let statement): body.append(statement)
            case .nothing: break
            case .ending(.end): throw error("unexpected {{end}}")
            case .ending(.otherwise): throw error("unexpected {{else}}")
            }
        }
        try add(parseName, body)
    }

    private mutating func add(_ name: String, _ body: [Statement]) throws(TemplateError) {
        let tree = TemplateTree(name: name, parseName: parseName, text: text, body: body)
        guard let index = trees.firstIndex(where: { $0.name.bytesEqual(name) }) else {
            trees.append(tree)
            return
        }
        if trees[index].isEmpty {
            trees[index] = tree
        } else if !tree.isEmpty {
            throw error("template: multiple definition of template \(name.goQuoted)")
        }
    }

    // MARK: Tokens

    private mutating func next() -> Token {
        if !lookahead.isEmpty { return lookahead.removeFirst() }
        let token = lexer.next()
        // Errors tell the line of what was read last, not of what was looked at last.
        lastLine = token.line
        return token
    }

    private mutating func peek() -> Token {
        let token = next()
        lookahead.insert(token, at: 0)
        return token
    }

    private mutating func nextNonSpace() -> Token {
        while true {
            let token = next()
            if token.kind != .space { return token }
        }
    }

    private mutating func peekNonSpace() -> Token {
        let token = nextNonSpace()
        lookahead.insert(token, at: 0)
        return token
    }

    private mutating func backUp(_ token: Token) { lookahead.insert(token, at: 0) }

    private func error(_ message: String) -> TemplateError {
        TemplateError("template: \(parseName):\(lastLine): \(message)")
    }

    private func unexpected(_ token: Token, in context: String) -> TemplateError {
        guard token.kind == .error else {
            return error("unexpected \(token.description) in \(context)")
        }
        var extra = ""
        if actionLine != 0, actionLine != token.line {
            extra = " in action started at \(parseName):\(actionLine)"
            if token.text.hasSuffix(" action") {
                extra = " started at \(parseName):\(actionLine)"
            }
        }
        return error(token.description + extra)
    }

    private mutating func expect(
        _ kinds: [Token.Kind], in context: String
    ) throws(TemplateError) -> Token {
        let token = nextNonSpace()
        guard kinds.contains(token.kind) else { throw unexpected(token, in: context) }
        return token
    }

    private mutating func deeper() throws(TemplateError) {
        depth += 1
        if depth > limits.nesting {
            throw error("nested deeper than nesting, \(limits.nesting) levels")
        }
    }

    // MARK: Statements

    private enum Piece {
        case statement(Statement)
        case nothing
        case ending(Ending)
    }

    private mutating func textOrAction() throws(TemplateError) -> Piece {
        let token = nextNonSpace()
        switch token.kind {
        case .text:
            return .statement(
                .text(TextNode(position: token.position, bytes: Array(token.text.utf8))))
        case .leftDelimiter:
            actionLine = token.line
            let piece = try action()
            actionLine = 0
            return piece
        default: throw unexpected(token, in: "input")
        }
    }

    private mutating func itemList() throws(TemplateError) -> ([Statement], Ending) {
        var list: [Statement] = []
        while peekNonSpace().kind != .end {
            switch try textOrAction() {
            case .statement(let statement): list.append(statement)
            case .nothing: break
            case .ending(let ending): return (list, ending)
            }
        }
        _ = nextNonSpace()
        throw error("unexpected EOF")
    }

    private mutating func parseDefinition() throws(TemplateError) {
        let context = "define clause"
        let token = try expect([.string, .rawString], in: context)
        guard let name = GoUnquote.string(token.text) else { throw error("invalid syntax") }
        _ = try expect([.rightDelimiter], in: context)
        try separately { parser throws(TemplateError) in
            let (body, ending) = try parser.itemList()
            if case .otherwise = ending { throw parser.error("unexpected {{else}} in \(context)") }
            try parser.add(name, body)
        }
    }

    /// Parses with no variable but `$` and outside of any loop, as definitions are.
    private mutating func separately(
        _ body: (inout Parser) throws(TemplateError) -> Void
    ) throws(TemplateError) {
        let (savedVariables, savedRange, savedLine) = (variables, rangeDepth, actionLine)
        variables = ["$"]
        rangeDepth = 0
        actionLine = 0
        try deeper()
        try body(&self)
        depth -= 1
        variables = savedVariables
        rangeDepth = savedRange
        actionLine = savedLine
    }

    private mutating func action() throws(TemplateError) -> Piece {
        let token = nextNonSpace()
        switch token.kind {
        case .block: return .statement(try block())
        case .breakLoop, .continueLoop: return .statement(try jump(token))
        case .elseBranch: return .ending(try otherwise())
        case .endBranch:
            _ = try expect([.rightDelimiter], in: "end")
            return .ending(.end)
        case .ifBranch: return .statement(try branch(.ifTrue))
        case .range: return .statement(try branch(.range))
        case .with: return .statement(try branch(.with))
        case .template: return .statement(try templateCall())
        default:
            backUp(token)
            return .statement(
                .action(position: token.position, try pipeline("command", until: .rightDelimiter)))
        }
    }

    private mutating func jump(_ token: Token) throws(TemplateError) -> Statement {
        let word = token.kind == .breakLoop ? "break" : "continue"
        let after = nextNonSpace()
        if after.kind != .rightDelimiter { throw unexpected(after, in: "{{\(word)}}") }
        if rangeDepth == 0 { throw error("{{\(word)}} outside {{range}}") }
        return token.kind == .breakLoop
            ? .breakLoop(position: token.position) : .continueLoop(position: token.position)
    }

    private mutating func otherwise() throws(TemplateError) -> Ending {
        let token = peekNonSpace()
        if token.kind == .ifBranch || token.kind == .with { return .otherwise(line: token.line) }
        return .otherwise(line: try expect([.rightDelimiter], in: "else").line)
    }

    private mutating func branch(_ kind: Branch.Kind) throws(TemplateError) -> Statement {
        try deeper()
        let mark = variables.count
        let pipe = try pipeline(kind.rawValue, until: .rightDelimiter)
        if kind == .range { rangeDepth += 1 }
        let (body, ending) = try itemList()
        if kind == .range { rangeDepth -= 1 }
        var alternative: [Statement]?
        if case .otherwise = ending {
            let chained: Branch.Kind? =
                switch (kind, peek().kind) {
                case (.ifTrue, .ifBranch): .ifTrue
                case (.with, .with): .with
                default: nil
                }
            if let chained {
                // `{{else if}}` shares the outer `{{end}}`.
                _ = next()
                alternative = [try branch(chained)]
            } else {
                let (list, end) = try itemList()
                if case .otherwise = end { throw error("expected end; found {{else}}") }
                alternative = list
            }
        }
        variables.removeLast(variables.count - mark)
        depth -= 1
        return .branch(
            Branch(
                kind: kind, position: pipe.position, pipeline: pipe, body: body,
                alternative: alternative))
    }

    private mutating func block() throws(TemplateError) -> Statement {
        let context = "block clause"
        let token = nextNonSpace()
        let name = try templateName(token, context)
        let pipe = try pipeline(context, until: .rightDelimiter)
        let line = lastLine
        try separately { parser throws(TemplateError) in
            let (body, ending) = try parser.itemList()
            if case .otherwise = ending {
                // Go's parser of the block has ended, and the one around it stands at its head.
                parser.lastLine = line
                throw parser.error("unexpected {{else}} in \(context)")
            }
            try parser.add(name, body)
        }
        return .call(TemplateCallNode(position: token.position, name: name, pipeline: pipe))
    }

    private mutating func templateCall() throws(TemplateError) -> Statement {
        let context = "template clause"
        let token = nextNonSpace()
        let name = try templateName(token, context)
        var pipe: Pipeline?
        let after = nextNonSpace()
        if after.kind != .rightDelimiter {
            backUp(after)
            pipe = try pipeline(context, until: .rightDelimiter)
        }
        return .call(TemplateCallNode(position: token.position, name: name, pipeline: pipe))
    }

    private func templateName(
        _ token: Token, _ context: String
    ) throws(TemplateError) -> String {
        guard token.kind == .string || token.kind == .rawString else {
            throw unexpected(token, in: context)
        }
        guard let name = GoUnquote.string(token.text) else { throw error("invalid syntax") }
        return name
    }

    // MARK: Pipelines

    private mutating func pipeline(
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
        case .charConstant:
            guard let number = NumberLiteral(character: token.text) else {
                throw error(
                    GoUnquote.beginsWithCharacter(token.text)
                        ? "malformed character constant: \(token.text)" : "invalid syntax")
            }
            return .number(position: position, number)
        case .complex: return .number(position: position, NumberLiteral(complex: token.text))
        case .number:
            guard let number = NumberLiteral(token.text) else {
                let isNumber = NumberLiteral.number(token.text) != nil
                let what = isNumber ? "integer overflow" : "illegal number syntax"
                throw error("\(what): \(token.text.goQuoted)")
            }
            return .number(position: position, number)
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
}
