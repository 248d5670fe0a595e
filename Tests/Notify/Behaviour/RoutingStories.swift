import Configuration
import Model
import Notify
import Testing

/// Which receivers hear of what, and under which key.
@Suite struct RoutingStories {
    private static let tree = """
        route:
          receiver: main
          group_by: [alertname]
          group_wait: 10s
          group_interval: 1m
          routes:
          - receiver: pager
            matchers: [severity="page"]
            group_by: ['...']
            group_wait: 5s
            continue: true
            routes: [{receiver: db, match_re: {job: mysql|pg}, group_by: [job]}, {matchers: [job="web"]}]
          - {receiver: chat, match: {severity: page}}
        receivers:
        - {name: main, webhook_configs: [{url: 'http://main'}]}
        - {name: pager, webhook_configs: [{url: 'http://pager'}]}
        - {name: db, webhook_configs: [{url: 'http://db'}]}
        - name: chat
          webhook_configs: [{url: 'http://chat'}]
          slack_configs: [{api_url: 'http://slack', channel: c, send_resolved: true}]
        """

    @Test func nestedRoutesInheritAndContinue() async throws {
        let story = try Story(
            Self.tree, "0s fire A severity=page job=pg\n0s fire B severity=page job=web\n0s fire C")
        #expect(
            try await story.tells(until: 60) == [
                "5s pager: firing B", "5s db: firing A", "10s chat/slack: firing A",
                "10s chat: firing A", "10s chat/slack: firing B", "10s chat: firing B",
                "10s main: firing C",
            ])
    }

    @Test func aFailingReceiverHoldsUpNoOther() async throws {
        let story = try Story(
            Self.tree, "0s break chat/slack\n0s fire A severity=page job=x\n35s mend chat/slack")
        let told = try await story.tells(until: 60)
        #expect(told == ["5s pager: firing A", "10s chat: firing A", "10s chat/slack: firing A"])
    }

    /// Texts are those that Alertmanager puts into a webhook's `groupKey`.
    @Test func groupKeysAreAlertmanagers() async throws {
        let story = try Story(
            Self.tree, "0s fire A severity=page job=pg\n0s fire B severity=page job=web\n0s fire C")
        let keys = try await story.told(until: 60).filter { $0.data.integration == "webhook" }
            .map(\.data.groupKey)
        #expect(
            keys == [
                #"{}/{severity="page"}/{job="web"}:{alertname="B", job="web", severity="page"}"#,
                #"{}/{severity="page"}/{job=~"^(?:mysql|pg)$"}:{job="pg"}"#,
                #"{}/{severity="page"}:{alertname="A"}"#, #"{}/{severity="page"}:{alertname="B"}"#,
                #"{}:{alertname="C"}"#,
            ])
    }

    private static let keys: [(yaml: String, key: String)] = [
        ("matchers: ['b=~x|y', 'a!=1', 'c!~\"z.*\"']", #"{a!="1",b=~"x|y",c!~"z.*"}"#),
        ("match: {b: x, a: y}", #"{a="y",b="x"}"#),
        (
            "{match: {a: y}, match_re: {a: x, c: 'q\\d+'}, matchers: [b=1]}",
            #"{a=~"^(?:x)$",a="y",b="1",c=~"^(?:q\\d+)$"}"#
        ),
        (#"matchers: ['"foo bar"="ü"', 'a="x\"y"']"#, #"{a="x\"y","foo bar"="ü"}"#),
        (#"matchers: ['"größe"="ü"']"#, #"{größe="ü"}"#),
        (#"matchers: ['a="x\\ny"']"#, #"{a="x\\ny"}"#),
    ]

    @Test(arguments: keys)
    func matchersArePrintedAsAlertmanagerPrintsThem(yaml: String, key: String) throws {
        let body = yaml.hasPrefix("{") ? String(yaml.dropFirst().dropLast()) : yaml
        let text = """
            route: {receiver: r, routes: [{\(body)}]}
            receivers: [{name: r}]
            """
        let loaded = NotifierConfiguration.load(text: Array(text.utf8), path: "keys.yml")
        let configuration = try #require(loaded.value, "\(loaded.problems)")
        #expect(RouteTree(configuration.route).routes.last?.key == "{}/" + key)
    }
}
