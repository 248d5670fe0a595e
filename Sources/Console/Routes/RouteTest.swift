import Configuration
import Model
import Notify

/// Which routes take an alert, and why the others do not.
public struct RouteTest: Sendable {
    /// What became of the alert at a node that was looked at.
    enum Verdict: Sendable {
        /// It is told to the node's receiver.
        case taken
        /// A route below took it.
        case passedOn
        /// These matchers do not hold.
        case declined([Matcher])
        /// A sibling before it took the alert and does not continue.
        case notAsked
    }

    /// The alert's labels.
    public let labels: Labels
    let visits: [(node: RouteSheet.Node, verdict: Verdict)]
    let sheet: RouteSheet

    /// What becomes of an alert with these labels.
    public init(_ sheet: RouteSheet, _ labels: Labels) {
        self.sheet = sheet
        self.labels = labels
        var verdicts: [Int: Verdict] = [:]
        if !sheet.nodes.isEmpty { _ = RouteTest.walk(0, sheet, labels, &verdicts) }
        visits = sheet.nodes.compactMap { node in
            verdicts[node.route.index].map { (node, $0) }
        }
    }

    private static func walk(
        _ index: Int, _ sheet: RouteSheet, _ labels: Labels, _ verdicts: inout [Int: Verdict]
    ) -> Bool {
        let route = sheet.nodes[index].route
        let failing = route.matchers.filter { !$0.matches(labels) }
        guard failing.isEmpty else {
            verdicts[index] = .declined(failing)
            return false
        }
        var (isTaken, isOver) = (false, false)
        for child in route.children {
            if isOver {
                verdicts[child] = .notAsked
            } else if walk(child, sheet, labels, &verdicts) {
                isTaken = true
                isOver = !sheet.nodes[child].route.continues
            }
        }
        verdicts[index] = isTaken ? .passedOn : .taken
        return true
    }

    private var takers: [RouteSheet.Node] {
        visits.compactMap { if case .taken = $0.verdict { $0.node } else { nil } }
    }

    /// The receivers that are told, in order, each once.
    public var receivers: [String] { sheet.tree.receivers(of: labels) }

    // MARK: Text

    /// The tree with what became of the alert at each node, then each route that takes it.
    public var text: String {
        var table = TextTable()
        table.add(["."])
        for (node, verdict) in visits {
            table.add([node.title, node.receiver, text(verdict, node)])
        }
        let details = takers.map(detail)
        return ([table.text] + details + ["Receivers: " + receivers.joined(separator: ", ")])
            .joined(separator: "\n\n")
    }

    private func text(_ verdict: Verdict, _ node: RouteSheet.Node) -> String {
        switch verdict {
        case .taken: node.route.continues ? "TAKES IT, and the next is asked too" : "TAKES IT"
        case .passedOn: "passed on to a route below"
        case .notAsked: "not asked: a route before it took the alert"
        case .declined(let matchers):
            "no: "
                + matchers.map { matcher in
                    guard let value = labels[matcher.name] else {
                        return "\(matcher.name) is missing"
                    }
                    return "\(matcher.name) is \(value.goQuoted)"
                }.joined(separator: ", ")
        }
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
        let matchers = path(to: route).flatMap(\.matchers)
        if matchers.isEmpty { return "it takes every alert" }
        return matchers.map { "\($0) (\((labels[$0.name]?.goQuoted) ?? "missing"))" }
            .joined(separator: ", ")
    }

    private func path(to route: Route) -> [Route] {
        var path = [route]
        var below = route.index
        // Each node stands before its children.
        for node in sheet.nodes[..<route.index].reversed() where node.route.children.contains(below)
        {
            path.insert(node.route, at: 0)
            below = node.route.index
        }
        return path
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
                matchers: path(to: route).flatMap(\.matchers).map(\.description),
                groupBy: route.groupBy.text, groupLabels: group, groupKey: route.groupKey(group),
                groupWait: "\(route.groupWait)", groupInterval: "\(route.groupInterval)",
                repeatInterval: "\(route.repeatInterval)",
                muteTimeIntervals: route.muteTimeIntervals,
                activeTimeIntervals: route.activeTimeIntervals)
        }
        return JSONText.of(Document(labels: labels, receivers: receivers, routes: routes))
    }
}
