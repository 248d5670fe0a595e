/// A pattern of file names, with the rules of Go's `filepath.Match`.
///
/// `*` is any number of characters but `/`, a dot at the beginning too; `?` is one of them; `[a-c]` is
/// one of a range, `[^a-c]` one of none; `\` takes the next character's meaning away.
public struct GlobPattern: Sendable, Hashable {
    /// What is no pattern: a bracket that is not closed or empty, a `\` at the end.
    public struct SyntaxError: Error, Hashable, CustomStringConvertible {
        /// The one there is.
        public init() {}

        /// Go's words.
        public var description: String { "syntax error in pattern" }
    }

    private enum Term: Hashable {
        case many
        case one
        case scalar(Unicode.Scalar)
        case set([Range], isNegated: Bool)
    }

    /// Scalars from `low` to `high`; none where they are the wrong way round.
    private struct Range: Hashable {
        var low: Unicode.Scalar
        var high: Unicode.Scalar
    }

    private let terms: [Term]

    /// Reads a pattern.
    public init(_ pattern: String) throws(SyntaxError) {
        var rest = pattern.unicodeScalars[...]
        var terms: [Term] = []
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if terms.last != .many { terms.append(.many) }
            case "?": terms.append(.one)
            case "[": terms.append(try GlobPattern.set(&rest))
            case "\\":
                guard let escaped = rest.popFirst() else { throw SyntaxError() }
                terms.append(.scalar(escaped))
            default: terms.append(.scalar(scalar))
            }
        }
        self.terms = terms
    }

    private static func set(
        _ rest: inout Substring.UnicodeScalarView
    ) throws(SyntaxError) -> Term {
        let isNegated = rest.first == "^"
        if isNegated { rest.removeFirst() }
        var ranges: [Range] = []
        while ranges.isEmpty || rest.first != "]" {
            let low = try member(&rest)
            var high = low
            if rest.first == "-" {
                rest.removeFirst()
                high = try member(&rest)
            }
            ranges.append(Range(low: low, high: high))
        }
        rest.removeFirst()
        return .set(ranges, isNegated: isNegated)
    }

    /// A character of a set; something must follow it.
    private static func member(
        _ rest: inout Substring.UnicodeScalarView
    ) throws(SyntaxError) -> Unicode.Scalar {
        guard var scalar = rest.popFirst(), scalar != "-", scalar != "]" else {
            throw SyntaxError()
        }
        if scalar == "\\" {
            guard let escaped = rest.popFirst() else { throw SyntaxError() }
            scalar = escaped
        }
        if rest.isEmpty { throw SyntaxError() }
        return scalar
    }

    /// Whether all of `name` matches. The work is bounded by the product of both lengths.
    public func matches(_ name: String) -> Bool {
        let name = Array(name.unicodeScalars)
        var (term, place) = (0, 0)
        // The last `*`, and how far what it stands for reaches.
        var star: (term: Int, end: Int)?
        while true {
            if term == terms.count, place == name.count { return true }
            if term < terms.count, terms[term] == .many {
                star = (term, place)
                term += 1
            } else if term < terms.count, place < name.count, accepts(terms[term], name[place]) {
                (term, place) = (term + 1, place + 1)
            } else {
                guard let last = star, last.end < name.count, name[last.end] != "/" else {
                    return false
                }
                star = (last.term, last.end + 1)
                (term, place) = (last.term + 1, last.end + 1)
            }
        }
    }

    private func accepts(_ term: Term, _ scalar: Unicode.Scalar) -> Bool {
        switch term {
        case .many: false
        case .one: scalar != "/"
        case .scalar(let own): own == scalar
        case .set(let ranges, let isNegated):
            ranges.contains { $0.low <= scalar && scalar <= $0.high } != isNegated
        }
    }

    /// Whether a path has anything in it that makes it a pattern.
    public static func isPattern(_ path: String) -> Bool {
        path.unicodeScalars.contains { "*?[\\".unicodeScalars.contains($0) }
    }

    /// Whether `path` is a pattern or a plain path, and not a broken pattern.
    public static func isValid(_ path: String) -> Bool { (try? GlobPattern(path)) != nil }
}
