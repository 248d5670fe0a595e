import Model

/// A parsed expression. Immutable; nodes are classes, so that release is iterative at bounded height
/// and a node's identity can key what is computed of it.
///
/// The parser limits the height of every tree (`Parser.Limits.height`).
public final class Expr: Sendable {
    /// What it is.
    public let kind: Kind
    /// Where it stands in the text.
    public let range: PositionRange
    /// The type of its value.
    public let type: ValueType
    /// The height of the tree below it, 1 for a leaf.
    public let height: Int
    /// The bytes of a string literal that are no UTF-8 text (`"\xff"`); its text has U+FFFD there.
    let bytes: [UInt8]?

    /// An expression of this kind; `height` is one more than its tallest child's.
    public init(_ kind: Kind, range: PositionRange, type: ValueType, height: Int) {
        self.kind = kind
        self.range = range
        self.type = type
        self.height = height
        bytes = nil
    }

    /// A string literal.
    init(string content: [UInt8], range: PositionRange) {
        let text = String(decoding: content, as: UTF8.self)
        kind = .string(text)
        self.range = range
        type = .string
        height = 1
        bytes = text.utf8.elementsEqual(content) ? nil : content
    }

    /// A string literal as Go quotes it, bytes that are no text included; "" for anything else.
    var quoted: String {
        guard case .string(let text) = kind else { return "" }
        return (bytes.map(goQuoted) ?? text.goQuoted).parseable
    }

    /// The kinds of expression.
    public enum Kind: Sendable {
        case number(NumberLiteral)
        case string(String)
        case paren(Expr)
        case unary(UnaryOperator, Expr)
        case binary(BinaryExpr)
        case aggregate(AggregateExpr)
        case call(CallExpr)
        case vectorSelector(VectorSelector)
        case matrixSelector(MatrixSelector)
        case subquery(SubqueryExpr)
        /// Not produced by the parser: an expression whose value does not depend on the evaluation
        /// time, computed once (`@` with a fixed time).
        case stepInvariant(Expr)
    }
}

/// A number, and whether it was written as a duration (`5m` is 300).
public struct NumberLiteral: Sendable, Hashable {
    /// The value.
    public var value: Double
    /// Whether it was written as a duration.
    public var isDuration: Bool

    /// A number.
    public init(_ value: Double, isDuration: Bool = false) {
        self.value = value
        self.isDuration = isDuration
    }
}

/// `+x` and `-x`.
public enum UnaryOperator: String, Sendable, Hashable {
    case plus = "+"
    case minus = "-"
}

/// Operators between two expressions.
public enum BinaryOperator: String, Sendable, Hashable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case power = "^"
    case atan2
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case greater = ">"
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case and
    case or
    case unless
    /// `</` and `>/`: histogram trims, in Prometheus's main branch.
    case trimUpper = "</"
    case trimLower = ">/"

    /// Whether it compares.
    public var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .greater, .lessOrEqual, .greaterOrEqual: true
        default: false
        }
    }

    /// Whether it works on sets of series (`and`, `or`, `unless`).
    public var isSetOperator: Bool { self == .and || self == .or || self == .unless }
}

/// `left op bool? matching right`.
public struct BinaryExpr: Sendable {
    /// The operator.
    public var op: BinaryOperator
    /// The left side.
    public var left: Expr
    /// The right side.
    public var right: Expr
    /// Whether `bool` stands behind a comparison: 0 or 1 instead of a filter.
    public var returnsBool: Bool
    /// How vectors are matched; nil unless both sides are vectors.
    public var matching: VectorMatching?

    /// A binary expression.
    public init(
        op: BinaryOperator, left: Expr, right: Expr, returnsBool: Bool, matching: VectorMatching?
    ) {
        self.op = op
        self.left = left
        self.right = right
        self.returnsBool = returnsBool
        self.matching = matching
    }
}

/// `on`/`ignoring`, `group_left`/`group_right`, and fill values.
public struct VectorMatching: Sendable, Hashable {
    /// How many series of one side may match one of the other.
    public enum Cardinality: String, Sendable, Hashable {
        case oneToOne = "one-to-one"
        case manyToOne = "many-to-one"
        case oneToMany = "one-to-many"
        case manyToMany = "many-to-many"
    }

    /// The cardinality.
    public var cardinality: Cardinality
    /// The labels of `on` or `ignoring`.
    public var labels: [String]
    /// Whether it is `on`.
    public var on: Bool
    /// The labels of `group_left` or `group_right`.
    public var include: [String]
    /// The value for left sides without a match (`fill`, `fill_left`).
    public var fillLeft: Double?
    /// The value for right sides without a match.
    public var fillRight: Double?

    /// A matching.
    public init(
        cardinality: Cardinality = .oneToOne, labels: [String] = [], on: Bool = false,
        include: [String] = [], fillLeft: Double? = nil, fillRight: Double? = nil
    ) {
        self.cardinality = cardinality
        self.labels = labels
        self.on = on
        self.include = include
        self.fillLeft = fillLeft
        self.fillRight = fillRight
    }
}

/// The aggregation operators.
public enum Aggregation: String, Sendable, Hashable, CaseIterable {
    case sum, avg, count, min, max, group, stddev, stdvar, topk, bottomk
    case countValues = "count_values"
    case quantile, limitk
    case limitRatio = "limit_ratio"
}

/// `op by (labels) (parameter, expr)`.
public struct AggregateExpr: Sendable {
    /// The operator.
    public var op: Aggregation
    /// What is aggregated.
    public var expr: Expr
    /// The first argument of topk, quantile, count_values and so on.
    public var parameter: Expr?
    /// The labels of `by` or `without`.
    public var grouping: [String]
    /// Whether it is `without`.
    public var without: Bool

    /// An aggregation.
    public init(
        op: Aggregation, expr: Expr, parameter: Expr?, grouping: [String], without: Bool
    ) {
        self.op = op
        self.expr = expr
        self.parameter = parameter
        self.grouping = grouping
        self.without = without
    }
}

/// `function(arguments)`.
public struct CallExpr: Sendable {
    /// The function's signature.
    public var function: FunctionSignature
    /// The arguments.
    public var arguments: [Expr]

    /// A call.
    public init(function: FunctionSignature, arguments: [Expr]) {
        self.function = function
        self.arguments = arguments
    }
}

/// A time in the query: fixed milliseconds, or computed from the query's step and range.
public indirect enum DurationExpr: Sendable, Hashable {
    /// So many milliseconds.
    case milliseconds(Int64)
    /// A number (seconds) as it was written.
    case number(Double)
    case step
    case range
    case negate(DurationExpr)
    case binary(BinaryOperator, DurationExpr, DurationExpr)
    case min(DurationExpr, DurationExpr)
    case max(DurationExpr, DurationExpr)
    case paren(DurationExpr)
}

/// The `@` modifier.
public enum AtModifier: Sendable, Hashable {
    /// `@ 1609746000`
    case timestamp(Timestamp)
    /// `@ start()`
    case start
    /// `@ end()`
    case end
}

/// `name{matchers} offset d @ t`.
public struct VectorSelector: Sendable, Hashable {
    /// The metric's name as written before the braces, or "".
    public var name: String
    /// Every condition, that on the name included.
    public var matchers: [Matcher]
    /// The offset; `.milliseconds(0)` where none is written.
    public var offset: DurationExpr
    /// The `@` modifier.
    public var at: AtModifier?
    /// `anchored` (Prometheus's extended range selectors).
    public var anchored: Bool
    /// `smoothed`.
    public var smoothed: Bool

    /// A selector.
    public init(
        name: String, matchers: [Matcher], offset: DurationExpr = .milliseconds(0),
        at: AtModifier? = nil, anchored: Bool = false, smoothed: Bool = false
    ) {
        self.name = name
        self.matchers = matchers
        self.offset = offset
        self.at = at
        self.anchored = anchored
        self.smoothed = smoothed
    }
}

/// `selector[range]`.
public struct MatrixSelector: Sendable, Hashable {
    /// The series, with offset and `@`.
    public var selector: VectorSelector
    /// The window's length.
    public var range: DurationExpr

    /// A range selector.
    public init(selector: VectorSelector, range: DurationExpr) {
        self.selector = selector
        self.range = range
    }
}

/// `expr[range:step] offset d @ t`.
public struct SubqueryExpr: Sendable {
    /// What is evaluated at each step.
    public var expr: Expr
    /// The window's length.
    public var range: DurationExpr
    /// The step; nil is the default evaluation interval.
    public var step: DurationExpr?
    /// The offset.
    public var offset: DurationExpr
    /// The `@` modifier.
    public var at: AtModifier?

    /// A subquery.
    public init(
        expr: Expr, range: DurationExpr, step: DurationExpr?, offset: DurationExpr, at: AtModifier?
    ) {
        self.expr = expr
        self.range = range
        self.step = step
        self.offset = offset
        self.at = at
    }
}

/// Bytes as Go's `strconv.Quote` shows them: those that are no UTF-8 as `\xff`.
private func goQuoted(_ bytes: [UInt8]) -> String {
    var out = ""
    var start = 0
    func text(_ end: Int) -> String {
        String(decoding: bytes[start..<end], as: UTF8.self).goQuoted.withoutQuotes
    }
    var index = 0
    while index < bytes.count {
        // A scalar has four bytes at most.
        let length = (1...4).first { length in
            index + length <= bytes.count
                && String(validating: bytes[index..<(index + length)], as: UTF8.self) != nil
        }
        if let length {
            index += length
            continue
        }
        let digits = String(bytes[index], radix: 16)
        out += text(index) + "\\x" + (digits.count < 2 ? "0" : "") + digits
        index += 1
        start = index
    }
    return "\"\(out)\(text(bytes.count))\""
}
