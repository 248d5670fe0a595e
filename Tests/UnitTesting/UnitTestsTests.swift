import Configuration
import Model
import UnitTesting
import TestScripts
import Testing

struct UnitTestsTests {
    static let rules = """
        groups:
          - name: g
            rules:
              - alert: Down
                expr: up == 0
                for: 2m
                labels: {severity: page}
                annotations: {summary: "{{ $labels.job }} is down"}
              - record: job:up:sum
                expr: sum by (job) (up)
        """

    private func report(_ tests: String) -> FileReport {
        run("rule_files: [rules.yml]\n" + tests, beside: ["rules.yml": Self.rules])
    }

    @Test func alertsAndExpressions() {
        let report = report(
            """
            tests:
              - interval: 1m
                name: outage
                input_series:
                  - series: 'up{job="a"}'
                    values: 1 0x5
                alert_rule_test:
                  - alertname: Down
                    eval_time: 2m59s
                  - alertname: Down
                    eval_time: 3m
                    exp_alerts:
                      - exp_labels: {severity: page, job: a}
                        exp_annotations: {summary: a is down}
                promql_expr_test:
                  - expr: job:up:sum
                    eval_time: 0
                    exp_samples: [{labels: 'job:up:sum{job="a"}', value: 1}]
                  - expr: ALERTS{alertstate="pending"}
                    eval_time: 2m
                    exp_samples:
                      - labels: 'ALERTS{alertname="Down",alertstate="pending",job="a",severity="page"}'
                        value: 1
            """)
        #expect(report.failures == [])
        #expect(report.problems == [])
        #expect(report.cases.map(\.line) == [9, 11, 17, 20])
    }

    @Test func differencesAreShown() {
        let report = report(
            """
            tests:
              - input_series: [{series: 'up{job="a"}', values: 0x5}]
                alert_rule_test:
                  - alertname: Down
                    eval_time: 5m
                    exp_alerts:
                      - exp_labels: {severity: page, job: a}
                        exp_annotations: {summary: a is up}
                      - exp_labels: {severity: page, job: b}
                  - {alertname: Dwon, eval_time: 5m, exp_alerts: [{}]}
                promql_expr_test:
                  - expr: up
                    eval_time: 1m
                    exp_samples: [{labels: 'up{job="a"}', value: 1}]
                  - {expr: 'up[1m]', eval_time: 1m}
            """)
        #expect(
            report.failures == [
                """
                other alerts fire
                  {alertname="Down", job="a", severity="page"}
                -     summary: "a is up"
                +     summary: "a is down"
                - {alertname="Down", job="b", severity="page"}
                """,
                """
                there is no alerting rule Dwon; did you mean Down?
                - {alertname="Dwon"}
                """,
                """
                another result
                - up{job="a"} 1
                + up{job="a"} 0
                """,
                "rule result is not a vector or scalar",
            ])
    }

    @Test func rulesThatFailEndATest() {
        let failing = """
            groups:
              - name: g
                rules: [{record: joined, expr: a + on (x) b}]
            """
        let report = run(
            """
            rule_files: [rules.yml]
            tests:
              - input_series:
                  - {series: 'a{x="1"}', values: _ 1}
                  - {series: 'b{x="1",y="1"}', values: _ 1}
                  - {series: 'b{x="1",y="2"}', values: _ 1}
                promql_expr_test: [{expr: '1', eval_time: 5m, exp_samples: [{value: 1}]}]
            """, beside: ["rules.yml": failing])
        #expect(report.failed == 1 && report.passed == 0)
        let said = report.failures.first ?? ""
        #expect(
            said.hasPrefix("rules.yml:3:13: rule joined at 1m: found duplicate series"), "\(said)")
    }

    @Test func groupsFollowTheOrderThatIsGiven() {
        let rules = """
            groups:
              - name: late
                rules: [{record: b, expr: a + 1}]
              - name: early
                rules: [{record: a, expr: time()}]
            """
        let tests = """
            rule_files: [rules.yml]
            group_eval_order: [early, late]
            tests:
              - promql_expr_test:
                  - {expr: b, eval_time: 1m, exp_samples: [{labels: b, value: 61}]}
            """
        #expect(run(tests, beside: ["rules.yml": rules]).failures == [])
        let other = tests.replacing("[early, late]", with: "[late, early]")
        #expect(run(other, beside: ["rules.yml": rules]).failed == 1)
    }

    @Test func samplesAppearWhenTheirTimeHasCome() {
        let report = run(
            """
            evaluation_interval: 1m
            tests:
              - interval: 30s
                start_timestamp: 2024-01-01T00:00:00Z
                input_series: [{series: a, values: 0+1x10}]
                promql_expr_test:
                  - {expr: 'a', eval_time: 90s, exp_samples: [{labels: a, value: 2}]}
                  - {expr: 'time()', eval_time: 1m, exp_samples: [{value: 1704067260}]}
                  - {expr: 'count_over_time(a[1m:])', eval_time: 1m, exp_samples: [{value: 1}]}
            """)
        #expect(report.failures == [])
    }

    @Test func templatesSeeWhatTheDaemonWouldSay() {
        let rules = """
            groups:
              - name: g
                rules:
                  - alert: A
                    expr: vector(1)
                    annotations: {text: "{{ $externalLabels.dc }} {{ externalURL }}"}
            """
        let report = run(
            """
            rule_files: [rules.yml]
            tests:
              - external_labels: {dc: eu}
                external_url: https://t.example
                alert_rule_test:
                  - alertname: A
                    eval_time: 0
                    exp_alerts: [{exp_annotations: {text: eu https://t.example}}]
            """, beside: ["rules.yml": rules])
        #expect(report.failures == [])
    }

    @Test func histogramsAreRecordedAndTold() {
        let rules = """
            groups:
              - name: g
                rules:
                  - {record: r, expr: h}
                  - {alert: A, expr: r, annotations: {v: "{{ $value }}"}}
            """
        let report = run(
            """
            rule_files: [rules.yml]
            tests:
              - input_series:
                  - series: h
                    values: '{{count:2 sum:3 buckets:[2]}}+{{count:1 sum:1 buckets:[1]}}x5'
                promql_expr_test:
                  - expr: r
                    eval_time: 2m
                    exp_samples:
                      - labels: r
                        histogram: '{{count:4 sum:5 counter_reset_hint:not_reset buckets:[4]}}'
                alert_rule_test:
                  - alertname: A
                    eval_time: 1m
                    exp_alerts: [{exp_annotations: {v: "{count:3, sum:4, (0.5,1]:3}"}}]
            """, beside: ["rules.yml": rules])
        #expect(report.failures == [])
        #expect(report.passed == 2)
    }

    @Test func testsAreChosenByName() throws {
        let tests = """
            tests:
              - name: first one
                promql_expr_test: [{expr: '1', exp_samples: [{value: 2}]}]
              - name: second one
                promql_expr_test: [{expr: '1', exp_samples: [{value: 1}]}]
            """
        let pattern = try LinearRegex("sec")
        let report = run(tests) { $0.names = pattern }
        #expect(report.passed == 1 && report.failed == 0)
        #expect(run(tests).failed == 1)
    }

    @Test func featuresAreOffUnlessAskedFor() {
        let tests = """
            tests:
              - promql_expr_test:
                  - {expr: 'count(limitk(1, vector(1)))', exp_samples: [{value: 1}]}
            """
        #expect(run(tests).failed == 1)
        #expect(run(tests) { $0.features = ["promql-experimental-functions"] }.failed == 0)
    }

    @Test(arguments: [
        ("testz: []", "tests.yml:1:1: error: testz: field testz not found; did you mean tests?"),
        (
            "tests:\n  - {intervall: 1m}",
            "tests.yml:2:6: error: tests[0].intervall: field intervall not found; did you mean interval?"
        ),
        (
            "group_eval_order: [a, a]",
            "tests.yml:1:1: error: group_eval_order: group name repeated in evaluation order: a"
        ),
        (
            "tests: [{alert_rule_test: [{eval_time: 1m}]}]",
            "tests.yml:1:28: error: tests[0].alert_rule_test[0]: an item under alert_rule_test "
                + "misses required attribute alertname at eval_time 1m"
        ),
        (
            "tests: [{start_timestamp: soon}]",
            "tests.yml:1:27: error: tests[0].start_timestamp: expected a time such as "
                + "2024-01-01T00:00:00Z or seconds since 1970, found \"soon\""
        ),
    ])
    func brokenFilesSayWhere(_ text: String, _ expected: String) {
        let report = run(text)
        #expect(report.problems.map(\.description) == [expected])
        #expect(report.failed == 1)
    }

    @Test func brokenSeriesSayWhere() {
        let report = run("tests: [{input_series: [{series: 'up{', values: 1}]}]")
        #expect(report.failed == 1)
        #expect(report.failures.first?.contains("in \"up{ 1\"") == true, "\(report.failures)")
    }
}
