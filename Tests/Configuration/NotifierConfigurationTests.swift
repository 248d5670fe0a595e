import Configuration
import Model
import Testing
import Zones

/// Routes, matchers, time intervals, and the fallbacks of receivers.
struct NotifierConfigurationTests {
    private func load(_ text: String) -> LoadResult<NotifierConfiguration> {
        NotifierConfiguration.load(text: Array(text.utf8), path: "/c/n.yml")
    }

    private func problems(_ route: String, _ rest: String = "") -> [String] {
        load("route: \(route)\nreceivers: [{name: r}, {name: s}]\n\(rest)").errors.map(\.message)
    }

    @Test(arguments: [
        ("{}", "root route must specify a default receiver"),
        ("{receiver: r, match: {a: b}}", "root route must not have any matchers"),
        ("{receiver: r, continue: true}", "cannot have continue in root route"),
        ("{receiver: q}", "undefined receiver \"q\" used in route; did you mean r?"),
        (
            "{receiver: r, group_by: [a, b, a]}", "duplicated label \"a\" in group_by"
        ),
        (
            "{receiver: r, group_by: [a, '...']}",
            "cannot have wildcard group_by (`...`) and other labels at the same time"
        ),
        ("{receiver: r, group_interval: 0s}", "group_interval cannot be zero"),
        ("{receiver: r, repeat_interval: 0s}", "repeat_interval cannot be zero"),
        (
            "{receiver: r, routes: [{mute_time_intervals: [x]}]}",
            "undefined time interval \"x\" used in route"
        ),
        (
            "{receiver: r, mute_time_intervals: []}", ""
        ),
        ("{receiver: r, routes: [{matchers: ['a=']}]}", ""),
        ("{receiver: r, routes: [{matchers: ['a']}]}", "bad matcher format: a"),
        (
            "{receiver: r, routes: [{match: {1a: b}}]}", "invalid label name \"1a\""
        ),
    ])
    func routeErrors(_ route: String, _ expected: String) {
        #expect(problems(route) == (expected.isEmpty ? [] : [expected]))
    }

    @Test func routesKeepWhatIsSaid() throws {
        let configuration = try load(
            """
            route:
              receiver: r
              group_by: ['...']
              routes:
                - receiver: s
                  group_wait: 0s
                  match: {z: "1"}
                  match_re: {b: x|y}
                  matchers: ['a!="q"', '{c=~"d.*", e="f"}']
                  active_time_intervals: [t]
                  continue: true
            receivers: [{name: r}, {name: s}]
            time_intervals: [{name: t, time_intervals: []}]
            """
        ).get()
        #expect(configuration.route.groupBy == .all)
        #expect(configuration.route.groupWait == nil)
        let child = configuration.route.routes[0]
        #expect(child.groupBy == nil)
        #expect(child.groupWait == .zero)
        #expect(child.continues)
        #expect(
            child.matchers.map(\.description) == [
                "a!=\"q\"", "b=~\"^(?:x|y)$\"", "c=~\"d.*\"", "e=\"f\"", "z=\"1\"",
            ])
    }

    @Test(arguments: [
        ("a=b", ["a=\"b\""]),
        ("a=\"b\"", ["a=\"b\""]),
        ("{a=b,c!~\"d,e\"}", ["a=\"b\"", "c!~\"d,e\""]),
        ("{}", []),
        // The classic grammar drops each brace by itself.
        ("{a=b", ["a=\"b\""]),
        (" a = b , ", ["a=\"b\""]),
        ("\"ü b\"=\"x\"", ["\"ü b\"=\"x\""]),
        ("Σ=\"x\"", ["\"Σ\"=\"x\""]),
        ("a=b c", ["a=\"b c\""]),
        ("a=\"b\\\"c\\n\"", ["a=\"b\\\"c\\n\""]),
        ("a=~[0-9]+", ["a=~\"[0-9]+\""]),
    ])
    func matchersOfBothGrammars(_ text: String, _ expected: [String]) throws {
        #expect(try MatcherSyntax.parse(text).map(\.description) == expected)
    }

    @Test(arguments: ["=b", "a", "a=\"b", "a==~b\"", "a=~\"(\"", "1a=~("])
    func noMatchers(_ text: String) {
        #expect((try? MatcherSyntax.parse(text)) == nil)
    }

    @Test func calendars() throws {
        let configuration = try load(
            """
            route: {receiver: r}
            receivers: [{name: r}]
            time_intervals:
              - name: t
                time_intervals:
                  - times: [{start_time: '09:00', end_time: '24:00'}]
                    weekdays: ['monday:friday', Sunday]
                    days_of_month: ['1:5', '-3:-1']
                    months: ['may:august', '12', january]
                    years: ['2020:2022', '2030']
                    location: Australia/Sydney
            """
        ).get()
        var expected = CalendarInterval()
        expected.times = [540..<1440]
        expected.weekdays = [1...5, 0...0]
        expected.daysOfMonth = [.init(1, 5), .init(-3, -1)]
        expected.months = [5...8, 12...12, 1...1]
        expected.years = [2020...2022, 2030...2030]
        expected.location = try Zone(named: "Australia/Sydney")
        #expect(configuration.timeIntervals == [NamedTimeInterval("t", [expected])])
    }

    @Test(arguments: [
        "times: [{start_time: '10:00', end_time: '09:00'}]", "times: [{start_time: '10:00'}]",
        "times: [{start_time: '24:01', end_time: '24:02'}]", "weekdays: [someday]",
        "weekdays: ['friday:monday']", "days_of_month: ['0']", "days_of_month: ['-1:5']",
        "days_of_month: ['5:-31']", "days_of_month: ['32']", "months: ['13']",
        "months: ['august:may']", "years: ['2022:2020']", "years: [x]",
        "times: [{start_time: '1:2:3', end_time: '09:00'}]", "location: ../../etc/passwd",
        "location: Europe/Atlantis", "location: GMT+2", "location: CET/Berlin",
    ])
    func noCalendars(_ spec: String) {
        let rest = "time_intervals: [{name: t, time_intervals: [{\(spec)}]}]"
        #expect(problems("{receiver: r}", rest).count == 1)
    }

    @Test func timeZonesAreThoseOfTheDatabase() throws {
        let summer = try #require(Timestamp(rfc3339: "2026-07-01T12:00:00Z"))
        for (name, hours) in [
            ("Europe/Berlin", 2), ("US/Pacific", -7), ("Asia/Calcutta", 5.5), ("Etc/GMT+5", -5),
            ("UTC", 0), ("", 0), ("GMT", 0), ("EST", -5),
        ] {
            let clock = try Zone(named: name).clock(at: Int64(summer.seconds))
            #expect(Double(clock.offset) == hours * 3600, "\(name)")
        }
        let rest =
            "time_intervals: [{name: t, time_intervals: [{location: Europe/Atlantis}]}]"
        let said = try #require(problems("{receiver: r}", rest).first)
        #expect("\(said)".contains("unknown time zone Europe/Atlantis"))
    }

    @Test func receiversFallBackToGlobal() throws {
        let configuration = try load(
            """
            global:
              slack_app_token_file: token
              smtp_smarthost: mail:587
              smtp_from: me@x
              smtp_require_tls: false
              pagerduty_url: http://pager/
              http_config: {follow_redirects: false}
            route: {receiver: r}
            receivers:
              - name: r
                slack_configs:
                  - {channel: a}
                  - {api_url_file: hook, http_config: {}}
                email_configs: [{to: you@x, headers: {x-a: b, subject: s}}]
                pagerduty_configs: [{routing_key: k, client: c, details: {firing: f, n: {m: 1}}}]
                webhook_configs: [{url: "http://w/", timeout: 1.5s, send_resolved: false}]
            """
        ).get()
        let integrations = configuration.receivers[0].integrations
        #expect(
            integrations.map(\.id) == [
                "webhook[0]", "email[0]", "pagerduty[0]", "slack[0]", "slack[1]",
            ])
        #expect(integrations.map(\.sendResolved) == [false, false, true, false, false])
        guard case .webhook(let webhook) = integrations[0].kind,
            case .email(let mail) = integrations[1].kind,
            case .pagerduty(let pager) = integrations[2].kind,
            case .slack(let app) = integrations[3].kind,
            case .slack(let hook) = integrations[4].kind
        else {
            Issue.record("other kinds")
            return
        }
        #expect(webhook.timeout == Milliseconds(1500))
        #expect(!webhook.client.followRedirects)
        #expect([mail.smarthostName, mail.smarthostPort, mail.from] == ["mail", "587", "me@x"])
        #expect(!mail.requireTLS)
        #expect(mail.headers == [.init("Subject", "s"), .init("X-A", "b")])
        #expect(pager.url == "http://pager/")
        #expect(pager.source == "c")
        #expect(
            pager.details.map(\.name) == ["firing", "n", "num_firing", "num_resolved", "resolved"])
        #expect(pager.details[0].value == .text("f"))
        #expect(pager.details[1].value == .map([.init("m", .int(1))]))
        #expect(
            app.endpoint
                == .app(
                    token: Secret(.file(path: "/c/token")),
                    url: "https://slack.com/api/chat.postMessage"))
        #expect(hook.endpoint == .webhook(Secret(.file(path: "/c/hook"))))
        #expect(hook.client.followRedirects)
        #expect(hook.title == "{{ template \"slack.default.title\" . }}")
    }

    @Test func whatIsNotUsedIsSaid() {
        let result = load(
            """
            route: {receiver: r}
            receivers:
              - name: r
                pushover_configs: [{user_key: k, token: t}]
              - name: unused
            """)
        #expect(
            result.problems.map(\.description) == [
                "/c/n.yml:5:5: warning: receivers: receiver \"unused\" is used by no route"
            ])
        #expect(result.value?.receivers[0].integrations.map(\.id) == ["pushover[0]"])
    }
}
