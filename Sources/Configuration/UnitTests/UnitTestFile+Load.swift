import Model

extension UnitTestFile {
    /// Reads a file of unit tests. The series and expressions in it are not parsed here.
    public static func load(
        text: [UInt8], path: String, ignoresUnknownKeys: Bool = false
    ) -> LoadResult<UnitTestFile> {
        let context = DecodingContext(path: path)
        context.ignoresUnknownKeys = ignoresUnknownKeys
        let (root, problems) = YAMLParser.parse(text, file: path)
        context.add(problems)
        guard let root, !root.isNull else { return context.result(UnitTestFile(path: path)) }
        let document = Element(node: root, path: "", context: context)
        return context.result(document.object { UnitTestReader.file($0, path) })
    }

    /// Whether a file says that it is one of unit tests: a mapping with `tests` at its top.
    public static func isUnitTest(_ text: [UInt8], path: String) -> Bool {
        guard case .mapping(let entries)? = YAMLParser.parse(text, file: path).root?.content else {
            return false
        }
        return entries.contains { $0.key == "tests" }
    }
}

/// Reads files of unit tests.
private enum UnitTestReader {
    static func file(_ keys: KeyedElement, _ path: String) -> UnitTestFile? {
        var file = UnitTestFile(path: path)
        file.ruleFiles = keys.list("rule_files") { $0.filePattern() }
        if let interval = keys.duration("evaluation_interval"), interval != .zero {
            file.evaluationInterval = interval
        }
        keys.bool("fuzzy_compare", &file.fuzzyCompare)
        file.groupOrder = keys.strings("group_eval_order")
        var seen = Set<String>()
        for name in file.groupOrder where !seen.insert(name).inserted {
            keys.error(
                at: "group_eval_order", "group name repeated in evaluation order: \(name)")
        }
        let interval = file.evaluationInterval
        file.tests = keys.list("tests") { $0.object { group($0, interval) } }
        return file
    }

    private static func group(_ keys: KeyedElement, _ interval: Milliseconds) -> UnitTestGroup? {
        var group = UnitTestGroup(interval: interval, place: keys.place)
        group.name = keys.string("name") ?? ""
        if let own = keys.duration("interval"), own != .zero { group.interval = own }
        if let start = keys["start_timestamp"] { group.start = timestamp(start) ?? group.start }
        group.input = keys.list("input_series") { $0.object(input) }
        group.alertTests = keys.list("alert_rule_test") { $0.object(alertTest) }
        group.expressionTests = keys.list("promql_expr_test") { $0.object(expressionTest) }
        group.externalLabels =
            keys["external_labels"].flatMap { $0.labels(keepingEmpty: true) } ?? .empty
        group.externalURL = keys.string("external_url") ?? ""
        return group
    }

    /// RFC 3339, or seconds since 1970.
    private static func timestamp(_ element: Element) -> Timestamp? {
        guard let text = element.string("a time") else { return nil }
        if text.isEmpty { return Timestamp(milliseconds: 0) }
        if let time = Timestamp(rfc3339: text) { return time }
        if let seconds = Double(text), seconds.isFinite { return Timestamp(seconds: seconds) }
        element.error(
            "expected a time such as 2024-01-01T00:00:00Z or seconds since 1970, found "
                + text.goQuoted)
        return nil
    }

    private static func input(_ keys: KeyedElement) -> UnitTestGroup.Input? {
        UnitTestGroup.Input(
            series: keys["series"]?.located() ?? Located("", at: keys.place),
            values: keys["values"]?.located() ?? Located("", at: keys.place))
    }

    private static func alertTest(_ keys: KeyedElement) -> UnitTestGroup.AlertTest? {
        let time = keys.duration("eval_time") ?? .zero
        let name = keys.string("alertname") ?? ""
        if name.isEmpty {
            keys.error(
                "an item under alert_rule_test misses required attribute alertname at eval_time "
                    + "\(time)")
        }
        let alerts = keys.list("exp_alerts") { element in
            element.object { keys in
                UnitTestGroup.Alert(
                    labels: Labels(texts(keys, "exp_labels")),
                    annotations: Annotations(texts(keys, "exp_annotations")))
            }
        }
        return UnitTestGroup.AlertTest(time: time, name: name, alerts: alerts, place: keys.place)
    }

    private static func texts(_ keys: KeyedElement, _ key: String) -> [Label] {
        (keys[key]?.entries() ?? []).compactMap { entry in
            entry.value.string().map { Label(entry.key, $0) }
        }
    }

    private static func expressionTest(_ keys: KeyedElement) -> UnitTestGroup.ExpressionTest? {
        let expr = keys["expr"]?.located() ?? Located("", at: keys.place)
        let time = keys.duration("eval_time") ?? .zero
        let samples = keys.list("exp_samples") { $0.object(sample) }
        return UnitTestGroup.ExpressionTest(
            expr: expr, time: time, samples: samples, place: keys.place)
    }

    private static func sample(_ keys: KeyedElement) -> UnitTestGroup.Sample? {
        UnitTestGroup.Sample(
            labels: keys["labels"]?.located() ?? Located("", at: keys.place),
            value: keys["value"].flatMap(number) ?? 0,
            histogram: keys.has("histogram") ? keys["histogram"]?.located() : nil)
    }

    /// A number; PromQL's `NaN` and `Inf` beside YAML's.
    private static func number(_ element: Element) -> Double? {
        if case .scalar(let scalar) = element.node.content, scalar.isPlain,
            ["NaN", "Inf", "+Inf", "-Inf"].contains(scalar.text)
        {
            return GoFloat.parse(scalar.text)
        }
        return element.double()
    }
}
