import Foundation
import Model
import Notify
import TestSupport
import Testing

/// `/api/v2` as Alertmanager's clients see it. What it answers to what is wrong is in
/// `AlertmanagerRefusalTests`.
struct AlertmanagerTests {
    static let notifiers = """
        global: {smtp_smarthost: 'mail:25', smtp_from: 'a@b', smtp_auth_password: hush-1, resolve_timeout: 7m}
        route:
          receiver: team-x
          group_by: [job]
          group_wait: 0s
          routes:
            - {receiver: pager, matchers: ['severity="page"']}
            - {receiver: night, matchers: [shift=night], mute_time_intervals: [always]}
        inhibit_rules:
          - {source_matchers: [alertname=Fire], target_matchers: [alertname=Smoke], equal: [job]}
        time_intervals: [{name: always, time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]}]
        receivers:
          - name: team-x
            webhook_configs: [{url: 'http://me:hush-2@hooks.example/hush-3?hush-4'}]
          - name: pager
            pagerduty_configs: [{routing_key: hush-5}]
            slack_configs: [{api_url: 'https://hooks.slack.example/hush-6', channel: '#a'}]
          - {name: night}
        """

    private func silence(_ matchers: String, _ more: String = "") -> String {
        """
        {"matchers":[\(matchers)],"startsAt":"2026-01-05T09:00:00Z",\
        "endsAt":"2026-01-05T11:00:00.5Z","createdBy":"me","comment":"a <b>"\(more)}
        """
    }

    private static func identifier(_ body: String) throws -> String {
        struct Answer: Decodable { var silenceID: String }
        return try JSONDecoder().decode(Answer.self, from: Data(body.utf8)).silenceID
    }

    @Test func theLifeOfASilence() async throws {
        try await World(notifiers: Self.notifiers).serve { client in
            #expect(try await client.get("/api/v2/silences").text == "[]")
            let isDown = #"{"name":"alertname","value":"Down","isRegex":false}"#
            let notTest = #"{"name":"job","value":"test.*","isRegex":true,"isEqual":false}"#
            let made = try await client.post("/api/v2/silences", silence(isDown + "," + notTest))
            #expect(made.status == 200)
            let id = try Self.identifier(made.text)
            let shown = """
                {"id":"\(id)","status":{"state":"active"},"updatedAt":"2026-01-05T09:00:00.000Z",\
                "comment":"a \\u003cb\\u003e","createdBy":"me","endsAt":"2026-01-05T11:00:00.500Z",\
                "matchers":[{"isEqual":true,"isRegex":false,"name":"alertname","value":"Down"},\
                {"isEqual":false,"isRegex":true,"name":"job","value":"test.*"}],\
                "startsAt":"2026-01-05T09:00:00.000Z"}
                """
            #expect(try await client.get("/api/v2/silence/\(id)").text == shown)
            #expect(try await client.get("/api/v2/silences").text == "[\(shown)]")
            let filter = "/api/v2/silences?filter=alertname%3DDown"
            #expect(try await client.get(filter).text == "[\(shown)]")
            #expect(try await client.get(filter + "&filter=job%3Dx").text == "[]")

            // Changed in place, with what only newer clients send.
            let more = #","id":"\#(id)","annotations":{"ticket":"7"},"other":[1]"#
            let changed = try await client.post(
                "/api/v2/silences", silence(isDown + "," + notTest, more))
            #expect(try Self.identifier(changed.text) == id)
            #expect(
                try await client.get("/api/v2/silence/\(id)").text
                    .contains(#""annotations":{"ticket":"7"}"#))
            let gone = try await client.ask("DELETE", "/api/v2/silence/\(id)")
            #expect(gone.status == 200 && gone.text.isEmpty)
            #expect(
                try await client.get("/api/v2/silence/\(id)").text.contains(#""state":"expired""#))
            #expect(try await client.ask("DELETE", "/api/v2/silence/\(id)").status == 200)
        }
    }

    @Test func alertsOfOthersAreRoutedLikeOurs() async throws {
        let world = try World(notifiers: Self.notifiers)
        try await world.serve { client in
            let posted = try await client.post(
                "/api/v2/alerts",
                """
                [{"labels":{"alertname":"Down","severity":"page","job":"j","empty":""},
                  "annotations":{"summary":"x","a":""},"startsAt":"2026-01-05T08:00:00.123456Z",
                  "generatorURL":"http://g/1"},
                 {"labels":{"alertname":"Ends","job":"k"},"startsAt":"0001-01-01T00:00:00Z",
                  "endsAt":"2026-01-05T09:30:00+00:00"},
                 {"labels":{"alertname":"Over"},"endsAt":"2026-01-05T08:30:00Z"}]
                """)
            #expect(posted.status == 200 && posted.text.isEmpty)
            let down = """
                {"annotations":{"a":"","summary":"x"},"endsAt":"2026-01-05T09:07:00.000Z",\
                "fingerprint":"FP1","receivers":[{"name":"pager"}],\
                "startsAt":"2026-01-05T08:00:00.123Z",\
                "status":{"inhibitedBy":[],"mutedBy":[],"silencedBy":[],"state":"active"},\
                "updatedAt":"2026-01-05T09:00:00.000Z","generatorURL":"http://g/1",\
                "labels":{"alertname":"Down","job":"j","severity":"page"}}
                """.replacing(
                    "FP1",
                    with:
                        "\(Fingerprint(Labels(["alertname": "Down", "job": "j", "severity": "page"])))"
                )
            let ends = """
                {"annotations":{},"endsAt":"2026-01-05T09:30:00.000Z",\
                "fingerprint":"FP2","receivers":[{"name":"team-x"}],\
                "startsAt":"2026-01-05T09:30:00.000Z",\
                "status":{"inhibitedBy":[],"mutedBy":[],"silencedBy":[],"state":"active"},\
                "updatedAt":"2026-01-05T09:00:00.000Z","labels":{"alertname":"Ends","job":"k"}}
                """.replacing(
                    "FP2", with: "\(Fingerprint(Labels(["alertname": "Ends", "job": "k"])))")
            let inOrder =
                Fingerprint(Labels(["alertname": "Ends", "job": "k"]))
                    < Fingerprint(Labels(["alertname": "Down", "job": "j", "severity": "page"]))
                ? ends + "," + down : down + "," + ends
            #expect(try await client.get("/api/v2/alerts").text == "[\(inOrder)]")
            for (query, answer) in [
                ("filter=alertname%3DDown", down), ("receiver=pag.*", down), ("receiver=pag", ""),
                ("filter=severity%3D%22%22", ends), ("active=false", ""),
                ("filter=severity!%3D%22%22", down), ("silenced=no&inhibited=0", inOrder),
            ] {
                #expect(try await client.get("/api/v2/alerts?" + query).text == "[\(answer)]")
            }
            let (first, second) = (
                #"{"alerts":[\#(down)],"labels":{"job":"j"},"receiver":{"name":"pager"}}"#,
                #"{"alerts":[\#(ends)],"labels":{"job":"k"},"receiver":{"name":"team-x"}}"#
            )
            #expect(try await client.get("/api/v2/alerts/groups").text == "[\(first),\(second)]")
            #expect(
                try await client.get("/api/v2/alerts/groups?receiver=team-x").text == "[\(second)]")
            #expect(try await client.get("/api/v2/alerts/groups?active=false").text == "[]")
        }
    }

    @Test func timesKeepTheirZone() async throws {
        let world = try World(notifiers: Self.notifiers)
        try await world.serve { client in
            func post(_ start: String) async throws {
                let posted = try await client.post(
                    "/api/v2/alerts",
                    """
                    [{"labels":{"alertname":"East"},"startsAt":"\(start)",
                      "endsAt":"2026-01-05T14:00:00+02:00"}]
                    """)
                #expect(posted.status == 200)
            }
            try await post("2026-01-05T10:00:00.1239001+02:00")
            // A hundred nanoseconds later: the first start counts.
            try await post("2026-01-05T08:00:00.1239002Z")
            let shown = try await client.get("/api/v2/alerts").text
            #expect(shown.contains(#""startsAt":"2026-01-05T10:00:00.123+02:00""#), "\(shown)")
            #expect(shown.contains(#""endsAt":"2026-01-05T14:00:00.000+02:00""#), "\(shown)")
            try await post("2026-01-05T08:00:00.1239Z")
            let earlier = try await client.get("/api/v2/alerts").text
            #expect(earlier.contains(#""startsAt":"2026-01-05T08:00:00.123Z""#), "\(earlier)")
        }
    }

    /// An end that somebody sets counts at once; one that only bounds silence gives way.
    @Test func anEndThatIsSetRulesOverATimeOut() async throws {
        let world = try World(notifiers: Self.notifiers)
        try await world.serve { client in
            let now = World.now
            for (more, end) in [
                ("", now + .minutes(7)),
                (#","endsAt":"2026-01-05T09:02:00Z""#, now + .minutes(2)),
                ("", now + .minutes(7)),
                (#","endsAt":"2026-01-05T09:20:00Z""#, now + .minutes(20)),
                ("", now + .minutes(20)),
                // Over: nobody was told yet, so that it waits for its group's flush.
                (#","endsAt":"2026-01-05T08:59:30Z""#, now - .seconds(30)),
            ] {
                let body =
                    #"[{"labels":{"alertname":"A"},"startsAt":"2026-01-05T08:59:00Z"\#(more)}]"#
                let answer = try await client.post("/api/v2/alerts", body)
                #expect(answer.status == 200)
                let ends = await world.daemon.notifications.alerts.map(\.alert.endsAt)
                #expect(ends == [end], "after \(more)")
            }
            #expect(try await client.get("/api/v2/alerts").text == "[]")
        }
    }

    @Test func whyAnAlertIsNotTold() async throws {
        let world = try World(notifiers: Self.notifiers)
        try await world.serve { client in
            _ = try await client.post(
                "/api/v2/alerts",
                """
                [{"labels":{"alertname":"Fire","job":"j"}},{"labels":{"alertname":"Smoke","job":"j"}},
                 {"labels":{"alertname":"Quiet"}},{"labels":{"alertname":"Night","shift":"night"}}]
                """)
            let made = try await client.post(
                "/api/v2/silences",
                silence(#"{"name":"alertname","value":"Quiet","isRegex":false}"#))
            let id = try Self.identifier(made.text)
            func names(_ query: String) async throws -> [String] {
                struct Shown: Decodable {
                    var labels: [String: String]
                    var status: Status

                    struct Status: Decodable {
                        var state: String
                        var silencedBy: [String]
                        var inhibitedBy: [String]
                        var mutedBy: [String]
                    }
                }
                struct Group: Decodable { var alerts: [Shown] }
                let text = try await client.get("/api/v2/" + query).text
                let list: [Shown] =
                    query.contains("groups")
                    ? try JSONDecoder().decode([Group].self, from: Data(text.utf8)).flatMap(
                        \.alerts)
                    : try JSONDecoder().decode([Shown].self, from: Data(text.utf8))
                return list.map {
                    let status = $0.status
                    let reasons = status.silencedBy + status.inhibitedBy + status.mutedBy
                    return ([$0.labels["alertname"] ?? "", status.state] + reasons)
                        .joined(separator: " ")
                }.sorted()
            }
            let fire = Fingerprint(Labels(["alertname": "Fire", "job": "j"]))
            let (quiet, smoke) = ("Quiet suppressed \(id)", "Smoke suppressed \(fire)")
            #expect(try await names("alerts") == ["Fire active", "Night active", quiet, smoke])
            #expect(try await names("alerts?silenced=false&active=false") == [smoke])
            #expect(try await names("alerts?inhibited=false&active=false") == [quiet])
            // Time intervals mute groups rather than alerts.
            #expect(
                try await names("alerts/groups")
                    == ["Fire active", "Night suppressed always", quiet, smoke])
            #expect(try await names("alerts/groups?muted=false") == ["Fire active", quiet, smoke])
        }
    }

    @Test func whatTheDaemonIs() async throws {
        try await World(notifiers: Self.notifiers).serve { client in
            #expect(
                try await client.get("/api/v2/receivers").text
                    == #"[{"name":"team-x"},{"name":"pager"},{"name":"night"}]"#)
            struct Status: Decodable {
                struct Cluster: Decodable {
                    var status: String
                    var peers: [String]
                }
                struct Config: Decodable { var original: String }
                struct Version: Decodable { var version: String }
                var cluster: Cluster
                var config: Config
                var uptime: String
                var versionInfo: Version
            }
            let answer = try await client.get("/api/v2/status")
            let status = try JSONDecoder().decode(Status.self, from: Data(answer.text.utf8))
            #expect(status.cluster.status == "disabled" && status.cluster.peers.isEmpty)
            #expect(status.uptime == "2026-01-05T09:00:00.000Z")
            #expect(status.versionInfo.version == "0.32.0")
            let shown = status.config.original
            #expect(!shown.contains("hush"), "\(shown)")
            #expect(shown.contains(#"url: "http://hooks.example/<secret>""#), "\(shown)")
            #expect(shown.contains("routing_key: <secret>"), "\(shown)")
        }
    }
}
