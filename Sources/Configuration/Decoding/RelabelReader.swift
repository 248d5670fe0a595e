import Model

/// Reads a relabelling rule, with the wording of Prometheus's own errors.
enum RelabelReader {
    /// Where a rule may name groups of its expression.
    private static let template = try? LinearRegex(
        "^(?:(?:[a-zA-Z_]|\\$(?:\\{\\w+\\}|\\w+))+\\w*)+$")

    /// The rules under a key. `what` names them where one is empty, e.g. `metric relabeling rule`.
    static func list(
        _ keys: KeyedElement, _ key: String, empty: String, _ validation: NameValidation
    ) -> [RelabelRule] {
        keys.list(key) { element in
            if element.isNull {
                element.error("empty or null \(empty)")
                return nil
            }
            return element.object { rule($0, validation) }
        }
    }

    private static func rule(_ keys: KeyedElement, _ validation: NameValidation) -> RelabelRule? {
        let sources = keys.list("source_labels") { element -> String? in
            guard let name = element.string() else { return nil }
            if !name.isLabelName(validation) {
                element.error("\(name.goQuoted) is not a valid label name")
            }
            return name
        }
        var separator = ";"
        var target = ""
        var regex = "(.*)"
        var replacement = "$1"
        var modulus = 0
        keys.string("separator", &separator)
        keys.string("target_label", &target)
        keys.string("regex", &regex)
        keys.string("replacement", &replacement)
        keys.int("modulus", &modulus)
        guard let action = action(keys) else { return nil }
        if let refusal = keys.context.regexRefusal {
            keys.error(at: "regex", refusal)
            return nil
        }
        let rule: RelabelRule
        do {
            rule = try RelabelRule(
                action, sourceLabels: sources, separator: separator, targetLabel: target,
                regex: regex, modulus: UInt64(modulus), replacement: replacement)
            keys.context.countRegex(rule.regex.programSize)
        } catch {
            keys.context.countRefusedRegex(error.description)
            keys.error(at: "regex", "error parsing regexp: \(error.description)")
            return nil
        }
        for message in complaints(rule, validation) { keys.error(message) }
        return rule
    }

    private static func action(_ keys: KeyedElement) -> RelabelRule.Action? {
        guard let element = keys["action"] else { return .replace }
        guard let text = element.string() else { return nil }
        if text.isEmpty {
            element.error("relabel action cannot be empty")
            return nil
        }
        if let action = RelabelRule.Action(rawValue: text.lowercased()) { return action }
        element.error(
            "unknown relabel action \(text.goQuoted)"
                + suggestion(text.lowercased(), RelabelRule.Action.allCases.map(\.rawValue)))
        return nil
    }

    private static func complaints(
        _ rule: RelabelRule, _ validation: NameValidation
    ) -> [String] {
        let action = rule.action.rawValue
        var found: [String] = []
        if rule.action == .hashmod, rule.modulus == 0 {
            found.append("relabel configuration for hashmod requires non-zero modulus")
        }
        switch rule.action {
        case .replace, .hashmod, .lowercase, .uppercase, .keepEqual, .dropEqual:
            if rule.targetLabel.isEmpty {
                found.append(
                    "relabel configuration for \(action) action requires 'target_label' value")
            } else if !isTarget(rule.targetLabel, of: rule.action, validation) {
                found.append(
                    "\(rule.targetLabel.goQuoted) is invalid 'target_label' for \(action) action")
            }
        case .labelmap:
            if validation == .legacy ? !isTemplate(rule.replacement) : rule.replacement.isEmpty {
                found.append(
                    "\(rule.replacement.goQuoted) is invalid 'replacement' for labelmap action")
            }
        case .keep, .drop, .labeldrop, .labelkeep: break
        }
        return found + complaintsAboutSuperfluous(rule)
    }

    private static func complaintsAboutSuperfluous(_ rule: RelabelRule) -> [String] {
        let action = rule.action.rawValue
        switch rule.action {
        case .lowercase, .uppercase:
            return rule.replacement == "$1"
                ? [] : ["'replacement' can not be set for \(action) action"]
        case .keepEqual, .dropEqual:
            let isPlain =
                rule.regexText == "(.*)" && rule.modulus == 0 && rule.separator == ";"
                && rule.replacement == "$1"
            return isPlain
                ? []
                : [
                    "\(action) action requires only 'source_labels' and `target_label`, and no other fields"
                ]
        case .labeldrop, .labelkeep:
            let isPlain =
                rule.sourceLabels.isEmpty && rule.targetLabel.isEmpty && rule.modulus == 0
                && rule.separator == ";" && rule.replacement == "$1"
            return isPlain ? [] : ["\(action) action requires only 'regex', and no other fields"]
        default: return []
        }
    }

    private static func isTarget(
        _ label: String, of action: RelabelRule.Action, _ validation: NameValidation
    ) -> Bool {
        if action == .replace, label.contains("$") {
            return validation == .utf8 || isTemplate(label)
        }
        return label.isLabelName(validation)
    }

    private static func isTemplate(_ text: String) -> Bool {
        template?.matchesWhole(text) ?? false
    }
}
