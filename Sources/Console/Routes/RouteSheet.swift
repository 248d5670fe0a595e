import Configuration
import Model
import Notify

/// The routing tree of a configuration beside what was written, for `tocsin routes`.
public struct RouteSheet: Sendable {
    /// A node as it was written, and as it counts.
    struct Node: Sendable {
        var route: Route
        var written: RouteConfiguration
        /// What stands before it in a drawing of the tree.
        var indent: String
    }

    /// In the tree's order, each before its children.
    let nodes: [Node]
    let tree: RouteTree
    let receivers: [ReceiverConfiguration]

    /// The tree of `configuration`.
    public init(_ configuration: NotifierConfiguration) {
        let tree = RouteTree(configuration.route)
        var nodes: [Node] = []
        RouteSheet.add(configuration.route, "", isLast: true, tree, to: &nodes)
        self.nodes = nodes
        self.tree = tree
        receivers = configuration.receivers
    }

    // The depth is bounded by the reader of files.
    private static func add(
        _ written: RouteConfiguration, _ margin: String, isLast: Bool, _ tree: RouteTree,
        to nodes: inout [Node]
    ) {
        guard nodes.count < tree.routes.count else { return }
        nodes.append(
            Node(
                route: tree.routes[nodes.count], written: written,
                indent: margin + (isLast ? "└── " : "├── ")))
        for (index, child) in written.routes.enumerated() {
            add(
                child, margin + (isLast ? "    " : "│   "),
                isLast: index == written.routes.count - 1, tree, to: &nodes)
        }
    }

    /// The tree, each node with the options that it sets itself.
    public var text: String {
        var table = TextTable()
        table.add(["."])
        for node in nodes { table.add([node.title, node.receiver, node.options]) }
        return table.text
    }
}

extension RouteSheet.Node {
    /// Its matchers.
    var title: String { indent + (route.index == 0 ? "default" : matchers) }

    var matchers: String {
        "{" + route.matchers.map(\.description).joined(separator: ", ") + "}"
    }

    var receiver: String { "receiver: \(route.receiver)" }

    fileprivate var options: String {
        var parts: [String] = []
        if route.continues { parts.append("continue: true") }
        if let groupBy = written.groupBy { parts.append("group_by: \(groupBy.text)") }
        let durations = [
            ("group_wait", written.groupWait), ("group_interval", written.groupInterval),
            ("repeat_interval", written.repeatInterval),
        ]
        for (name, value) in durations {
            if let value { parts.append("\(name): \(value)") }
        }
        for (name, intervals) in [
            ("mute_time_intervals", written.muteTimeIntervals),
            ("active_time_intervals", written.activeTimeIntervals),
        ] where !intervals.isEmpty {
            parts.append("\(name): [\(intervals.joined(separator: ", "))]")
        }
        return parts.joined(separator: "  ")
    }
}

extension RouteConfiguration.GroupBy {
    /// As it is written.
    var text: String {
        switch self {
        case .all: "[...]"
        case .labels(let names): "[" + names.joined(separator: ", ") + "]"
        }
    }
}
