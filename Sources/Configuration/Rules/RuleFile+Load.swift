import Model

extension RuleFile {
    /// Reads a rule file: `groups:`, or a Kubernetes resource `PrometheusRule`, whose `spec` is one.
    ///
    /// Names, labels and durations are checked; expressions and templates are not.
    public static func load(
        text: [UInt8], path: String, nameValidation: NameValidation = .utf8,
        ignoresUnknownKeys: Bool = false
    ) -> LoadResult<RuleFile> {
        let context = DecodingContext(path: path)
        context.ignoresUnknownKeys = ignoresUnknownKeys
        let (root, problems) = YAMLParser.parse(text, file: path)
        context.add(problems)
        guard let root, !root.isNull else {
            return context.result(RuleFile(path: path, groups: []))
        }
        let reader = RuleFileReader(nameValidation: nameValidation)
        let document = Element(node: root, path: "", context: context)
        let groups = reader.isResource(root) ? reader.resource(document) : reader.file(document)
        return context.result(RuleFile(path: path, groups: groups ?? []))
    }

    /// As above, from a text.
    public static func load(
        text: String, path: String, nameValidation: NameValidation = .utf8
    ) -> LoadResult<RuleFile> {
        load(text: Array(text.utf8), path: path, nameValidation: nameValidation)
    }
}

/// Reads rule groups, with the wording of Prometheus's own errors.
private struct RuleFileReader {
    let nameValidation: NameValidation

    func isResource(_ root: YAMLNode) -> Bool {
        guard case .mapping(let entries) = root.content else { return false }
        return entries.contains { $0.key == "kind" } && entries.contains { $0.key == "spec" }
    }

    func resource(_ document: Element) -> [RuleGroupConfiguration]? {
        document.object { keys in
            for key in ["apiVersion", "metadata", "status"] { _ = keys[key] }
            if let kind = keys.string("kind"), kind != "PrometheusRule" {
                keys.error(at: "kind", "expected PrometheusRule, found \(kind.goQuoted)")
            }
            return keys["spec"].flatMap(file)
        }
    }

    func file(_ document: Element) -> [RuleGroupConfiguration]? {
        document.object { keys in
            let groups = keys.listOfSome("groups", group)
            var names: Set<String> = []
            for group in groups where !group.name.isEmpty {
                if !names.insert(group.name).inserted {
                    keys.context.add(
                        Problem(
                            at: group.place, path: "groups",
                            "groupname: \(group.name.goQuoted) is repeated in the same file"))
                }
            }
            return groups
        }
    }

    private func group(_ element: Element) -> RuleGroupConfiguration? {
        element.object { keys in
            var group = RuleGroupConfiguration(name: keys.string("name") ?? "", place: keys.place)
            if group.name.isEmpty { keys.error("Groupname must not be empty") }
            group.interval = keys.duration("interval").flatMap { $0 == .zero ? nil : $0 }
            group.queryOffset = keys.duration("query_offset")
            keys.read("limit", into: &group.limit) { $0.int(Int64.min...Int64.max) }
            group.labels = Labels(
                keepingEmpty: labels(keys, "labels").map { Label($0.name, $0.value.value) })
            if keys["partial_response_strategy"] != nil {
                keys.warn(
                    at: "partial_response_strategy",
                    "is Thanos's and has no meaning here; it is ignored")
            }
            let inherited = group.labels
            group.rules = keys.listOfSome("rules") { rule($0, of: group.name, inherited) }
            return group
        }
    }

    private func rule(
        _ element: Element, of group: String, _ inherited: Labels
    ) -> RuleConfiguration? {
        element.object { keys in
            let record = keys.string("record") ?? ""
            let alert = keys.string("alert") ?? ""
            let expr = keys["expr"]?.located() ?? Located("", at: keys.place)
            if !record.isEmpty, !alert.isEmpty {
                keys.error("only one of 'record' and 'alert' must be set")
            }
            if record.isEmpty, alert.isEmpty {
                keys.error("one of 'record' or 'alert' must be set")
            }
            if expr.value.isEmpty { keys.error("field 'expr' must be set in rule") }
            var rule = RuleConfiguration(
                record.isEmpty ? .alerting(alert) : .recording(record), expr: expr,
                place: keys.place)
            keys.duration("for", &rule.forDuration)
            keys.duration("keep_firing_for", &rule.keepFiringFor)
            rule.labels = labels(keys, "labels")
            rule.annotations = annotations(keys)
            if !record.isEmpty { checkRecording(rule, keys) }
            return rule
        }
    }

    private func checkRecording(_ rule: RuleConfiguration, _ keys: KeyedElement) {
        if !rule.annotations.isEmpty {
            keys.error(at: "annotations", "invalid field 'annotations' in recording rule")
        }
        if rule.forDuration != .zero {
            keys.error(at: "for", "invalid field 'for' in recording rule")
        }
        if rule.keepFiringFor != .zero {
            keys.error(at: "keep_firing_for", "invalid field 'keep_firing_for' in recording rule")
        }
        if rule.name.contains("{") || rule.name.contains("}") {
            keys.error(
                at: "record",
                "braces present in the recording rule name; should it be in expr?: \(rule.name)")
        } else if nameValidation == .legacy, !rule.name.isLegacyMetricName {
            keys.error(at: "record", "invalid recording rule name: \(rule.name)")
        }
    }

    private func labels(_ keys: KeyedElement, _ key: String) -> [RuleConfiguration.Pair] {
        pairs(keys, key) { name in
            name.isLabelName(nameValidation) && name != Labels.name
                ? nil : "invalid label name: \(name)"
        }
    }

    private func annotations(_ keys: KeyedElement) -> [RuleConfiguration.Pair] {
        pairs(keys, "annotations") { name in
            name.isLabelName(nameValidation) ? nil : "invalid annotation name: \(name)"
        }
    }

    private func pairs(
        _ keys: KeyedElement, _ key: String, complaint: (String) -> String?
    ) -> [RuleConfiguration.Pair] {
        var pairs: [RuleConfiguration.Pair] = []
        for entry in keys[key]?.entries() ?? [] {
            if let message = complaint(entry.key) {
                keys.context.add(
                    Problem(at: entry.place, path: keys.path(of: key), message))
            }
            if let value = entry.value.located() {
                pairs.append(RuleConfiguration.Pair(entry.key, value))
            }
        }
        return pairs.sorted { $0.name.byteOrder($1.name) < 0 }
    }
}
