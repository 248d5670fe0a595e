import Configuration
import Model

/// The routing tree, ready to match: inherited options filled in, keys as Alertmanager writes them.
public struct RouteTree: Sendable, Hashable {
    /// The nodes, each before its children; the root is the first.
    public let routes: [Route]

    /// The tree of a configuration.
    public init(_ configuration: RouteConfiguration) {
        var routes: [Route] = []
        RouteTree.add(configuration, under: nil, position: 0, to: &routes)
        self.routes = routes
    }

    private static func add(
        _ configuration: RouteConfiguration, under parent: Int?, position: Int,
        to routes: inout [Route]
    ) {
        let index = routes.count
        routes.append(
            Route(configuration, parent: parent.map { routes[$0] }, index: index, at: position))
        if let parent { routes[parent].children.append(index) }
        for (position, child) in configuration.routes.enumerated() {
            add(child, under: index, position: position, to: &routes)
        }
    }

    /// The routes that take an alert with these labels, in the tree's order: depth first, stopping
    /// at the first sibling that took it and does not continue; a node whose children all decline
    /// takes it itself.
    public func match(_ labels: Labels) -> [Route] {
        var taken = TakenRoutes()
        walk(labels, &taken)
        return taken.routes
    }

    /// Decides which routes take the alert; `observer` hears of each decision.
    func walk(_ labels: Labels, _ observer: inout some RoutingObserver) {
        if let root = routes.first { _ = walk(labels, root, &observer) }
    }

    private func walk(
        _ labels: Labels, _ route: Route, _ observer: inout some RoutingObserver
    ) -> Bool {
        guard route.matchers.allSatisfy({ $0.matches(labels) }) else {
            observer.decline(route)
            return false
        }
        var isTaken = false
        for (position, child) in route.children.enumerated()
        where walk(labels, routes[child], &observer) {
            isTaken = true
            if routes[child].continues { continue }
            let rest = route.children[(position + 1)...]
            observer.skip(rest.lazy.map { routes[$0] }, after: child)
            break
        }
        if isTaken { observer.passDown(route) } else { observer.take(route) }
        return true
    }

    /// The names of the receivers that an alert with these labels reaches, in order, each once.
    public func receivers(of labels: Labels) -> [String] { match(labels).receivers }

    /// The route with this identifier.
    public func route(id: String) -> Route? { routes.first { $0.id.bytesEqual(id) } }
}

extension [Route] {
    /// The names of the routes' receivers, in order, each once.
    var receivers: [String] {
        var names: [String] = []
        for route in self where !names.contains(where: { $0.bytesEqual(route.receiver) }) {
            names.append(route.receiver)
        }
        return names
    }
}

/// Hears of the routing tree's decisions on one alert as they are made. The reasons cost nothing where
/// nobody asks for them.
protocol RoutingObserver {
    /// The route takes the alert.
    mutating func take(_ route: Route)
    /// A route below takes it.
    mutating func passDown(_ route: Route)
    /// A matcher of the route does not hold.
    mutating func decline(_ route: Route)
    /// The routes are not asked, because the sibling at position `taker` takes the alert.
    mutating func skip(_ routes: some Sequence<Route>, after taker: Int)
}

/// The routes that take an alert, without reasons.
private struct TakenRoutes: RoutingObserver {
    var routes: [Route] = []

    mutating func take(_ route: Route) { routes.append(route) }
    mutating func passDown(_ route: Route) {}
    mutating func decline(_ route: Route) {}
    mutating func skip(_ routes: some Sequence<Route>, after taker: Int) {}
}

/// A node of the routing tree with all its options.
public struct Route: Sendable, Hashable {
    /// Its position in `RouteTree.routes`.
    public let index: Int
    /// Its parent's position there, nil for the root.
    public let parent: Int?
    /// Its children's positions there.
    public internal(set) var children: [Int] = []
    /// What an alert must satisfy.
    public let matchers: [Matcher]
    /// Whether its later siblings are asked too.
    public let continues: Bool
    /// The receiver's name.
    public let receiver: String
    /// What alerts are grouped by.
    public let groupBy: RouteConfiguration.GroupBy
    /// How long a new group waits for more of the same.
    public let groupWait: Milliseconds
    /// How long after a flush the next one comes.
    public let groupInterval: Milliseconds
    /// After how long an unchanged group is notified again.
    public let repeatInterval: Milliseconds
    /// Names of the intervals that mute the route.
    public let muteTimeIntervals: [String]
    /// Names of the intervals outside of which the route is muted; none: always active.
    public let activeTimeIntervals: [String]
    /// The matchers from the root down, as Alertmanager joins them: `{}/{severity="critical"}`.
    /// Siblings with equal matchers share it.
    public let key: String
    /// The same with each node's position among its siblings: unique in a tree.
    public let id: String

    init(_ configuration: RouteConfiguration, parent: Route?, index: Int, at position: Int) {
        self.index = index
        self.parent = parent?.index
        matchers = configuration.matchers
        continues = configuration.continues
        receiver = configuration.receiver ?? parent?.receiver ?? ""
        groupBy = configuration.groupBy ?? parent?.groupBy ?? .labels([])
        groupWait =
            configuration.groupWait ?? parent?.groupWait ?? RouteConfiguration.defaultGroupWait
        groupInterval =
            configuration.groupInterval ?? parent?.groupInterval
            ?? RouteConfiguration.defaultGroupInterval
        repeatInterval =
            configuration.repeatInterval ?? parent?.repeatInterval
            ?? RouteConfiguration.defaultRepeatInterval
        muteTimeIntervals = configuration.muteTimeIntervals
        activeTimeIntervals = configuration.activeTimeIntervals
        let own = "{" + matchers.map(\.alertmanagerDescription).joined(separator: ",") + "}"
        key = parent.map { $0.key + "/" + own } ?? own
        id = parent.map { "\($0.id)/\(own)/\(position)" } ?? own
    }

    /// What an alert with these labels is grouped by.
    public func groupLabels(of labels: Labels) -> Labels {
        switch groupBy {
        case .all: labels
        case .labels(let names): labels.keeping(names)
        }
    }

    /// Alertmanager's key of the group with these labels: `{}/{a="b"}:{alertname="Down"}`.
    public func groupKey(_ groupLabels: Labels) -> String {
        let inner = groupLabels.sorted.map { "\($0.name)=\($0.value.goQuoted)" }
        return key + ":{" + inner.joined(separator: ", ") + "}"
    }
}

extension Matcher {
    /// As Alertmanager prints it: a name with reserved characters in it makes both sides quoted as
    /// Go quotes; otherwise only `\`, `"` and line ends of the value are escaped.
    var alertmanagerDescription: String {
        let reserved = name.unicodeScalars.contains { scalar in
            scalar.properties.isWhitespace || "{}!=~,\\\"'`".unicodeScalars.contains(scalar)
        }
        if reserved { return name.goQuoted + kind.rawValue + value.goQuoted }
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"": escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\(name)\(kind.rawValue)\"\(escaped)\""
    }
}
