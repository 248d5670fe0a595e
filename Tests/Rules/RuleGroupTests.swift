import Configuration
import Model
import PromQL
import Rules
import Testing

/// Groups over a store: order, series that rules write, failures, templates.
struct RuleGroupTests {
    let target = Labels(["job": "j", "instance": "i"])

    func world(_ rules: String, options: RuleOptions = RuleOptions()) throws -> World {
        try World("groups:\n- name: g\n  rules:\n" + rules, options: options)
    }

    @Test func aRecordingRuleFeedsLaterRulesOfTheSameEvaluation() throws {
        let world = try world(
            """
              - record: m:sum
                expr: sum(m)
                labels: {kind: total}
              - record: m:double
                expr: m:sum * 2
              - alert: Big
                expr: m:double > 5
            """)
        try world.scrape(0, target, ["m{a=\"1\"}": 1, "m{a=\"2\"}": 2])
        let first = world.evaluate(0)
        #expect(first.rules.map(\.error) == [nil, nil, nil])
        #expect(first.rules.map(\.samples) == [1, 1, 2])
        #expect(first.transitions.map(\.value) == [6])
        #expect(first.transitions.first?.labels == Labels(["alertname": "Big", "kind": "total"]))
        let recorded = Labels(["__name__": "m:double", "kind": "total"])
        #expect(try world.query("m:double", at: 0) == [recorded: 6])
    }

    @Test func theOtherWayRoundItReadsTheLastEvaluation() throws {
        let world = try world(
            """
              - alert: Big
                expr: m:sum > 2
              - record: m:sum
                expr: sum(m)
            """)
        try world.scrape(0, target, ["m": 3])
        #expect(world.evaluate(0).transitions.isEmpty)
        #expect(world.evaluate(30).transitions.map(\.kind) == [.firing])
    }

    @Test func whatARuleNoLongerHasGoesStale() throws {
        let world = try world(
            """
              - record: m:big
                expr: m > 10
            """)
        try world.scrape(0, target, ["m{a=\"1\"}": 11, "m{a=\"2\"}": 12])
        world.evaluate(0)
        #expect(try world.query("m:big", at: 1).count == 2)
        try world.scrape(15, target, ["m{a=\"1\"}": 9, "m{a=\"2\"}": 12])
        world.evaluate(30)
        #expect(try world.query("m:big", at: 31).values.sorted() == [12])
    }

    @Test func aGroupThatGoesLeavesItsSeriesStale() throws {
        let world = try world("  - record: m:sum\n    expr: sum(m)\n")
        try world.scrape(0, target, ["m": 1])
        world.evaluate(0)
        _ = try world.reload("groups: []", at: 10)
        #expect(try world.query("m:sum", at: 9).count == 1)
        #expect(try world.query("m:sum", at: 11).isEmpty)
    }

    @Test func alertsShowAsSeries() throws {
        let world = try world(
            """
              - alert: High
                expr: m > 1
                for: 1m
                labels: {severity: page}
            """)
        for step in 0..<3 {
            try world.scrape(Int64(step) * 30, target, ["m": 2])
            world.evaluate(Int64(step) * 30)
        }
        let base = target.merging(Labels(["alertname": "High", "severity": "page"]))
        let alerts = base.setting("__name__", "ALERTS")
        #expect(
            try world.query("ALERTS", at: 30) == [alerts.setting("alertstate", "pending"): 1])
        #expect(
            try world.query("ALERTS", at: 60) == [alerts.setting("alertstate", "firing"): 1])
        #expect(
            try world.query("ALERTS_FOR_STATE", at: 60)
                == [base.setting("__name__", "ALERTS_FOR_STATE"): World.start.seconds])
        try world.scrape(75, target, ["m": 0])
        world.evaluate(90)
        #expect(try world.query("ALERTS", at: 90).isEmpty)
    }

    /// Rendered when it is read, of the values of the last evaluation that had the alert.
    @Test(arguments: ["", "{{ with query \"m\" }}{{ . | first | value }}{{ end }}"])
    func annotationsAreThoseOfTheLastEvaluation(query: String) throws {
        let world = try world(
            """
              - alert: High
                expr: m > 1
                labels: {copy: "{{ $labels.a }}", level: "{{ if gt $value 5.0 }}top{{ else }}mid{{ end }}"}
                annotations: {text: '{{ $labels.a }} is {{ $value }}\(query)'}
            """)
        func text() -> [String] {
            (world.rules.status.first?.rules.first?.alerts ?? []).map {
                "\($0.labels.value("copy")) \($0.labels.value("level")) \($0.annotations.value("text"))"
            }
        }
        func expected(_ number: String) -> String {
            "x mid x is \(number)" + (query.isEmpty ? "" : number)
        }
        for (second, value) in [(Int64(0), 2.0), (30, 3), (60, 4)] {
            try world.scrape(second, target, ["m{a=\"x\"}": value])
            world.evaluate(second)
            #expect(text() == [expected("\(Int(value))")])
        }
        try world.scrape(75, target, ["m{a=\"x\"}": 1])
        let over = world.evaluate(90)
        #expect(
            over.alerts.map { $0.annotations.value("text") } == [String(expected("4").dropFirst(6))]
        )
        try world.scrape(105, target, ["m{a=\"x\"}": 9])
        world.evaluate(120)
        #expect(text() == ["x top x is 9" + (query.isEmpty ? "" : "9")])
    }

    @Test func theSeriesOfAlertsThatComeAndGoAreTheirOwn() throws {
        let world = try world(
            """
              - alert: High
                expr: m > 1
                for: 45s
            """)
        for step in 0..<30 {
            let second = Int64(step) * 30
            let present = (0..<6).filter { (step / (2 + $0)) % 2 == 0 }
            try world.scrape(
                second, target,
                Dictionary(
                    uniqueKeysWithValues: (0..<6).map {
                        ("m{a=\"\($0)\"}", present.contains($0) ? 2 : 0)
                    }))
            world.evaluate(second)
            let shown = try world.query("ALERTS", at: second)
            let states = (world.rules.status.first?.rules.first?.alerts ?? []).map {
                "\($0.labels.value("a")) \($0.state.rawValue)"
            }
            #expect(
                shown.keys.map { "\($0.value("a")) \($0.value("alertstate"))" }.sorted()
                    == states.sorted())
            #expect(shown.count == present.count)
            #expect(try world.query("ALERTS_FOR_STATE", at: second).count == present.count)
        }
    }

    @Test func aRuleThatFailsHoldsItsAlertsAndStopsNobody() throws {
        let world = try world(
            """
              - alert: Ratio
                expr: m / on(job) n > 1
              - record: ok
                expr: sum(m)
            """)
        try world.scrape(0, target, ["m": 4, "n": 2])
        #expect(world.evaluate(0).transitions.map(\.kind) == [.firing])
        // Two series on the right for one on the left.
        try world.scrape(15, target, ["m": 4, "n{x=\"1\"}": 2, "n{x=\"2\"}": 2])
        let failed = world.evaluate(30)
        #expect(failed.rules.map { $0.error != nil } == [true, false])
        #expect(failed.transitions.isEmpty)
        let status = try #require(world.rules.status.first)
        #expect(status.rules.map(\.health) == [.err, .ok])
        #expect(status.rules[0].state == .firing)
        #expect(status.rules[0].lastError?.contains("many-to-many") == true)
        #expect(world.evaluate(90).alerts.count == 1)
        #expect(status.counters.failures == 1)
    }

    @Test func aRuleThatIsNoExpressionFailsAlone() throws {
        let world = try world(
            """
              - alert: Bad
                expr: sum(
              - alert: Good
                expr: vector(1)
            """)
        let evaluation = world.evaluate(0)
        #expect(evaluation.rules.map { $0.error == nil } == [false, true])
        #expect(evaluation.transitions.map(\.alert) == ["Good"])
    }

    @Test func recordingTheSameLabelsTwiceIsAnError() throws {
        let world = try world(
            """
              - record: r
                expr: m
                labels: {a: same}
            """)
        try world.scrape(0, target, ["m{a=\"1\"}": 1, "m{a=\"2\"}": 2])
        #expect(
            world.evaluate(0).rules.map(\.error) == [
                "vector contains metrics with the same labelset after applying rule labels"
            ])
        // Only one of them is there now.
        try world.scrape(15, target, ["m{a=\"1\"}": 1])
        #expect(world.evaluate(30).rules.map(\.error) == [nil])
    }

    @Test func limitsRefuseTheEvaluation() throws {
        let world = try World(
            """
            groups:
            - name: g
              limit: 1
              rules:
              - record: r
                expr: m
              - alert: A
                expr: m
            """)
        try world.scrape(0, target, ["m{a=\"1\"}": 1, "m{a=\"2\"}": 2])
        #expect(
            world.evaluate(0).rules.map(\.error) == [
                "exceeded limit of 1 with 2 series", "exceeded limit of 1 with 2 alerts",
            ])
    }

    @Test func queryOffsetMovesSamplesAndNotActiveAt() throws {
        let world = try World(
            """
            groups:
            - name: g
              query_offset: 1m
              rules:
              - alert: A
                expr: m > 1
              - record: r
                expr: m
            """)
        try world.scrape(0, target, ["m": 2])
        #expect(world.evaluate(30).transitions.isEmpty)
        let evaluation = world.evaluate(60)
        #expect(evaluation.transitions.first?.activeAt == World.at(60))
        #expect(try world.query("timestamp(r)", at: 0).values.first == World.start.seconds)
        #expect(
            try world.query("ALERTS_FOR_STATE", at: 0).values.first == World.at(60).seconds)
    }

    @Test func templatesAreExpanded() throws {
        var options = RuleOptions()
        options.externalLabels = Labels(["region": "eu", "job": "outside"])
        options.externalURL = "https://tocsin.example"
        let world = try world(
            """
              - alert: A
                expr: m > 1
                labels:
                  tier: "{{ $labels.a }}-{{ $externalLabels.region }}"
                  a: ""
                annotations:
                  text: "{{ $value }} of {{ with query \\"sum(m)\\" }}{{ . | first | value }}{{ end }}"
                  bad: "{{ $labels.a | humanize }}"
                  link: "{{ $externalURL }}"
            """, options: options)
        try world.scrape(0, target, ["m{a=\"x\"}": 2.5, "m{a=\"y\"}": 1])
        let evaluation = world.evaluate(0)
        let alert = try #require(evaluation.alerts.first)
        #expect(
            alert.labels
                == target.merging(
                    Labels(["alertname": "A", "tier": "x-eu", "region": "eu"])))
        #expect(alert.annotations["text"] == "2.5 of 3.5")
        #expect(alert.annotations["link"] == "https://tocsin.example")
        #expect(
            alert.annotations["bad"]?.hasPrefix("<error expanding template: error executing")
                == true)
        #expect(evaluation.rules[0].templateErrors.count == 1)
        #expect(
            alert.generatorURL == "https://tocsin.example/graph?g0.expr=m+%3E+1&g0.tab=1")
        #expect(alert.endsAt == World.at(240))
        #expect(!alert.isResolved)
    }

    @Test func statusShowsWhatTheAPIShows() throws {
        let world = try world(
            """
              - alert: A
                expr: m   >1
                for: 1m
                annotations: {text: "{{ $value }}"}
            """)
        #expect(world.rules.status[0].rules[0].health == .unknown)
        try world.scrape(0, target, ["m": 2.5])
        world.evaluate(0)
        let rule = world.rules.status[0].rules[0]
        #expect(rule.query == "m > 1")
        #expect(rule.state == .pending)
        #expect(rule.alerts.map(\.value) == ["2.5e+00"])
        #expect(rule.alerts.first?.annotations["text"] == "2.5")
        #expect(rule.annotations["text"] == "{{ $value }}")
        #expect(rule.lastEvaluation == World.at(0))
        #expect(rule.holdDuration == .minutes(1))
    }

    @Test func queriesOfTemplatesAreNotMovedByTheOffset() throws {
        let world = try World(
            """
            groups:
            - name: g
              query_offset: 1m
              rules:
              - alert: A
                expr: m > 0
                annotations: {now: '{{ query "m" | first | value }} {{ $value }}'}
            """)
        try world.scrape(0, target, ["m": 1])
        try world.scrape(60, target, ["m": 2])
        #expect(world.evaluate(60).alerts.map { $0.annotations.value("now") } == ["2 1"])
    }

    @Test func whatIsEmptyIsStillThere() throws {
        var options = RuleOptions()
        options.externalLabels = Labels(keepingEmpty: [Label("dc", ""), Label("region", "eu")])
        let world = try World(
            """
            groups:
            - name: g
              labels: {a: ''}
              rules:
              - alert: A
                expr: m > 0
                labels: {b: '', c: 'x'}
                annotations:
                  summary: v
                  description: '{{ $labels.nope }}'
                  runbook_url: ''
                  external: '{{ range $k, $v := $externalLabels }}{{ $k }}={{ $v }};{{ end }}'
            """, options: options)
        try world.scrape(0, target, ["m{a=\"1\",b=\"2\"}": 1])
        let alert = try #require(world.evaluate(0).alerts.first)
        let annotations = Annotations([
            "summary": "v", "description": "", "runbook_url": "",
            "external": "dc=;region=eu;",
        ])
        #expect(alert.annotations == annotations)
        // An empty label of a rule takes the series' label away.
        #expect(
            alert.labels
                == Labels([
                    "alertname": "A", "c": "x", "instance": "i", "job": "j", "region": "eu",
                ]))
        let rule = try #require(world.rules.groups.first?.status.rules.first)
        #expect(rule.labels.sorted == [Label("a", ""), Label("b", ""), Label("c", "x")])
        #expect(rule.annotations.sorted.map(\.name).contains("runbook_url"))
        #expect(try world.restart(at: 20).alerts.map(\.annotations) == [annotations])
    }
}
