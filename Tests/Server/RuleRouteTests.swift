import Foundation
import Model
import Testing

/// `/api/v1/rules` with its filters and pages, and `/api/v1/alerts`.
@Suite struct RuleRouteTests {
    private static let rules = """
        groups:
          - name: second
            rules:
              - record: job:up:sum
                expr: sum by(job)(up)
                labels: {team: core}
          - name: first
            interval: 30s
            limit: 5
            rules:
              - alert: Down
                expr: up == 0
                for: 1m
                keep_firing_for: 2m
                labels: {severity: page}
                annotations: {summary: "{{ $labels.job }} is down"}
              - alert: Quiet
                expr: absent(up)
                labels: {severity: info}
          - name: third
            rules:
              - alert: Broken
                expr: up + on() group_left up
        """

    private func world() async throws -> World {
        let world = try World(rules: RuleRouteTests.rules)
        world.append(Labels(["__name__": "up", "job": "app"]), 0, 0)
        world.append(Labels(["__name__": "up", "job": "db"]), 0, 1)
        // Every group has its place within its interval.
        await world.daemon.runner.evaluate(now: World.now + .seconds(60))
        return world
    }

    private struct Answer: Decodable {
        struct Data: Decodable {
            var groups: [Group]
            var groupNextToken: String?
        }
        struct Group: Decodable {
            var name: String
            var file: String
            var rules: [Rule]
        }
        struct Rule: Decodable {
            var name: String
            var alerts: [Alert]?
        }
        struct Alert: Decodable {
            var state: String
            var activeAt: String
        }
        var data: Data

        var names: [String] {
            data.groups.map { $0.name + ":" + $0.rules.map(\.name).joined(separator: ",") }
        }
    }

    private func ask(_ client: Client, _ query: String) async throws -> Answer {
        let answer = try await client.get("/api/v1/rules?" + query)
        #expect(answer.status == 200, "\(query): \(answer.text)")
        return try JSONDecoder().decode(Answer.self, from: Data(answer.body))
    }

    @Test func filters() async throws {
        let cases: [(String, [String])] = [
            ("", ["first:Down,Quiet", "second:job:up:sum", "third:Broken"]),
            ("type=alert", ["first:Down,Quiet", "third:Broken"]),
            ("type=record", ["second:job:up:sum"]),
            ("rule_name[]=Quiet&rule_name[]=Broken", ["first:Quiet", "third:Broken"]),
            ("rule_name%5B%5D=Quiet", ["first:Quiet"]),
            ("rule_group[]=second", ["second:job:up:sum"]),
            ("file[]=/rules.yml&rule_group[]=third", ["third:Broken"]),
            ("file[]=/other.yml", []),
            ("match[]=%7Bseverity=%22page%22%7D", ["first:Down"]),
            (
                "match[]=%7Bteam=%22core%22%7D&match[]=%7Bseverity=%22info%22%7D",
                ["first:Quiet", "second:job:up:sum"]
            ),
        ]
        try await world().serve { client in
            for (query, names) in cases {
                let found = try await ask(client, query).names
                #expect(found == names, "\(query)")
            }
        }
    }

    @Test func pages() async throws {
        try await world().serve { client in
            var names: [String] = []
            var query = "group_limit=1"
            for _ in 0..<10 {
                let page = try await ask(client, query)
                #expect(page.names.count == 1)
                names += page.names
                guard let token = page.data.groupNextToken else { break }
                query = "group_limit=1&group_next_token=" + token
            }
            #expect(names == ["first:Down,Quiet", "second:job:up:sum", "third:Broken"])
            #expect(try await ask(client, "group_limit=3").data.groupNextToken == nil)
        }
    }

    @Test func wrongParameters() async throws {
        let cases: [([(String, String)], String)] = [
            ([("type", "x")], #"invalid parameter \"type\": not supported value \"x\""#),
            (
                [("exclude_alerts", "maybe")],
                #"invalid parameter \"exclude_alerts\": error converting exclude_alerts: strconv.ParseBool: parsing \"maybe\": invalid syntax"#
            ),
            (
                [("group_limit", "x")],
                #"invalid parameter \"group_limit\": group_limit needs to be a valid number: strconv.ParseInt: parsing \"x\": invalid syntax"#
            ),
            (
                [("group_limit", "0")],
                #"invalid parameter \"group_limit\": group_limit needs to be greater than 0"#
            ),
            (
                [("group_next_token", "x")],
                #"invalid parameter \"group_next_token\": group_limit needs to be present in order to paginate over the groups"#
            ),
            (
                [("group_limit", "1"), ("group_next_token", "x")],
                #"invalid parameter \"group_next_token\": invalid group_next_token 'x'. were rule groups changed?"#
            ),
            ([("match[]", "{}")], "match[] must contain at least one non-empty matcher"),
        ]
        try await world().serve { client in
            for (parameters, message) in cases {
                try await client.expect(
                    "rules", parameters, status: 400, failure("bad_data", message))
            }
        }
    }

    @Test func alertsAreShownOrNot() async throws {
        try await world().serve { client in
            let all = try await client.get("/api/v1/rules?rule_name[]=Down").text
            let activeAt = try #require(
                try await ask(client, "rule_name[]=Down").data.groups.first?.rules.first?.alerts?
                    .first?.activeAt)
            #expect(
                all.contains(
                    #""state":"pending","name":"Down","query":"up == 0","duration":60,"keepFiringFor":120,"#
                        + #""labels":{"severity":"page"},"annotations":{"summary":"{{ $labels.job }} is down"},"#
                        + #""alerts":[{"labels":{"alertname":"Down","job":"app","severity":"page"},"#
                        + #""annotations":{"summary":"app is down"},"state":"pending","activeAt":"\#(activeAt)","value":"0e+00"}],"#
                        + #""health":"ok","evaluationTime":"#), "\(all)")
            let none = try await client.get("/api/v1/rules?rule_name[]=Down&exclude_alerts=true")
            #expect(none.text.contains(#""alerts":null,"#))
            let broken = try await client.get("/api/v1/rules?rule_name[]=Broken").text
            #expect(broken.contains(#""health":"err","lastError":"#), "\(broken)")
            try await client.expect(
                "alerts", [],
                success(
                    #"{"alerts":[{"labels":{"alertname":"Down","job":"app","severity":"page"},"#
                        + #""annotations":{"summary":"app is down"},"state":"pending","activeAt":"\#(activeAt)","value":"0e+00"}]}"#
                ))
        }
    }
}
