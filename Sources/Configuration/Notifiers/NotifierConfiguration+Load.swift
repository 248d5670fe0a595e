import Model

extension NotifierConfiguration {
    /// Reads a file in Alertmanager's schema.
    public static func load(
        path: String, files: FileAccess = .system
    ) -> LoadResult<NotifierConfiguration> {
        do {
            return load(text: try files.read(path), path: path)
        } catch {
            return LoadResult(
                value: nil, problems: [Problem(at: SourcePlace(file: path), error.description)])
        }
    }

    /// As above, with the file's content at hand.
    public static func load(text: [UInt8], path: String) -> LoadResult<NotifierConfiguration> {
        let context = DecodingContext(path: path)
        let (root, problems) = YAMLParser.parse(text, file: path)
        context.add(problems)
        guard let root else {
            if !context.hasErrors {
                context.add(Problem(at: SourcePlace(file: path), "no route provided in config"))
            }
            return context.result(nil)
        }
        return context.result(
            Element(node: root, path: "", context: context).object(read), of: root)
    }

    private static func read(_ keys: KeyedElement) -> NotifierConfiguration? {
        let global = keys.object("global", NotifierGlobal.read) ?? NotifierGlobal()
        let receivers = keys.listOfSome("receivers", ReceiverReader(global: global).receiver)
        checkUnique(receivers, keys.context)
        let intervals = timeIntervals(keys)
        let templates = keys.list("templates") { $0.filePattern() }
        UnactedNotifierSections.read(keys)
        let inhibitRules = keys.list("inhibit_rules") { $0.object(RouteReader.inhibitRule) }
        let names = RouteNames(
            receivers: receivers.map(\.name), timeIntervals: intervals.map(\.name))
        let route = keys.object("route") { inner -> RouteConfiguration? in
            guard let route = RouteReader.route(inner) else { return nil }
            RouteReader.check(route, inner, names)
            return route
        }
        guard let route else {
            keys.error("no route provided in config")
            return nil
        }
        warnOfUnused(receivers, route, keys.context)
        var configuration = NotifierConfiguration(route: route, receivers: receivers)
        configuration.path = keys.place.file
        configuration.resolveTimeout = global.resolveTimeout
        configuration.templates = templates
        configuration.inhibitRules = inhibitRules
        configuration.timeIntervals = intervals
        return configuration
    }

    private static func timeIntervals(_ keys: KeyedElement) -> [NamedTimeInterval] {
        var all: [NamedTimeInterval] = []
        for (key, what) in [
            ("mute_time_intervals", "mute time interval"), ("time_intervals", "time interval"),
        ] {
            for interval in keys.listOfSome(key, { CalendarReader.named($0, what) }) {
                if all.contains(where: { $0.name == interval.name }) {
                    keys.error(at: key, "\(what) \(interval.name.goQuoted) is not unique")
                }
                all.append(interval)
            }
        }
        return all
    }

    private static func checkUnique(
        _ receivers: [ReceiverConfiguration], _ context: DecodingContext
    ) {
        var seen: Set<String> = []
        for receiver in receivers where !seen.insert(receiver.name).inserted {
            context.add(
                Problem(
                    at: receiver.place, path: "receivers",
                    "notification config name \(receiver.name.goQuoted) is not unique"))
        }
    }

    private static func warnOfUnused(
        _ receivers: [ReceiverConfiguration], _ root: RouteConfiguration,
        _ context: DecodingContext
    ) {
        var used: Set<String> = []
        var waiting = [root]
        while let route = waiting.popLast() {
            if let receiver = route.receiver { used.insert(receiver) }
            waiting += route.routes
        }
        for receiver in receivers where !used.contains(receiver.name) {
            context.add(
                Problem(
                    .warning, at: receiver.place, path: "receivers",
                    "receiver \(receiver.name.goQuoted) is used by no route"),
                followingFrom: DecodingContext.Causes(
                    keysOf: "receivers", allBelow: ["receivers", "route"]))
        }
    }
}
