import Configuration
import Model

/// What the routing tree decides on an alert: the outcome at every route that was reached, with its
/// reason. `RouteTree.match` is the same decision without the reasons.
public struct RoutingVerdict: Sendable, Hashable {
    /// What was decided at one route, and why.
    public enum Outcome: Sendable, Hashable {
        /// The alert goes to the route's receiver: its matchers hold, and no route below takes the alert.
        case taken
        /// Its matchers hold, and a route below takes the alert.
        case passedDown
        /// These of its matchers do not hold.
        case notMatched([Matcher])
        /// The sibling at this position of `RouteTree.routes` took the alert and has no `continue: true`.
        case skipped(after: Int)
    }

    /// One route and its outcome.
    public struct Step: Sendable, Hashable {
        /// The route.
        public let route: Route
        /// What was decided there.
        public let outcome: Outcome
    }

    /// The alert's labels.
    public let labels: Labels
    /// The routes that were reached or skipped, in the tree's order. What stands below a route that did
    /// not match or was skipped is left out.
    public fileprivate(set) var steps: [Step] = []

    /// The routes that take the alert, in the tree's order.
    public var taken: [Route] { steps.filter { $0.outcome == .taken }.map(\.route) }

    /// The names of the receivers that the alert reaches, in order, each once.
    public var receivers: [String] { taken.receivers }
}

extension RouteTree {
    /// What becomes of an alert with these labels, and why.
    public func verdict(on labels: Labels) -> RoutingVerdict {
        var verdict = RoutingVerdict(labels: labels)
        walk(labels, &verdict)
        // A route's outcome is known after those of the routes below it.
        verdict.steps.sort { $0.route.index < $1.route.index }
        return verdict
    }

    /// The routes from the root down to this one.
    public func path(to route: Route) -> [Route] {
        var path = [route]
        while let parent = path.last?.parent { path.append(routes[parent]) }
        return path.reversed()
    }
}

extension RoutingVerdict: RoutingObserver {
    mutating func take(_ route: Route) { steps.append(Step(route: route, outcome: .taken)) }

    mutating func passDown(_ route: Route) {
        steps.append(Step(route: route, outcome: .passedDown))
    }

    mutating func decline(_ route: Route) {
        let failing = route.matchers.filter { !$0.matches(labels) }
        steps.append(Step(route: route, outcome: .notMatched(failing)))
    }

    mutating func skip(_ routes: some Sequence<Route>, after taker: Int) {
        for route in routes { steps.append(Step(route: route, outcome: .skipped(after: taker))) }
    }
}
