import Configuration
import Model
import Notify
import Testing

@Suite struct RouteTreeTests {
    private static func tree() throws -> RouteTree {
        var root = Bench.route("default")
        root.groupBy = .labels(["alertname"])
        root.groupWait = .seconds(10)
        var critical = Bench.route("pager", [.equal("severity", "critical")], continues: true)
        critical.groupBy = .all
        critical.repeatInterval = .minutes(60)
        critical.routes = [
            Bench.route("db", [try Matcher(.matches, "job", "mysql|pg")]),
            Bench.route(nil, [.equal("job", "web")]),
        ]
        root.routes = [critical, Bench.route("slack", [.equal("severity", "critical")])]
        return RouteTree(root)
    }

    @Test(
        arguments: [
            (["severity": "critical", "job": "x"], ["pager", "slack"]),
            (["severity": "critical", "job": "pg"], ["db", "slack"]),
            (["severity": "critical", "job": "web"], ["pager", "slack"]),
            (["severity": "warning"], ["default"]),
            ([:], ["default"]),
        ] as [([String: String], [String])])
    func matchesDepthFirst(labels: [String: String], expected: [String]) throws {
        #expect(try Self.tree().match(Labels(labels)).map(\.receiver) == expected)
    }

    @Test func inheritsOptions() throws {
        let tree = try Self.tree()
        let db = try #require(tree.match(Labels(["severity": "critical", "job": "pg"])).first)
        #expect(db.groupWait == .seconds(10))
        #expect(db.groupInterval == .minutes(5))
        #expect(db.repeatInterval == .minutes(60))
        #expect(db.groupBy == .all)
        let labels = Labels(["severity": "critical", "job": "pg", "alertname": "A"])
        #expect(db.groupLabels(of: labels) == labels)
        #expect(tree.routes[0].groupLabels(of: labels) == Labels(["alertname": "A"]))
        #expect(tree.routes[0].repeatInterval == .minutes(240))
    }

    @Test func keysAreAlertmanagers() throws {
        let tree = try Self.tree()
        #expect(tree.routes[0].key == "{}")
        #expect(tree.routes[2].key == #"{}/{severity="critical"}/{job=~"mysql|pg"}"#)
        #expect(tree.routes[2].id == #"{}/{severity="critical"}/0/{job=~"mysql|pg"}/0"#)
        #expect(
            tree.routes[2].groupKey(Labels(["b": "x\"y", "a": "1"]))
                == #"{}/{severity="critical"}/{job=~"mysql|pg"}:{a="1", b="x\"y"}"#)
        #expect(tree.routes[0].groupKey(.empty) == "{}:{}")
        let odd = RouteTree(
            Bench.route(
                "x", [.equal("a", "b\\\n\""), .equal("odd name", "é"), .equal("ü", "é")]))
        #expect(odd.routes[0].key == #"{a="b\\\n\"","odd name"="é",ü="é"}"#)
    }

    @Test func namesEachReceiverOnce() throws {
        var root = Bench.route("a")
        root.routes = [
            Bench.route("b", [], continues: true), Bench.route("b", [], continues: true),
            Bench.route("c"), Bench.route("d"),
        ]
        #expect(RouteTree(root).receivers(of: .empty) == ["b", "c"])
    }
}
