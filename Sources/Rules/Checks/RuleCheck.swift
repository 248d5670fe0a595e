import Configuration
import Model
import PromQL

/// One thing that can be wrong with a rule that loads: its name, why it matters, how to find it.
public struct RuleCheck: Sendable {
    /// The name, e.g. `rule/unknown-job`.
    public let name: String
    /// Why it matters.
    public let reason: String
    let find: @Sendable (CheckedRule, CheckContext) -> [Finding]

    init(
        _ name: String, reason: String,
        find: @escaping @Sendable (CheckedRule, CheckContext) -> [Finding]
    ) {
        self.name = name
        self.reason = reason
        self.find = find
    }

    /// Every check.
    public static let all: [RuleCheck] = [
        .syntax, .template, .templateTrial, .unknownJob, .unitOfTime, .selfRatio, .removedLabel,
        .shortFor, .shortRange, .resultType, .duplicate, .severity,
    ]

    /// The checks whose findings are errors: what `--syntax-only` asks for.
    public static let errors: [RuleCheck] = [.syntax, .template]
}

/// What the checks know beside the rules.
public struct CheckContext: Sendable {
    /// The jobs that are scraped; nil where that is not known.
    public var jobs: Set<String>?
    /// `global.evaluation_interval`.
    public var interval: Milliseconds
    /// The texts of the rule files by path, with which a place within an expression is exact.
    public var sources: [String: [UInt8]]
    /// How often each job is scraped; empty where that is not known.
    public var scrapeIntervals: [String: Milliseconds]
    /// The parts of the query language that are on.
    public var parser: ParserOptions

    /// What is known.
    public init(
        jobs: Set<String>? = nil, interval: Milliseconds = .minutes(1),
        sources: [String: [UInt8]] = [:], scrapeIntervals: [String: Milliseconds] = [:],
        parser: ParserOptions = ParserOptions()
    ) {
        self.jobs = jobs
        self.interval = interval
        self.sources = sources
        self.scrapeIntervals = scrapeIntervals
        self.parser = parser
    }
}

/// What a check found: how bad, where, in words.
struct Finding {
    var severity: Problem.Severity
    var place: SourcePlace
    var path: String
    var message: String
}

/// A rule as the checks see it, or a query that stands on its own.
struct CheckedRule {
    /// The group; nil for a query that stands on its own.
    let group: RuleGroupConfiguration?
    /// The rule; nil for a query that stands on its own.
    let rule: RuleConfiguration?
    /// The expression and where it stands.
    let text: Located<String>
    /// The expression, where it is one.
    let expr: Expr?
    /// What is wrong with it otherwise.
    let errors: [ParseError]
    /// Why it was not parsed at all.
    let refusal: String?
    /// An earlier rule of the group with its name and labels.
    var twin: SourcePlace?
    private let options: ParserOptions

    /// The rules of a group.
    static func all(
        of group: RuleGroupConfiguration, _ options: ParserOptions, _ budget: inout RegexBudget
    ) -> [CheckedRule] {
        struct Identity: Hashable {
            var kind: RuleConfiguration.Kind
            var labels: [RuleConfiguration.Pair]
        }
        var first: [Identity: SourcePlace] = [:]
        return group.rules.map { rule in
            var checked = CheckedRule(
                text: rule.expr, rule: rule, group: group, options, &budget)
            let identity = Identity(kind: rule.kind, labels: rule.labels)
            checked.twin = first[identity]
            if checked.twin == nil { first[identity] = rule.place }
            return checked
        }
    }

    init(
        text: Located<String>, rule: RuleConfiguration? = nil,
        group: RuleGroupConfiguration? = nil, _ options: ParserOptions,
        _ budget: inout RegexBudget
    ) {
        self.options = options
        self.text = text
        self.rule = rule
        self.group = group
        refusal = budget.refusal(of: text.value)
        if refusal != nil {
            (expr, errors) = (nil, [])
            return
        }
        do {
            expr = try budget.parse(text.value, options)
            errors = []
        } catch {
            expr = nil
            errors = error.all
        }
    }

    /// The path of one of the rule's keys.
    func path(_ key: String) -> String {
        guard let rule, let group else { return "" }
        return "\(group.name)/\(rule.name).\(key)"
    }

    /// Labels and annotations whose values are templates, with their paths.
    var templates: [(path: String, text: Located<String>)] {
        guard let rule, case .alerting = rule.kind else { return [] }
        return rule.labels.map { (path("labels." + $0.name), $0.value) }
            + rule.annotations.map { (path("annotations." + $0.name), $0.value) }
    }

    /// The expression, and those of its templates' queries.
    var expressions: [Expr] {
        let inner = templates.flatMap { template in
            (try? RuleTemplate(template.text.value, name: "check").queries.literal) ?? []
        }
        return [expr].compactMap { $0 }
            + inner.compactMap { try? Parser.parse($0, options: options) }
    }
}

extension RuleCheck {
    /// Everything that `checks` find in the rules of these files, and in `queries`, which stand on
    /// their own (a dashboard's, a page's).
    public static func run(
        _ checks: [RuleCheck] = RuleCheck.all, files: [RuleFile],
        queries: [Located<String>] = [], _ context: CheckContext = CheckContext()
    ) -> [Problem] {
        var budget = RegexBudget()
        var rules = files.flatMap(\.groups).flatMap {
            CheckedRule.all(of: $0, context.parser, &budget)
        }
        rules += queries.map { CheckedRule(text: $0, context.parser, &budget) }
        return rules.flatMap { rule in
            checks.flatMap { check in
                check.find(rule, context).map {
                    Problem($0.severity, at: $0.place, path: $0.path, $0.message, check: check.name)
                }
            }
        }
    }
}

extension Expr {
    /// The expression within parentheses.
    public var unparenthesised: Expr {
        var expr = self
        while case .paren(let inner) = expr.kind { expr = inner }
        return expr
    }
}
