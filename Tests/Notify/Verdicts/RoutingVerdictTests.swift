import Configuration
import Model
import Notify
import Testing

@Suite("What the routing tree decides, and why") struct RoutingVerdictTests {
    private static func tree() -> RouteTree {
        let pager = Bench.route(
            "pager", [.equal("severity", "critical")], continues: true,
            routes: [
                Bench.route("db", [.equal("team", "db"), .equal("tier", "1")]),
                Bench.route("web", [.equal("team", "web")]),
            ])
        return RouteTree(
            Bench.route(
                "default",
                routes: [
                    pager, Bench.route("chat", [.equal("severity", "critical")]),
                    Bench.route("mail", routes: [Bench.route("never")]),
                ]))
    }

    private func outcomes(_ labels: [String: String]) -> [RoutingVerdict.Outcome?] {
        let tree = Self.tree()
        let steps = tree.verdict(on: Labels(labels)).steps
        return tree.routes.map { route in steps.first { $0.route == route }?.outcome }
    }

    @Test func eachRouteHasItsReason() {
        // default, pager, db, web, chat, mail, never
        #expect(
            outcomes(["severity": "critical", "team": "db", "tier": "1"]) == [
                .passedDown, .passedDown, .taken, .skipped(after: 2), .taken, .skipped(after: 4),
                nil,
            ])
        #expect(
            outcomes(["severity": "critical", "team": "db", "tier": "2"]) == [
                .passedDown, .taken, .notMatched([.equal("tier", "1")]),
                .notMatched([.equal("team", "web")]), .taken, .skipped(after: 4), nil,
            ])
        #expect(
            outcomes([:]) == [
                .passedDown, .notMatched([.equal("severity", "critical")]), nil, nil,
                .notMatched([.equal("severity", "critical")]), .passedDown, .taken,
            ])
    }

    @Test(
        arguments: [
            ["severity": "critical", "team": "db", "tier": "1"], ["severity": "critical"],
            ["team": "web"], [:],
        ] as [[String: String]])
    func theReasonsAreThoseOfTheDecision(labels: [String: String]) {
        let (tree, labels) = (Self.tree(), Labels(labels))
        let verdict = tree.verdict(on: labels)
        #expect(verdict.taken == tree.match(labels))
        #expect(verdict.receivers == tree.receivers(of: labels))
        #expect(verdict.steps.map(\.route.index) == verdict.steps.map(\.route.index).sorted())
    }

    @Test func aRouteKnowsItsPath() {
        let tree = Self.tree()
        #expect(tree.path(to: tree.routes[3]).map(\.receiver) == ["default", "pager", "web"])
        #expect(tree.path(to: tree.routes[0]).map(\.receiver) == ["default"])
    }
}
