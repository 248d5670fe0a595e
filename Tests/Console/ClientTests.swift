import Console
import Foundation
import Model
import Testing
import Transport

/// What is asked of a daemon, and what becomes of its answers.
struct ClientTests {
    private static let now = Timestamp(milliseconds: 1_767_603_600_000)

    private func answer(_ text: String, _ status: Int = 200) -> Result<HTTPResponse, TransportError>
    {
        .success(HTTPResponse(status: status, body: Array(text.utf8)))
    }

    private func silences(_ wire: Wire) -> SilenceCommands {
        SilenceCommands(
            AlertmanagerClient(url: "http://d:9090/x/", transport: wire), now: Self.now)
    }

    private func silence(_ id: String, _ state: String, ends: String) -> String {
        """
        {"id":"\(id)","status":{"state":"\(state)"},"updatedAt":"2026-01-05T08:00:00.000Z",
         "comment":"why\\nso","createdBy":"me","startsAt":"2026-01-05T08:00:00.000Z","endsAt":"\(ends)",
         "matchers":[{"name":"a","value":"b","isRegex":false,"isEqual":true},
                     {"name":"c","value":"d|e","isRegex":true,"isEqual":false},{"name":"f","value":"","isRegex":false}]}
        """
    }

    private var three: String {
        "["
            + [
                silence("late", "active", ends: "2026-01-06T09:00:00.000Z"),
                silence("soon", "pending", ends: "2026-01-05T09:30:00.000Z"),
                silence("gone", "expired", ends: "2026-01-05T08:30:00.000Z"),
            ].joined(separator: ",") + "]"
    }

    @Test func silencesAreShownAsTheyAreAskedFor() async throws {
        let wire = Wire(Array(repeating: answer(three), count: 6))
        var query = SilenceCommands.Query()
        query.matchers = try LabelArguments.matchers(["Down", "x=~a b"])
        #expect(
            try await silences(wire).query(query, .simple, quiet: false)
                == """
                ID    Matchers              Ends At                  Created By  Comment
                soon  a="b" c!~"d|e" f=""   2026-01-05 09:30:00 UTC  me          why so
                late  a="b" c!~"d|e" f=""   2026-01-06 09:00:00 UTC  me          why so
                """.replacing("f=\"\"   ", with: "f=\"\"  ").replacing(
                    "Matchers              ", with: "Matchers             "))
        #expect(
            wire.requests.last?.url
                == "http://d:9090/x/api/v2/silences?filter=alertname%3D%22Down%22&filter=x%3D~%22a+b%22"
        )
        query.matchers = []
        #expect(try await silences(wire).query(query, .simple, quiet: true) == "soon\nlate")
        query.within = .minutes(60)
        #expect(try await silences(wire).query(query, .simple, quiet: true) == "soon")
        query.createdBy = "you"
        #expect(try await silences(wire).query(query, .simple, quiet: true) == "")
        query = .init()
        query.expired = true
        #expect(try await silences(wire).query(query, .simple, quiet: true) == "gone")
        query.within = .minutes(10)
        #expect(try await silences(wire).query(query, .json, quiet: false) == "[]")
    }

    @Test func aSilenceIsMadeWithAllItNeeds() async throws {
        let wire = Wire([answer("{\"silenceID\":\"new\"}")])
        let id = try await silences(wire).add(
            try LabelArguments.matchers(["Down", "x!~a"]), .init(), author: "me", comment: "why")
        #expect(id == "new")
        let request = try #require(wire.requests.first)
        #expect(request.method == "POST" && request.url == "http://d:9090/x/api/v2/silences")
        let body = try #require(
            try JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? [String: Any])
        #expect(body["startsAt"] as? String == "2026-01-05T09:00:00.000Z")
        #expect(body["endsAt"] as? String == "2026-01-05T10:00:00.000Z")
        #expect(body["createdBy"] as? String == "me" && body["comment"] as? String == "why")
        let matchers = try #require(body["matchers"] as? [[String: Any]])
        #expect(matchers.map { $0["isRegex"] as? Bool } == [false, true])
        #expect(matchers.map { $0["isEqual"] as? Bool } == [true, false])
        #expect(body["id"] == nil && body["status"] == nil)
    }

    @Test func whatCannotBeIsNotAsked() async throws {
        let wire = Wire()
        let down = try LabelArguments.matchers(["Down"])
        for (matchers, span, message) in [
            ([], .init(), "at least one matcher"),
            (
                try LabelArguments.matchers(["a=~.*"]), .init(),
                "must not match a label that is missing"
            ),
            (down, .init(duration: .zero), "must end after it begins"),
            (
                down, .init(start: Self.now - .minutes(9), end: Self.now - .minutes(1)),
                "in the past"
            ),
        ] as [([Matcher], SilenceCommands.Span, String)] {
            let error = await #expect(throws: ConsoleError.self) {
                try await silences(wire).add(matchers, span, author: "", comment: "")
            }
            #expect(error?.description.contains(message) == true)
        }
        #expect(wire.requests.isEmpty)
    }

    @Test func anImportChangesWhatIsThereAndMakesTheRest() async throws {
        let known = "[" + silence("late", "active", ends: "2026-01-06T09:00:00.000Z") + "]"
        let put = answer("{\"silenceID\":\"x\"}")
        let wire = Wire([answer(known), put, put])
        #expect(
            try await silences(wire).importAll(Array(three.utf8), anew: false)
                == "1 made, 1 changed, 1 left out because they are over")
        let bodies = wire.requests.dropFirst().map {
            String(decoding: $0.body ?? [], as: UTF8.self)
        }
        #expect(bodies.map { $0.contains("\"id\":\"late\"") } == [true, false])
        #expect(bodies.map { $0.contains("\"id\"") } == [true, false])
        let forced = Wire([put, put])
        #expect(
            try await silences(forced).importAll(Array(three.utf8), anew: true)
                == "2 made, 0 changed, 1 left out because they are over")
        await #expect(throws: ConsoleError.self) {
            try await silences(Wire()).importAll(Array("[{}]".utf8), anew: false)
        }
    }

    @Test func alertsAreAskedForByState() async throws {
        let wire = Wire([answer("[]"), answer("[]"), answer("")])
        let alerts = AlertCommands(AlertmanagerClient(url: "http://d", transport: wire))
        var query = AlertCommands.Query()
        #expect(
            try await alerts.query(query, .simple) == "Alertname  Starts At  Summary  State")
        #expect(
            wire.requests.last?.url
                == "http://d/api/v2/alerts?active=true&silenced=false&inhibited=false&unprocessed=false"
        )
        query.states = [.silenced, .inhibited]
        query.receiver = "a|b"
        query.matchers = try LabelArguments.matchers(["Down"])
        #expect(try await alerts.query(query, .json) == "[]")
        #expect(
            wire.requests.last?.url
                == "http://d/api/v2/alerts?filter=alertname%3D%22Down%22&active=false&silenced=true&inhibited=true&unprocessed=false&receiver=a%7Cb"
        )
        try await alerts.add(Labels(["alertname": "A"]), end: Self.now)
        let said = String(decoding: wire.requests.last?.body ?? [], as: UTF8.self)
        #expect(said.contains("\"endsAt\":\"2026-01-05T09:00:00.000Z\""))
        await #expect(throws: ConsoleError.self) { try await alerts.add(.empty) }
    }

    @Test func whatTheOtherSideSaysIsWrongIsSaid() async throws {
        for (response, message) in [
            (answer("\"bad matcher\"", 400), "http://d:9090/x: bad matcher"),
            (
                answer("{\"code\":602,\"message\":\"comment is required\"}", 422),
                "http://d:9090/x: comment is required"
            ),
            (answer("", 404), "http://d:9090/x: HTTP status 404"),
            (answer("<html>"), "not the answer of an Alertmanager"),
            (
                .failure(TransportError(.connect, "connection refused")),
                "http://d:9090/x: connection refused"
            ),
        ] {
            let error = await #expect(throws: ConsoleError.self) {
                try await silences(Wire([response])).query(.init(), .simple, quiet: false)
            }
            #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        }
    }
}
