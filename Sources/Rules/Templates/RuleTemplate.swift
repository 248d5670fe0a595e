import GoTemplate
import Model

/// A label's or annotation's template: parsed once, expanded for every alert.
///
/// `$labels`, `$externalLabels`, `$externalURL` and `$value` are defined; the functions are
/// Prometheus's. A text without actions is taken as it is.
public struct RuleTemplate: Sendable {
    /// What a template's `query` gives.
    public struct Sample: Sendable {
        /// The series.
        public var labels: Labels
        /// Its value.
        public var value: Double

        /// A sample.
        public init(_ labels: Labels, _ value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    /// What a template is expanded with.
    public struct Context {
        /// The alert's labels: `$labels`.
        public var labels: Labels
        /// `$externalLabels`.
        public var externalLabels: Labels
        /// `$externalURL`, and what `externalURL` and `pathPrefix` give.
        public var externalURL: String
        /// `$value`.
        public var value: Double
        /// `$value` where it is a native histogram, which templates see as text.
        public var histogram: FloatHistogram?
        /// The moment of the evaluation.
        public var time: Timestamp
        /// Runs an instant query at `time`.
        public var query: (String) throws -> [Sample]

        /// What a template is expanded with.
        public init(
            labels: Labels, externalLabels: Labels = .empty, externalURL: String = "",
            value: Double, time: Timestamp, query: @escaping (String) throws -> [Sample]
        ) {
            self.labels = labels
            self.externalLabels = externalLabels
            self.externalURL = externalURL
            self.value = value
            self.time = time
            self.query = query
        }
    }

    /// The text as it was written.
    public let text: String
    private let name: String
    private let template: Template?

    private static let definitions =
        "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}"
        + "{{$externalURL := .ExternalURL}}{{$value := .Value}}"

    private static let base = TemplateSet(functions: RuleFunctions.all)

    /// Parses `text`; `name` is for error messages, in Prometheus `__alert_` and the alert's name.
    public init(_ text: String, name: String) throws(TemplateError) {
        self.text = text
        self.name = name
        template =
            text.contains("{{")
            ? try RuleTemplate.base.template(RuleTemplate.definitions + text, named: name) : nil
    }

    /// What it says. An error's text begins as in Prometheus: `error executing template NAME: `.
    public func expand(_ context: Context) throws(TemplateError) -> String {
        guard let template else { return text }
        do {
            return try template.execute(.object(RuleTemplateData(context)), context: context)
        } catch {
            throw TemplateError("error executing template \(name): \(error)")
        }
    }

    /// Parses and expands `text` at once.
    public static func expand(
        _ text: String, name: String, _ context: Context
    ) throws(TemplateError) -> String {
        let template: RuleTemplate
        do { template = try RuleTemplate(text, name: name) } catch {
            throw TemplateError("error parsing template \(name): \(error)")
        }
        return try template.expand(context)
    }

    /// Why `text` does not parse, or nil.
    public static func check(_ text: String, name: String) -> TemplateError? {
        do {
            _ = try RuleTemplate(text, name: name)
            return nil
        } catch {
            return error
        }
    }

    /// Why it fails when it is expanded with no labels, the value 0 and queries that give one empty
    /// sample, or nil. A failure here is likely, not certainly, one in earnest.
    public func trialExpansion() -> TemplateError? {
        let context = Context(
            labels: .empty, value: 0, time: Timestamp(milliseconds: 0),
            query: { _ in [Sample(.empty, 0)] })
        do {
            _ = try expand(context)
            return nil
        } catch {
            return error
        }
    }

    /// The alert's labels that it reads by name, each once, in the order in which they stand.
    public var labelsRead: [String] {
        (template?.fieldPaths ?? []).compactMap { path in
            path.count > 1 && path[0] == "Labels" ? path[1] : nil
        }
    }

    /// Whether all that it reads is the alert's labels, and nothing is computed of them: it says the same of
    /// a series at every evaluation. Some templates of which that holds are not recognised.
    public var readsLabelsOnly: Bool {
        guard template != nil else { return true }
        return text.components(between: "{{", "}}")?.allSatisfy(RuleTemplate.isLabel) ?? false
    }

    /// Whether an action is `$labels.NAME` or `.Labels.NAME`.
    private static func isLabel(_ action: Substring) -> Bool {
        var action = action
        if action.hasPrefix("-") { action.removeFirst() }
        if action.hasSuffix("-") { action.removeLast() }
        let bytes = action.utf8.filter { $0 != UInt8(ascii: " ") }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let prefix = ["$labels.", ".Labels."].first(where: { text.hasPrefix($0) }) else {
            return false
        }
        let name = text.dropFirst(prefix.count)
        return !name.isEmpty
            && name.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
    }

    /// The queries that are written out in it, and whether it has others, computed as it runs.
    public var queries: (literal: [String], hasComputed: Bool) {
        let found = template?.set.literalCalls(of: "query") ?? ([], 0)
        return (found.0, found.1 > 0)
    }
}

/// The dot of a rule's template.
private struct RuleTemplateData: TemplateObject {
    let fields: [(name: String, value: TemplateValue)]

    init(_ context: RuleTemplate.Context) {
        fields = [
            ("Labels", .labels(context.labels)),
            ("ExternalLabels", .labels(context.externalLabels)),
            ("ExternalURL", .string(context.externalURL)),
            ("Value", context.histogram.map { .string($0.description) } ?? .float(context.value)),
        ]
    }

    var typeName: String {
        "struct { Labels map[string]string; ExternalLabels map[string]string; "
            + "ExternalURL string; Value interface {} }"
    }
}

extension String {
    /// What stands between each opening and the closing that follows it; nil where one is missing.
    fileprivate func components(between opening: String, _ closing: String) -> [Substring]? {
        var found: [Substring] = []
        var rest = self[...]
        while let start = rest.firstRange(of: opening) {
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: closing) else { return nil }
            found.append(rest[..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
        return found
    }
}
