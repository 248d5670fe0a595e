import Model

/// Reads the routing tree and the inhibition rules, with the wording of Alertmanager's own errors.
enum RouteReader {
    static func route(_ keys: KeyedElement) -> RouteConfiguration? {
        var route = RouteConfiguration()
        route.place = keys.place
        route.receiver = keys.has("receiver") ? keys.string("receiver") : nil
        route.groupBy = groupBy(keys)
        route.groupWait = keys.duration("group_wait")
        route.groupInterval = keys.duration("group_interval")
        route.repeatInterval = keys.duration("repeat_interval")
        if route.groupInterval == .zero {
            keys.error(at: "group_interval", "group_interval cannot be zero")
        }
        if route.repeatInterval == .zero {
            keys.error(at: "repeat_interval", "repeat_interval cannot be zero")
        }
        route.matchers = matchers(keys, "")
        keys.bool("continue", &route.continues)
        route.muteTimeIntervals = keys.strings("mute_time_intervals")
        route.activeTimeIntervals = keys.strings("active_time_intervals")
        readLabels(keys)
        route.routes = keys.list("routes") { $0.object(RouteReader.route) }
        return route
    }

    /// `labels`, which Alertmanager has since 0.34: checked, and not acted on.
    private static func readLabels(_ keys: KeyedElement) {
        for entry in keys["labels"]?.entries() ?? [] {
            if entry.key.isEmpty {
                keys.error(at: "labels", "invalid label name \(entry.key.goQuoted) in route labels")
            }
            _ = entry.value.string()
        }
        if keys.has("labels") { keys.warn(at: "labels", "is not acted on") }
    }

    private static func groupBy(_ keys: KeyedElement) -> RouteConfiguration.GroupBy? {
        guard let element = keys["group_by"], !element.isNull else { return nil }
        let names = element.list { $0.string() } ?? []
        for name in names where name.isEmpty {
            element.error("invalid label name \(name.goQuoted) in group_by list")
        }
        if names.contains("...") {
            if names.contains(where: { $0 != "..." }) {
                element.error(
                    "cannot have wildcard group_by (`...`) and other labels at the same time")
            }
            return .all
        }
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            element.error("duplicated label \(name.goQuoted) in group_by")
        }
        // An empty list ends the parent's grouping.
        return .labels(names)
    }

    /// `PREFIXmatch`, `PREFIXmatch_re` and `PREFIXmatchers` together.
    private static func matchers(_ keys: KeyedElement, _ prefix: String) -> [Matcher] {
        var found: [Matcher] = []
        for entry in keys["\(prefix)match"]?.entries() ?? [] {
            checkName(entry.key, entry.place, keys)
            if let value = entry.value.string() { found.append(.equal(entry.key, value)) }
        }
        for entry in keys["\(prefix)match_re"]?.entries() ?? [] {
            checkName(entry.key, entry.place, keys)
            if entry.value.isNull {
                entry.value.error("invalid regexp value for \(entry.key.goQuoted)")
            } else if let value = entry.value.string() {
                // With the anchors that Alertmanager adds, since group keys show them.
                found += entry.value.matchers { () throws(LinearRegex.CompileError) in
                    [try Matcher(.matches, entry.key, "^(?:\(value))$")]
                } describe: {
                    "error parsing regexp: \($0.description)"
                }
            }
        }
        let parsed = keys.list("\(prefix)matchers") { element -> [Matcher]? in
            guard let text = element.string() else { return nil }
            return element.matchers { () throws(MatcherSyntax.ParseError) in
                try MatcherSyntax.parse(text)
            } describe: {
                "\($0)"
            }
        }
        return (found + parsed.joined()).inAlertmanagerOrder
    }

    private static func checkName(_ name: String, _ place: SourcePlace, _ keys: KeyedElement) {
        if !name.isLegacyLabelName {
            keys.context.add(
                Problem(at: place, path: keys.path, "invalid label name \(name.goQuoted)"))
        }
    }

    static func inhibitRule(_ keys: KeyedElement) -> InhibitRule? {
        var rule = InhibitRule()
        rule.place = keys.place
        keys.string("name", &rule.name)
        rule.sourceMatchers = matchers(keys, "source_")
        rule.targetMatchers = matchers(keys, "target_")
        rule.equal = keys.list("equal") { element in
            guard let name = element.string() else { return nil }
            if name.isEmpty {
                element.error("invalid label name \(name.goQuoted) in equal list")
            }
            return name
        }
        return rule
    }

    /// What can only be said of the whole tree.
    static func check(_ root: RouteConfiguration, _ keys: KeyedElement, _ names: RouteNames) {
        if root.receiver == nil { keys.error("root route must specify a default receiver") }
        if !root.matchers.isEmpty { keys.error("root route must not have any matchers") }
        if !root.muteTimeIntervals.isEmpty {
            keys.error(
                at: "mute_time_intervals", "root route must not have any mute time intervals")
        }
        if !root.activeTimeIntervals.isEmpty {
            keys.error(
                at: "active_time_intervals", "root route must not have any active time intervals")
        }
        if root.continues {
            keys.error(at: "continue", "cannot have continue in root route")
        }
        checkNames(root, keys.context, path: keys.path, names)
    }

    private static func checkNames(
        _ route: RouteConfiguration, _ context: DecodingContext, path: String, _ names: RouteNames
    ) {
        func complain(_ message: String, _ scope: String) {
            context.add(
                Problem(at: route.place, path: path, message),
                followingFrom: DecodingContext.Causes(keysOf: path, allBelow: [scope]))
        }
        if let receiver = route.receiver, !names.receivers.contains(receiver) {
            complain(
                "undefined receiver \(receiver.goQuoted) used in route"
                    + suggestion(receiver, names.receivers), "receivers")
        }
        for name in route.activeTimeIntervals + route.muteTimeIntervals
        where !names.timeIntervals.contains(name) {
            complain(
                "undefined time interval \(name.goQuoted) used in route"
                    + suggestion(name, names.timeIntervals), "time_intervals")
        }
        for (index, child) in route.routes.enumerated() {
            checkNames(child, context, path: "\(path).routes[\(index)]", names)
        }
    }
}

extension Element {
    /// The matchers that `read` makes of a text, unless the file's regular expressions are too many.
    fileprivate func matchers<E: Error>(
        _ read: () throws(E) -> [Matcher], describe: (E) -> String
    ) -> [Matcher] {
        if let refusal = context.regexRefusal {
            error(refusal)
            return []
        }
        do {
            let matchers = try read()
            context.countRegex(matchers.map(\.programSize).reduce(0, +))
            return matchers
        } catch {
            context.countRefusedRegex(describe(error))
            self.error(describe(error))
            return []
        }
    }
}

/// What routes may name.
struct RouteNames {
    var receivers: [String]
    var timeIntervals: [String]
}
