import Model

/// An element of `relabel_configs` and its kin.
public struct RelabelRule: Sendable {
    /// What is done with the labels.
    public enum Action: String, Sendable, Hashable, CaseIterable {
        case replace, keep, drop, hashmod, labelmap, labeldrop, labelkeep, lowercase, uppercase
        case keepEqual = "keepequal"
        case dropEqual = "dropequal"
    }

    /// `source_labels`: their values, joined, are what the expression is matched with.
    public var sourceLabels: [String]
    /// `separator`.
    public var separator: String
    /// `target_label`: what is set, a template for `replace`.
    public var targetLabel: String
    /// `regex` as written.
    public var regexText: String
    /// `regex` compiled as `^(?s:…)$`: match it with `groupsOfWholeMatch`.
    public var regex: LinearRegex
    /// `modulus`, of `hashmod`.
    public var modulus: UInt64
    /// `replacement`.
    public var replacement: String
    /// `action`.
    public var action: Action

    /// A rule with Prometheus's defaults. Throws where `regex` is no expression.
    public init(
        _ action: Action = .replace, sourceLabels: [String] = [], separator: String = ";",
        targetLabel: String = "", regex: String = "(.*)", modulus: UInt64 = 0,
        replacement: String = "$1"
    ) throws(LinearRegex.CompileError) {
        self.action = action
        self.sourceLabels = sourceLabels
        self.separator = separator
        self.targetLabel = targetLabel
        self.regexText = regex
        self.regex = try LinearRegex("^(?s:\(regex))$", dotMatchesNewline: true)
        self.modulus = modulus
        self.replacement = replacement
    }
}

extension RelabelRule: Hashable {
    private var identity: [String] {
        [
            action.rawValue, separator, targetLabel, regexText, String(modulus), replacement,
        ] + sourceLabels
    }

    public static func == (a: RelabelRule, b: RelabelRule) -> Bool { a.identity == b.identity }
    public func hash(into hasher: inout Hasher) { identity.hash(into: &hasher) }
}
