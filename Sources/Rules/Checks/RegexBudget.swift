import PromQL

/// What the regular expressions of all rules that are checked together may cost. Compiling one takes
/// time in proportion to its instructions, about a second for two million.
struct RegexBudget {
    /// The instructions of all expressions in one run of the checks.
    static let regexInstructions = 4_000_000

    private var left = RegexBudget.regexInstructions

    /// Why an expression is not parsed any more, or nil.
    func refusal(of text: String) -> String? {
        if left > 0 || !RegexBudget.mayHoldRegex(text) { return nil }
        return "not checked: the regular expressions before it have more than "
            + "\(RegexBudget.regexInstructions) instructions in all "
            + "(RegexBudget.regexInstructions); shorten them, or check fewer files at once"
    }

    /// Parses an expression, and accounts for the regular expressions in it.
    mutating func parse(
        _ text: String, _ options: ParserOptions
    ) throws(ParseErrors) -> Expr {
        do {
            let expr = try Parser.parse(text, options: options)
            expr.forEachSelector { use in
                left -= use.selector.matchers.map(\.programSize).reduce(0, +)
            }
            return expr
        } catch {
            // One that was refused for its size was compiled all the same.
            if error.all.contains(where: { $0.message.namesRegexLimit }) {
                left -= RegexBudget.regexInstructions / 4
            }
            throw error
        }
    }

    private static func mayHoldRegex(_ text: String) -> Bool {
        text.contains("=~") || text.contains("!~")
    }
}

extension String {
    fileprivate var namesRegexLimit: Bool {
        contains("(Parser.Limits.regexInstructions)") || contains("LinearRegex.maximumMemory")
    }
}
