import Model

/// Reads a template's text into trees: one for the text, one for each definition in it.
///
/// Recursion is bounded by `TemplateLimits.nesting`.
struct Parser {
    private let parseName: String
    private let text: [UInt8]
    private let limits: TemplateLimits
    let isFunction: (String) -> Bool
    private var lexer: Lexer
    private var lookahead: [Token] = []
    private var lastLine = 1
    private var actionLine = 0
    var variables: [String] = ["$"]
    private var rangeDepth = 0
    var depth = 0
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

    mutating func next() -> Token {
        if !lookahead.isEmpty { return lookahead.removeFirst() }
        let token = lexer.next()
        // Errors tell the line of what was read last, not of what was looked at last.
        lastLine = token.line
        return token
    }

    mutating func peek() -> Token {
        let token = next()
        lookahead.insert(token, at: 0)
        return token
    }

    mutating func nextNonSpace() -> Token {
        while true {
            let token = next()
            if token.kind != .space { return token }
        }
    }

    mutating func peekNonSpace() -> Token {
        let token = nextNonSpace()
        lookahead.insert(token, at: 0)
        return token
    }

    mutating func backUp(_ token: Token) { lookahead.insert(token, at: 0) }

    func error(_ message: String) -> TemplateError {
        TemplateError("template: \(parseName):\(lastLine): \(message)")
    }

    func unexpected(_ token: Token, in context: String) -> TemplateError {
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

    mutating func deeper() throws(TemplateError) {
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
}
