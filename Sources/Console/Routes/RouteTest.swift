import Configuration
import Model
import Notify

/// Which routes take an alert, and why the others do not.
public struct RouteTest: Sendable {
    /// The alert's labels.
    public var labels: Labels { verdict.labels }
    let verdict: RoutingVerdict
    let sheet: RouteSheet

    /// What becomes of an alert with these labels.
    public init(_ sheet: RouteSheet, _ labels: Labels) {
        self.sheet = sheet
        verdict = sheet.tree.verdict(on: labels)
    }

    private var takers: [RouteSheet.Node] { verdict.taken.map { sheet.nodes[$0.index] } }

    /// The receivers that are told, in order, each once.
    public var receivers: [String] { verdict.receivers }

    // MARK: Text

    /// The tree with what became of the alert at each node, then each route that takes it.
    public var text: String {
        var table = TextTable()
        table.add(["."])
        for step in verdict.steps {
            let node = sheet.nodes[step.route.index]
            table.add([node.title, node.receiver, text(step)])
        }
        let details = takers.map(detail)
        return ([table.text] + details + ["Receivers: " + receivers.joined(separator: ", ")])
            .joined(separator: "\n\n")
    }

    private func text(_ step: RoutingVerdict.Step) -> String {
        switch step.outcome {
        case .taken: step.route.continues ? "TAKES IT, and the next is asked too" : "TAKES IT"
        case .passedDown: "passed on to a route below"
        case .skipped: "not asked: a route before it took the alert"
        case .notMatched(let matchers): "no: " + matchers.map(mismatch).joined(separator: ", ")
        }
    }

    private func mismatch(_ matcher: Matcher) -> String {
        guard let value = labels[matcher.name] else { return "\(matcher.name) is missing" }
        return "\(matcher.name) is \(value.goQuoted)"
    }

    private func detail(_ node: RouteSheet.Node) -> String {
        let route = node.route
        let group = route.groupLabels(of: labels)
        var table = TextTable()
        func add(_ name: String, _ value: String) { table.add(["  " + name, value]) }
        add("route", "\(node.written.place)")
        add("because", because(route))
        add("tells", tells(route.receiver))
        add("group_by", route.groupBy.text)
        add("group", route.groupKey(group))
        add("group_wait", "\(route.groupWait)")
        add("group_interval", "\(route.groupInterval)")
        add("repeat_interval", "\(route.repeatInterval)")
        for (name, intervals) in [
            ("muted in", route.muteTimeIntervals), ("active in", route.activeTimeIntervals),
        ] where !intervals.isEmpty {
            add(name, intervals.joined(separator: ", "))
        }
        return "\(route.receiver)\n" + table.text
    }

    /// The matchers that hold, from the root down.
    private func because(_ route: Route) -> String {
        let matchers = sheet.tree.path(to: route).flatMap(\.matchers)
        if matchers.isEmpty { return "it takes every alert" }
        return matchers.map { "\($0) (\((labels[$0.name]?.goQuoted) ?? "missing"))" }
            .joined(separator: ", ")
    }

    private func tells(_ receiver: String) -> String {
        let found = sheet.receivers.first { $0.name.bytesEqual(receiver) }
        let ids = (found?.integrations ?? []).map(\.id)
        return ids.isEmpty
            ? "nobody: the receiver has no integrations" : ids.joined(separator: ", ")
    }

    // MARK: JSON

    private struct Document: Encodable {
        struct Taker: Encodable {
            var receiver: String
            var integrations: [String]
            var place: String
            var matchers: [String]
            var groupBy: String
            var groupLabels: Labels
            var groupKey: String
            var groupWait: String
            var groupInterval: String
            var repeatInterval: String
            var muteTimeIntervals: [String]
            var activeTimeIntervals: [String]
        }

        var labels: Labels
        var receivers: [String]
        var routes: [Taker]
    }

    /// The same for programs.
    public var json: String {
        let routes = takers.map { node in
            let route = node.route
            let group = route.groupLabels(of: labels)
            let receiver = sheet.receivers.first { $0.name.bytesEqual(route.receiver) }
            return Document.Taker(
                receiver: route.receiver, integrations: (receiver?.integrations ?? []).map(\.id),
                place: "\(node.written.place)",
                matchers: sheet.tree.path(to: route).flatMap(\.matchers).map(\.description),
                groupBy: route.groupBy.text, groupLabels: group, groupKey: route.groupKey(group),
                groupWait: "\(route.groupWait)", groupInterval: "\(route.groupInterval)",
                repeatInterval: "\(route.repeatInterval)",
                muteTimeIntervals: route.muteTimeIntervals,
                activeTimeIntervals: route.activeTimeIntervals)
        }
        return JSONText.of(Document(labels: labels, receivers: receivers, routes: routes))
    }
}
