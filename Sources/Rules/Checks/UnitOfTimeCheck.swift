import PromQL

extension RuleCheck {
    /// A text that speaks of hours shows a rate per hour.
    static let unitOfTime = RuleCheck(
        "rule/unit-of-time",
        reason: "rate() is per second: a text that says \"/hour\" beside it is off by 3600."
    ) { rule, _ in
        guard let expr = rule.expr, let name = expr.perSecondFunction else { return [] }
        return rule.templates.compactMap { path, text in
            guard text.value.contains("$value") || text.value.contains(".Value"),
                let unit = TimeUnit.all.first(where: { $0.isNamed(in: text.value) }),
                !text.value.contains("query")
            else { return nil }
            return Finding(
                severity: .warning, place: text.place, path: path,
                message: "says \"\(unit.spelling)\", but \(name)() is per second: multiply by "
                    + "\(unit.seconds), here and in the threshold")
        }
    }
}

/// A longer unit than the second, as texts write it.
private struct TimeUnit {
    let spelling: String
    let others: [String]
    let seconds: Int

    static let all = [
        TimeUnit(spelling: "/hour", others: ["per hour", "/h"], seconds: 3600),
        TimeUnit(spelling: "/min", others: ["per minute"], seconds: 60),
        TimeUnit(spelling: "/day", others: ["per day", "/d"], seconds: 86_400),
    ]

    /// Whether the unit stands right behind an action: what is shown is said to be per that unit.
    func isNamed(in text: String) -> Bool {
        let lower = text.lowercased()
        return ([spelling] + others).contains { unit in
            var rest = lower[...]
            while let action = rest.firstEnd(of: "}}") {
                rest = rest[action...]
                // The unit of measurement may stand between: `{{ $value }} USD/hour`.
                let tail = rest.prefix(24).prefix { $0 != "{" && $0 != "." && $0 != "," }
                if tail.containsWord(unit) { return true }
            }
            return false
        }
    }
}

extension Substring {
    fileprivate func firstEnd(of needle: String) -> Index? {
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(needle) { return index(at, offsetBy: needle.count) }
            at = index(after: at)
        }
        return nil
    }

    /// Whether the word stands in it and is not the beginning of a longer one.
    fileprivate func containsWord(_ word: String) -> Bool {
        guard let end = firstEnd(of: word) else { return false }
        let next = end < endIndex ? self[end] : " "
        return !next.isLetter || word == "/min"
    }
}

extension Expr {
    /// The function per second whose value, times one, is what the expression gives; nil where there
    /// is none, or it is multiplied by a minute's seconds or more.
    fileprivate var perSecondFunction: String? {
        var found: String?
        forEach { expr, path in
            guard case .call(let call) = expr.kind,
                ["rate", "irate", "deriv"].contains(call.function.name)
            else { return }
            if !path.contains(where: \.isScaled) { found = found ?? call.function.name }
        }
        return found
    }

    private var isScaled: Bool {
        guard case .binary(let binary) = kind else { return false }
        if binary.op == .divide, binary.matching != nil { return true }
        guard binary.op == .multiply else { return false }
        return [binary.left, binary.right].contains { side in
            guard side.type == .scalar else { return false }
            if case .number(let number) = side.unparenthesised.kind { return number.value >= 60 }
            return true
        }
    }
}
