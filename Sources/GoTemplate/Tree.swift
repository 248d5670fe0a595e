import Model

/// One template: the statements between `define` and `end`, or a whole text.
final class TemplateTree: Sendable {
    let name: String
    /// The name the text was parsed under, for error messages.
    let parseName: String
    /// The whole text, for line and column of errors.
    let text: [UInt8]
    let body: [Statement]

    init(name: String, parseName: String, text: [UInt8], body: [Statement]) {
        self.name = name
        self.parseName = parseName
        self.text = text
        self.body = body
    }

    /// Whether it holds nothing but white space and definitions.
    var isEmpty: Bool {
        body.allSatisfy {
            if case .text(let node) = $0 { node.bytes.allSatisfy(\.isTemplateSpace) } else { false }
        }
    }

    /// `NAME:LINE:COLUMN` of an offset, as Go counts: lines from 1, columns in bytes from 0.
    func location(_ position: Int) -> String {
        let before = text.prefix(position)
        let line = 1 + before.count { $0 == 0x0a }
        let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        return "\(parseName):\(line):\(position - lineStart)"
    }
}

/// A piece of a template.
indirect enum Statement: Sendable {
    case text(TextNode)
    case action(position: Int, Pipeline)
    case branch(Branch)
    case call(TemplateCallNode)
    case breakLoop(position: Int)
    case continueLoop(position: Int)
}

struct TextNode: Sendable {
    var position: Int
    var bytes: [UInt8]
}

/// `if`, `range` or `with`.
final class Branch: Sendable {
    enum Kind: String, Sendable {
        case ifTrue = "if"
        case range
        case with
    }

    let kind: Kind
    let position: Int
    let pipeline: Pipeline
    let body: [Statement]
    let alternative: [Statement]?

    init(
        kind: Kind, position: Int, pipeline: Pipeline, body: [Statement],
        alternative: [Statement]?
    ) {
        self.kind = kind
        self.position = position
        self.pipeline = pipeline
        self.body = body
        self.alternative = alternative
    }
}

/// `{{template "name" pipeline}}`.
struct TemplateCallNode: Sendable {
    var position: Int
    var name: String
    var pipeline: Pipeline?
}

/// `$x := command | command`.
struct Pipeline: Sendable {
    var position: Int
    var isAssignment = false
    var variables: [String] = []
    var commands: [Command] = []
}

/// A term and what it is applied to.
struct Command: Sendable {
    var position: Int
    var terms: [Term] = []
}

/// An operand.
indirect enum Term: Sendable {
    case dot(position: Int)
    case null(position: Int)
    case bool(position: Int, Bool)
    case number(position: Int, NumberLiteral)
    case string(position: Int, quoted: String, text: String)
    case field(position: Int, [String])
    /// `$x.a.b`: the variable's name with its `$`, then fields.
    case variable(position: Int, [String])
    case identifier(position: Int, String)
    case pipeline(Pipeline)
    case chain(position: Int, Term, [String])

    var position: Int {
        switch self {
        case .dot(let position), .null(let position), .bool(let position, _),
            .number(let position, _), .string(let position, _, _), .field(let position, _),
            .variable(let position, _), .identifier(let position, _), .chain(let position, _, _):
            position
        case .pipeline(let pipeline): pipeline.position
        }
    }
}

// MARK: As Go prints them in error messages

extension Term: CustomStringConvertible {
    var description: String {
        switch self {
        case .dot: "."
        case .null: "nil"
        case .bool(_, let value): value ? "true" : "false"
        case .number(_, let number): number.text
        case .string(_, let quoted, _): quoted
        case .field(_, let names): names.map { "." + $0 }.joined()
        case .variable(_, let names): names.joined(separator: ".")
        case .identifier(_, let name): name
        case .pipeline(let pipeline): pipeline.description
        case .chain(_, let term, let names):
            if case .pipeline = term {
                "(\(term))" + names.map { "." + $0 }.joined()
            } else {
                term.description + names.map { "." + $0 }.joined()
            }
        }
    }
}

extension Command: CustomStringConvertible {
    var description: String {
        terms.map { term in
            if case .pipeline = term { "(\(term))" } else { term.description }
        }.joined(separator: " ")
    }
}

extension Pipeline: CustomStringConvertible {
    var description: String {
        let left =
            variables.isEmpty
            ? "" : variables.joined(separator: ", ") + (isAssignment ? " = " : " := ")
        return left + commands.map(\.description).joined(separator: " | ")
    }
}

extension TemplateCallNode: CustomStringConvertible {
    var description: String {
        "{{template \(name.goQuoted)" + (pipeline.map { " \($0)" } ?? "") + "}}"
    }
}
