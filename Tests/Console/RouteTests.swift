import Configuration
import Console
import Model
import Testing

struct RouteTests {
    private static let yaml = """
        route:
          receiver: default
          group_by: [alertname, job]
          routes:
            - matchers: ['severity=~"critical|page"']
              receiver: pager
              continue: true
              group_wait: 10s
              routes:
                - {matchers: [team=db], receiver: db, group_by: ['...'], mute_time_intervals: [night]}
            - {matchers: [team=db], receiver: mail, repeat_interval: 1d}
            - {matchers: [job=api], receiver: default}
        receivers:
          - name: default
          - {name: pager, webhook_configs: [{url: "http://x/"}, {url: "http://y/"}]}
          - {name: db, webhook_configs: [{url: "http://x/"}]}
          - {name: mail, webhook_configs: [{url: "http://x/"}]}
        time_intervals: [{name: night, time_intervals: [{times: [{start_time: "00:00", end_time: "06:00"}]}]}]
        """

    private func sheet() throws -> RouteSheet {
        RouteSheet(
            try NotifierConfiguration.load(text: Array(Self.yaml.utf8), path: "n.yml").get())
    }

    @Test func theTreeShowsWhatEachNodeSetsItself() throws {
        #expect(
            try sheet().text
                == """
                .
                └── default                          receiver: default  group_by: [alertname, job]
                    ├── {severity=~"critical|page"}  receiver: pager    continue: true  group_wait: 10s
                    │   └── {team="db"}              receiver: db       group_by: [...]  mute_time_intervals: [night]
                    ├── {team="db"}                  receiver: mail     repeat_interval: 1d
                    └── {job="api"}                  receiver: default
                """)
    }

    @Test func aTestSaysWhoTakesItAndWhyOthersDoNot() throws {
        let test = RouteTest(
            try sheet(),
            Labels(["alertname": "Down", "severity": "page", "team": "db", "job": "api"]))
        #expect(test.receivers == ["db", "mail"])
        for line in [
            "└── default", "passed on to a route below",
            "not asked: a route before it took the alert", "TAKES IT",
            "  route            n.yml:10:11",
            "  because          severity=~\"critical|page\" (\"page\"), team=\"db\" (\"db\")",
            "  tells            webhook[0]",
            "  group_by         [...]",
            "  group_wait       10s",
            "  muted in         night",
            "  group            {}/{team=\"db\"}:{alertname=\"Down\", job=\"api\"}",
            "  repeat_interval  1d",
            "Receivers: db, mail",
        ] {
            #expect(test.text.contains(line), "\(line)\n\(test.text)")
        }
        #expect(
            test.json.contains(
                "\"groupKey\" : \"{}/{team=\\\"db\\\"}:{alertname=\\\"Down\\\", job=\\\"api\\\"}\"")
        )
    }

    @Test func whatNoRouteTakesTheRootTakes() throws {
        let test = RouteTest(try sheet(), Labels(["alertname": "Down", "team": "web"]))
        #expect(test.receivers == ["default"])
        for line in [
            "no: severity is missing", "no: team is \"web\"", "no: job is missing",
            "  because          it takes every alert",
            "  tells            nobody: the receiver has no integrations",
        ] {
            #expect(test.text.contains(line), "\(line)\n\(test.text)")
        }
    }

    @Test func labelsAreReadAsTheyAreTyped() throws {
        #expect(
            try LabelArguments.labels(["Down", "a=b", "c=\"d e\"", "f=g h, i=j"])
                == Labels(["alertname": "Down", "a": "b", "c": "d e", "f": "g h, i=j"]))
        #expect(
            try LabelArguments.matchers(["Down", "a=~b|c", "d!=\"e f\""]).map(\.description)
                == ["alertname=\"Down\"", "a=~\"b|c\"", "d!=\"e f\""])
        #expect(throws: ConsoleError.self) { try LabelArguments.matchers(["a=~("]) }
        for (arguments, message) in [
            (["a=b", "a=c"], "given twice"), (["a=~b"], "a label is written NAME=VALUE"),
            (["a=b", "Down"], "a label is written NAME=VALUE"), (["=x"], "needs a name"),
        ] {
            let error = #expect(throws: ConsoleError.self) {
                try LabelArguments.labels(arguments)
            }
            #expect(error?.description.contains(message) == true, "\(arguments)")
        }
    }
}
