import Foundation
import Model
import TestSupport
import Testing

/// What `/api/v2` answers to what is wrong: statuses and bodies of Alertmanager.
struct AlertmanagerRefusalTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var method = "GET"
        var path: String
        var body = ""
        var type: String? = "application/json"
        var status: Int
        var answer: String
        /// Whether Debian's Alertmanager answers the same.
        var isTheirs = true

        var testDescription: String { "\(method) \(path) \(body)" }
    }

    private static func silence(
        _ matcher: String, start: String = "2026-11-24T10:00:00Z",
        end: String = "2100-11-24T11:00:00Z", more: String = ""
    ) -> String {
        """
        {"matchers":[\(matcher)],"startsAt":"\(start)","endsAt":"\(end)",\
        "createdBy":"x","comment":"y"\(more)}
        """
    }

    private static let plain = #"{"name":"a","value":"b","isRegex":false}"#

    static let cases: [Case] = [
        Case(
            path: "nope", status: 404,
            answer: #"{"code":404,"message":"path /api/v2/nope was not found"}"#),
        Case(
            method: "PUT", path: "silences", status: 405,
            answer: #"{"code":405,"message":"method PUT is not allowed, but [GET,POST] are"}"#,
            // They say the methods in no certain order.
            isTheirs: false),
        Case(
            method: "POST", path: "status", status: 405,
            answer: #"{"code":405,"message":"method POST is not allowed, but [GET] are"}"#),
        Case(
            method: "POST", path: "silence/nope", status: 405,
            answer: #"{"code":405,"message":"method POST is not allowed, but [GET,DELETE] are"}"#,
            isTheirs: false),
        Case(
            path: "silence/nope", status: 422,
            answer: #"{"code":601,"message":"silenceID in path must be of type uuid: \"nope\""}"#),
        Case(path: "silence/9c5c9a4e-6d6b-4a6e-8a8e-1c8a5a1e0000", status: 404, answer: ""),
        Case(
            method: "DELETE", path: "silence/nope", status: 422,
            answer: #"{"code":601,"message":"silenceID in path must be of type uuid: \"nope\""}"#),
        Case(
            method: "DELETE", path: "silence/9c5c9a4e-6d6b-4a6e-8a8e-1c8a5a1e0000", status: 404,
            answer: "", isTheirs: false),
        Case(
            method: "POST", path: "silences", body: "{}", type: "text/plain", status: 415,
            answer:
                #"{"code":415,"message":"unsupported media type \"text/plain\", only [application/json] are allowed"}"#
        ),
        Case(
            method: "POST", path: "silences", status: 422,
            answer: #"{"code":602,"message":"silence in body is required"}"#),
        Case(
            method: "POST", path: "silences", body: "{}", status: 422,
            answer: #"{"code":602,"message":"comment in body is required"}"#),
        Case(
            method: "POST", path: "silences", body: silence(""), status: 422,
            answer: #"{"code":612,"message":"matchers in body should have at least 1 items"}"#),
        Case(
            method: "POST", path: "silences", body: silence(#"{"name":"a","value":"b"}"#),
            status: 422, answer: #"{"code":602,"message":"matchers.0.isRegex in body is required"}"#
        ),
        Case(
            method: "POST", path: "silences", body: silence(plain, end: "2026-01-01T00:00:00Z"),
            status: 400, answer: #""Failed to create silence: start time must be before end time""#),
        Case(
            method: "POST", path: "silences",
            body: silence(plain, start: "2020-01-01T00:00:00Z", end: "2020-01-02T00:00:00Z"),
            status: 400, answer: #""Failed to create silence: end time can't be in the past""#),
        Case(
            method: "POST", path: "silences",
            body: silence(plain, more: #","id":"9c5c9a4e-6d6b-4a6e-8a8e-1c8a5a1e0000""#),
            status: 404, answer: #""silence not found""#),
        Case(
            method: "POST", path: "silences",
            body: silence(#"{"name":"a","value":"","isRegex":false}"#), status: 400,
            answer: #""invalid silence: at least one matcher must not match the empty string""#,
            isTheirs: false),
        Case(
            method: "POST", path: "silences", body: "{", status: 400,
            answer:
                #"{"code":400,"message":"parsing silence body from \"\" failed, because it is not valid JSON"}"#,
            isTheirs: false),
        Case(
            method: "POST", path: "silences",
            body: silence(#"{"name":7,"value":"","isRegex":false}"#), status: 400,
            answer:
                #"{"code":400,"message":"parsing silence body from \"\" failed, because of matchers.0.name: a string was expected"}"#,
            isTheirs: false),
        Case(
            method: "POST", path: "silences", body: silence(plain, start: "noon"), status: 400,
            answer:
                #"{"code":400,"message":"parsing silence body from \"\" failed, because of startsAt: parsing time \"noon\" as \"2006-01-02T15:04:05.000Z\": it is none"}"#,
            isTheirs: false),
        Case(method: "POST", path: "alerts", body: "null", status: 200, answer: ""),
        Case(method: "POST", path: "alerts", body: "[]", status: 200, answer: ""),
        Case(
            method: "POST", path: "alerts", body: "{}", status: 400,
            answer:
                #"{"code":400,"message":"parsing alerts body from \"\" failed, because a list was expected"}"#,
            isTheirs: false),
        Case(
            method: "POST", path: "alerts", body: "[{}]", status: 422,
            answer: #"{"code":602,"message":"0.labels in body is required"}"#),
        Case(
            method: "POST", path: "alerts", body: #"[{"labels":{"a":""}}]"#, status: 400,
            answer: #""at least one label pair required""#),
        Case(
            method: "POST", path: "alerts",
            body:
                #"[{"labels":{"a":"b"},"startsAt":"2026-11-24T13:00:00Z","endsAt":"2026-11-24T12:00:00Z"}]"#,
            status: 400, answer: #""start time must be before end time""#),
        Case(
            method: "POST", path: "alerts",
            body: #"[{"labels":{"a":"b"},"generatorURL":"nonsense"}]"#, status: 422,
            answer:
                #"{"code":601,"message":"0.generatorURL in body must be of type uri: \"nonsense\""}"#
        ),
        Case(
            path: "alerts?receiver=(", status: 400,
            answer:
                #""failed to parse receiver param: error parsing regexp: missing closing ): `^(?:()$`""#
        ),
    ]

    @Test func refusals() async throws {
        try await World().serve { client in
            for item in Self.cases {
                let answer = try await client.post(
                    "/api/v2/" + item.path, item.body, type: item.type, method: item.method)
                #expect(answer.status == item.status, "\(item.testDescription)")
                #expect(answer.text.trimmingWhitespace == item.answer, "\(item.testDescription)")
            }
        }
    }

    @Test func validAlertsAreTakenWhateverIsWrongWithOthers() async throws {
        try await World().serve { client in
            let answer = try await client.post(
                "/api/v2/alerts", #"[{"labels":{}},{"labels":{"alertname":"ok"}},{"labels":{}}]"#)
            #expect(answer.status == 400)
            #expect(
                answer.text
                    == #""at least one label pair required; at least one label pair required""#)
            #expect(try await client.get("/api/v2/alerts").text.contains(#""alertname":"ok""#))
        }
    }

    private static let program = "/usr/bin/prometheus-alertmanager"

    /// The table above is not made up.
    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: program),
            "prometheus-alertmanager is not installed"))
    func alertmanagerRefusesTheSame() async throws {
        let workspace = try Workspace()
        try workspace.write("am.yml", World.nobody)
        let port = try Listener.freePort()
        let peer = try Subprocess(
            Self.program,
            [
                "--config.file=am.yml", "--storage.path=am", "--cluster.listen-address=",
                "--web.listen-address=127.0.0.1:\(port)",
            ], in: workspace, name: "alertmanager")
        _ = try await eventually("the Alertmanager") {
            if let end = peer.end { throw TimedOut("it ended: \(end)\n\(peer.logTail)") }
            return HTTPClient(port: port).get("/-/ready")?.status == 200 ? true : nil
        }
        var compared = 0
        for item in Self.cases where item.isTheirs {
            let answer = try await Client(port: port).post(
                "/api/v2/" + item.path, item.body, type: item.type, method: item.method)
            #expect(answer.status == item.status, "\(item.testDescription)")
            #expect(answer.text.trimmingWhitespace == item.answer, "\(item.testDescription)")
            compared += 1
        }
        #expect(compared >= 19)
    }
}
