import Configuration
import Console
import Foundation
import Model
import Notify
import Synchronization
import Testing
import Transport
import _CryptoExtras

/// Answers each request as its script says, and then with 200.
final class Wire: Transporting {
    private let state:
        Mutex<(script: [Result<HTTPResponse, TransportError>], requests: [HTTPRequest])>

    init(_ script: [Result<HTTPResponse, TransportError>] = []) { state = Mutex((script, [])) }

    var requests: [HTTPRequest] { state.locked { $0.requests } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let answer = state.locked { state in
            state.requests.append(request)
            return state.script.isEmpty
                ? .success(
                    HTTPResponse(status: 200, reason: "OK", body: Array("{\"ok\":true}".utf8)))
                : state.script.removeFirst()
        }
        return try answer.get()
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        MailReceipt(code: 250, reply: "queued")
    }
}

struct NotificationTestTests {
    private static let yaml = """
        global: {smtp_smarthost: "mail:587", smtp_from: a@example.org, smtp_auth_username: me, smtp_auth_password: "pa ss/wörd"}
        route: {receiver: all}
        receivers:
          - name: all
            webhook_configs:
              - url: http://hook:1/hidden-path?key=hidden-key
                http_config: {basic_auth: {username: me, password_file: password}}
              - url: http://token/
                send_resolved: false
                http_config: {oauth2: {client_id: tocsin, client_secret: hidden-client, token_url: "http://issuer/token"}}
            slack_configs: [{api_url_file: slack, channel: "#x"}]
            email_configs: [{to: b@example.org}]
            telegram_configs: [{bot_token: "123:hidden-bot", chat_id: 5}]
          - {name: none}
        """
    private static let files = [
        "password": "hidden-password\n", "slack": "https://hooks.slack.com/hidden-hook",
    ]

    private func test(_ receiver: String = "all", _ integration: String? = nil) throws
        -> NotificationTest
    {
        try NotificationTest(
            try NotifierConfiguration.load(text: Array(Self.yaml.utf8), path: "n.yml").get(),
            receiver: receiver, integration: integration,
            in: ReceiverSurroundings(
                files: .memory(Self.files),
                wallClock: { Timestamp(milliseconds: 1_767_603_600_000) }))
    }

    private func run(
        _ test: NotificationTest, _ wire: Wire, resolved: Bool = false
    ) async -> (text: String, isDone: Bool) {
        var content = NotificationTest.Content()
        content.labels = content.labels.setting("team", "x")
        content.isResolved = resolved
        let lines = Mutex<[String]>([])
        let isDone = await test.run(content, over: wire) { line in lines.locked { $0.append(line) }
        }
        return (lines.locked { $0.joined(separator: "\n") }, isDone)
    }

    @Test func theWholeExchangeIsShownWithoutSecrets() async throws {
        let token = HTTPResponse(
            status: 200, reason: "OK",
            body: Array("{\"access_token\":\"hidden-token\",\"expires_in\":60}".utf8))
        let wire = Wire([
            .success(
                HTTPResponse(
                    status: 202, reason: "Accepted",
                    headers: [.init("X-Id", "7"), .init("Set-Cookie", "hidden-cookie")],
                    body: Array("took it".utf8))),
            .success(token), .success(HTTPResponse(status: 200)),
            .success(HTTPResponse(status: 200, body: Array("ok".utf8))),
        ])
        let (text, isDone) = await run(try test(), wire)
        #expect(isDone, "\(text)")
        // They were sent, all the same.
        #expect(
            wire.requests.first?.authorization == .basic(user: "me", password: "hidden-password"))
        #expect(wire.requests.contains { $0.url.contains("hidden-bot") })
        #expect(!text.contains("hidden") && !text.contains("wörd"), "\(text)")
        for line in [
            "webhook[0] of all", "> POST http://hook:1/<secret>",
            "> Content-Type: application/json",
            "> Authorization: <secret>", "\"team\":\"x\"", "< 202 Accepted (0 s)", "< X-Id: 7",
            "< Set-Cookie: <secret>", "< took it", "delivered: status 202",
            "> POST http://issuer/token", "< {\"access_token\":\"<secret>\",\"expires_in\":60}",
            "> POST https://hooks.slack.com/<secret>",
            "> SMTP mail:587, encryption: startTLS", "> AUTH me <secret>",
            "> MAIL FROM:<a@example.org>", "> RCPT TO:<b@example.org>", "< 250 queued",
            "> POST https://api.telegram.org/bot<secret>/sendMessage", "5 of 5 took it",
        ] {
            #expect(text.contains(line), "\(line)\n\(text)")
        }
    }

    /// An issuer that wants the client's secret in the form is sent it there, escaped.
    @Test func secretsInFormsAreHidden() async throws {
        let yaml = """
            route: {receiver: a}
            receivers:
              - name: a
                webhook_configs:
                  - url: http://hook/
                    http_config:
                      oauth2: {client_id: c, client_secret: "pa-ss w/ö", token_url: "http://u:pw@issuer/"}
            """
        let wire = Wire([
            .success(HTTPResponse(status: 401)),
            .success(HTTPResponse(status: 200, body: Array("{\"access_token\":\"abc\"}".utf8))),
        ])
        let test = try NotificationTest(
            try NotifierConfiguration.load(text: Array(yaml.utf8), path: "n.yml").get(),
            receiver: "a",
            in: ReceiverSurroundings(
                files: .memory([:]), wallClock: { Timestamp(milliseconds: 1_767_603_600_000) }))
        let (text, _) = await run(test, wire)
        let form = String(decoding: wire.requests[1].body ?? [], as: UTF8.self)
        #expect(form.contains("client_secret=pa-ss+w%2F%C3%B6"))
        #expect(text.contains("client_secret=<secret>") && text.contains("http://u:xxxxx@issuer/"))
        #expect(!text.contains("pa-ss") && !text.contains("pw"))
    }

    /// Whoever has it gets tokens until it expires.
    @Test func signedAssertionsAreHidden() async throws {
        let yaml = """
            route: {receiver: a}
            receivers:
              - name: a
                webhook_configs:
                  - url: http://hook/
                    http_config:
                      oauth2: {client_id: c, token_url: "http://issuer/", client_certificate_key_file: k,
                        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer"}
            """
        let wire = Wire([
            .success(HTTPResponse(status: 200, body: Array("{\"access_token\":\"abc\"}".utf8)))
        ])
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let test = try NotificationTest(
            try NotifierConfiguration.load(text: Array(yaml.utf8), path: "n.yml").get(),
            receiver: "a",
            in: ReceiverSurroundings(
                files: .memory(["k": key.pemRepresentation]),
                wallClock: { Timestamp(milliseconds: 1_767_603_600_000) }))
        let (text, _) = await run(test, wire)
        let form = String(decoding: wire.requests[0].body ?? [], as: UTF8.self)
        #expect(form.contains("assertion=ey"))
        #expect(text.contains("assertion=<secret>&grant_type=urn"))
        #expect(!text.contains("eyJ"))
    }

    @Test func whatIsNotTakenIsSaid() async throws {
        let refused = await run(
            try test("all", "webhook[0]"),
            Wire([
                .success(
                    HTTPResponse(
                        status: 403, reason: "Forbidden", body: Array("no hidden-key".utf8)))
            ]))
        #expect(!refused.isDone)
        #expect(refused.text.contains("REFUSED: unexpected status code 403: no"))
        let dead = await run(
            try test("all", "slack"),
            Wire([.failure(TransportError(.connect, "connection refused"))]))
        #expect(!dead.isDone)
        #expect(dead.text.contains("< no answer: connection refused"))
        #expect(dead.text.contains("NOT DELIVERED, would be tried again"))
        #expect(dead.text.contains("0 of 1 took it"))
    }

    @Test func theEndIsToldWhereItIsWanted() async throws {
        let wire = Wire()
        let (text, isDone) = await run(try test("all", "webhook[0]"), wire, resolved: true)
        #expect(isDone && wire.requests.count == 2, "\(text)")
        let bodies = wire.requests.map { String(decoding: $0.body ?? [], as: UTF8.self) }
        #expect(bodies.map { $0.contains("\"status\":\"resolved\"") } == [false, true])
        let token = HTTPResponse(status: 200, body: Array("{\"access_token\":\"abc\"}".utf8))
        let other = await run(
            try test("all", "webhook[1]"), Wire([.success(token)]), resolved: true)
        #expect(other.isDone)
        #expect(other.text.contains("\"resolved\" is not sent: send_resolved is false"))
    }

    @Test func aRehearsalSendsNothing() throws {
        let lines = Mutex<[String]>([])
        #expect(
            try test("all", "slack").rehearse(.init()) { line in lines.locked { $0.append(line) } })
        let text = lines.locked { $0.joined(separator: "\n") }
        #expect(text.contains("\"channel\":\"#x\"") && !text.contains("hidden"))
    }

    @Test func whoIsNotThereIsSaid() {
        for (receiver, integration, message) in [
            ("al", nil, "did you mean all?"), ("none", nil, "it tells nobody"),
            ("all", "jira", "has no jira; it has webhook[0]"),
        ] as [(String, String?, String)] {
            let error = #expect(throws: ConsoleError.self) { try test(receiver, integration) }
            #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        }
    }
}
