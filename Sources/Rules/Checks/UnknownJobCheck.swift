import Model
import PromQL

extension RuleCheck {
    /// Every job that a rule names is scraped.
    static let unknownJob = RuleCheck(
        "rule/unknown-job", reason: "A rule that reads a job nobody scrapes can never fire."
    ) { rule, context in
        guard let jobs = context.jobs else { return [] }
        var findings: [Finding] = []
        for expr in rule.expressions {
            expr.forEachSelector { use in
                for matcher in use.selector.matchers where matcher.names(noneOf: jobs) {
                    let near =
                        matcher.kind == .equal
                        ? Suggestion.nearest(to: matcher.value, among: jobs.sorted()) : nil
                    let hint = near.map { "; did you mean \($0.goQuoted)?" } ?? ""
                    findings.append(
                        Finding(
                            severity: .warning,
                            place: rule.text.place(
                                ofByte: use.node.range.start,
                                in: context.sources[rule.text.place.file]),
                            path: rule.path("expr"),
                            message: "reads \(matcher), but no such job is scraped\(hint)"))
                }
            }
        }
        return findings
    }
}

extension Matcher {
    /// Whether it asks for a job by name or pattern, and none of `jobs` is meant.
    fileprivate func names(noneOf jobs: Set<String>) -> Bool {
        guard name.bytesEqual("job"), kind == .equal || kind == .matches, !matches("") else {
            return false
        }
        return !jobs.contains { matches($0) }
    }
}
