import Configuration
import Foundation
import HTTPClient
import Model
import Synchronization
import Testing
import Transport

@Suite("OAuth 2: one token for each client")
struct TokenTests {
    private let transport = CurlTransport()

    private static func grant(_ token: String, _ seconds: String = "3600") -> String {
        RawServer.answer(200, #"{"access_token":"\#(token)","expires_in":\#(seconds)}"#)
    }

    private static func client(
        _ issuer: RawServer, files: FileAccess = .memory([:]),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        change: (inout OAuth2) -> Void = { _ in }
    ) -> ConfiguredClient {
        var configuration = HTTPClientConfiguration()
        var oauth2 = OAuth2(
            clientID: "id", clientSecret: Secret("se cret"), tokenURL: issuer.url + "/token")
        change(&oauth2)
        configuration.oauth2 = oauth2
        return ConfiguredClient(configuration, files: files, now: now)
    }

    @Test("the request for a token says all that is configured")
    func tokenRequest() async throws {
        let issuer = try RawServer { _, _ in
            RawServer.answer(
                200, #"{"access_token":"t","token_type":"bearer","expires_in":"60"}"#)
        }
        let target = try RawServer { _, _ in RawServer.answer() }
        let client = Self.client(
            issuer,
            change: {
                $0.scopes = ["read", "write all"]
                $0.parameters = [NamedText("audience", "a&b"), NamedText("grant_type", "own")]
            })
        var request = target.request
        request.headers = [.init("Authorization", "GenieKey k")]
        _ = try await client.send(request, over: transport)
        let asked = try #require(issuer.received.first)
        #expect(asked.hasPrefix("POST /token HTTP/1.1"))
        #expect(asked.requestBody == "audience=a%26b&grant_type=own&scope=read+write+all")
        // id:se+cret
        #expect(asked.lines("Authorization") == ["Authorization: Basic aWQ6c2UrY3JldA=="])
        #expect(
            asked.lines("Content-Type") == ["Content-Type: application/x-www-form-urlencoded"])
        let got = try #require(target.received.first)
        #expect(got.lines("Authorization") == ["Authorization: Bearer t"])
    }

    @Test("requests at the same time share one fetch, and later ones its token")
    func oneFetch() async throws {
        let files = ScriptedFiles(["/secret": "s"])
        let count = 8
        let issuer = try RawServer { _, _ in
            // All of them are there before any gets its token.
            while files.reads < count { usleep(1000) }
            return Self.grant("t")
        }
        let target = try RawServer { _, _ in RawServer.answer() }
        let client = Self.client(
            issuer, files: files.access,
            change: {
                $0.clientSecret = Secret(file: "/secret")
            })
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    _ = try? await client.send(target.request, over: transport)
                }
            }
        }
        _ = try await client.send(target.request, over: transport)
        #expect(issuer.received.count == 1)
        #expect(target.received.count == count + 1)
        #expect(
            target.received.allSatisfy {
                $0.lines("Authorization") == ["Authorization: Bearer t"]
            })
    }

    @Test("a token is fetched again before it expires")
    func expiry() async throws {
        let start = ContinuousClock.now
        let elapsed = Mutex(0)
        let issuer = try RawServer { _, count in Self.grant("t\(count)", "60") }
        let target = try RawServer { _, _ in RawServer.answer() }
        let client = Self.client(issuer, now: { start + .seconds(elapsed.withLock { $0 }) })
        for seconds in [0, 49, 50, 99] {
            elapsed.withLock { $0 = seconds }
            _ = try await client.send(target.request, over: transport)
        }
        #expect(
            target.received.map { $0.lines("Authorization")[0] } == [
                "Authorization: Bearer t0", "Authorization: Bearer t0",
                "Authorization: Bearer t1", "Authorization: Bearer t1",
            ])
    }

    @Test("a token that is refused is replaced once, and the request sent again")
    func refusal() async throws {
        let issuer = try RawServer { _, count in Self.grant("t\(count)") }
        let target = try RawServer { request, _ in
            RawServer.answer(request.contains("Bearer t0") ? 401 : 200)
        }
        let client = Self.client(issuer)
        let answer = try await client.send(target.request, over: transport)
        #expect(answer.status == 200)
        #expect(issuer.received.count == 2)
        let strict = try RawServer { _, _ in RawServer.answer(401) }
        let refused = try await client.send(strict.request, over: transport)
        #expect(refused.status == 401)
        #expect(strict.received.count == 2)
        #expect(issuer.received.count == 3)
    }

    @Test("another secret in the file means another token")
    func rotatedSecret() async throws {
        let files = ScriptedFiles(["/secret": "one"])
        let issuer = try RawServer { request, _ in
            Self.grant(request.contains("aWQ6b25l") ? "first" : "second")
        }
        let target = try RawServer { _, _ in RawServer.answer() }
        let client = Self.client(
            issuer, files: files.access,
            change: {
                $0.clientSecret = Secret(file: "/secret")
            })
        for secret in ["one", "one", "two"] {
            files.write("/secret", secret)
            _ = try await client.send(target.request, over: transport)
        }
        #expect(issuer.received.count == 2)
        #expect(
            target.received.map { $0.lines("Authorization")[0] } == [
                "Authorization: Bearer first", "Authorization: Bearer first",
                "Authorization: Bearer second",
            ])
    }

    @Test("an endpoint that wants the secret in the form gets it there, from then on at once")
    func secretInTheForm() async throws {
        let issuer = try RawServer { request, count in
            request.form["client_secret"] == nil
                ? RawServer.answer(400, #"{"error":"invalid_client"}"#)
                : Self.grant("t\(count)", "1")
        }
        let target = try RawServer { _, _ in RawServer.answer() }
        let client = Self.client(issuer)
        for _ in 0..<2 {
            _ = try await client.send(target.request, over: transport)
        }
        let asked = issuer.received
        try #require(asked.count == 3)
        #expect(asked[0].requestBody == "grant_type=client_credentials")
        #expect(
            asked[1].requestBody
                == "client_id=id&client_secret=se+cret&grant_type=client_credentials")
        #expect(asked[1].lines("Authorization").isEmpty)
        #expect(asked[2].requestBody == asked[1].requestBody)
    }

    @Test("an endpoint that hangs delays its own client, for its time-out")
    func hangingEndpoint() async throws {
        let hanging = try RawServer { _, _ in nil }
        let issuer = try RawServer { _, _ in Self.grant("t") }
        let target = try RawServer { _, _ in RawServer.answer() }
        var request = target.request
        request.timeout = .milliseconds(80)
        let stuck = Self.client(hanging)
        let error = await #expect(throws: ClientError.self) {
            try await stuck.send(request, over: transport)
        }
        #expect(error?.description == "oauth2: cannot fetch token: no answer in time")
        request.timeout = .seconds(600)
        let answer = try await Self.client(issuer).send(request, over: transport)
        #expect(answer.status == 200)
        #expect(target.received.count == 1)
        let cancelled = Task { try await stuck.send(request, over: transport) }
        cancelled.cancel()
        await #expect(throws: ClientError.self) { try await cancelled.value }
    }

    @Test("the endpoint has its own proxy and headers for it")
    func ownProxy() async throws {
        let proxy = try RawServer { _, _ in Self.grant("t") }
        let target = try RawServer { _, _ in RawServer.answer() }
        let client = Self.client(
            proxy,
            change: {
                $0.proxyURL = Secret(proxy.url)
                $0.tokenURL = "http://issuer.example/token"
            })
        _ = try await client.send(target.request, over: transport)
        #expect(proxy.received.first?.hasPrefix("POST http://issuer.example/token ") == true)
        #expect(target.received.first?.hasPrefix("GET / ") == true)
        let secure = Self.client(
            proxy,
            change: {
                $0.proxyURL = Secret(proxy.url)
                $0.proxyConnectHeaders = [HTTPHeader("X-Proxy", [Secret("key")])]
                $0.tokenURL = "https://issuer.example/token"
                $0.tls.ca = Secret(file: "/ca")
            })
        let error = await #expect(throws: ClientError.self) {
            try await secure.send(target.request, over: transport)
        }
        #expect(
            error?.description
                == "oauth2: cannot fetch token: unable to read secret file /ca: no such file or directory"
        )
    }

    @Test("answers in the ways of endpoints")
    func answers() async throws {
        let cases = [
            (
                RawServer.answer(
                    200, "access_token=a%2Bb&token_type=MAC&expires_in=5",
                    type: "application/x-www-form-urlencoded"), "MAC a+b"
            ),
            (
                RawServer.answer(200, "access_token=x", type: "text/plain; charset=utf-8"),
                "Bearer x"
            ),
            (Self.grant("odd", "\"nan\""), "Bearer odd"), (Self.grant("odd", "-1"), "Bearer odd"),
            (Self.grant("odd", "1e300"), "Bearer odd"), (Self.grant("odd", "null"), "Bearer odd"),
            (Self.grant("odd", "[]"), "Bearer odd"),
        ]
        for (answer, header) in cases {
            let issuer = try RawServer { _, _ in answer }
            let target = try RawServer { _, _ in RawServer.answer() }
            _ = try await Self.client(issuer).send(
                target.request, over: transport)
            #expect(
                target.received.first?.lines("Authorization") == ["Authorization: \(header)"])
        }
    }

    @Test("what is wrong is said, and the request is not sent")
    func failures() async throws {
        let cases = [
            (
                RawServer.answer(403, "not\nyou"),
                "oauth2: cannot fetch token: unexpected status code 403: not you"
            ),
            (RawServer.answer(200, "<html>"), "oauth2: cannot fetch token: cannot parse json"),
            (
                RawServer.answer(200, "{}"),
                "oauth2: cannot fetch token: server response missing access_token"
            ),
        ]
        let target = try RawServer { _, _ in RawServer.answer() }
        for (answer, message) in cases {
            let issuer = try RawServer { _, _ in answer }
            let error = await #expect(throws: ClientError.self) {
                try await Self.client(issuer).send(
                    target.request, over: transport)
            }
            #expect(error?.description == message)
        }
        let issuer = try RawServer { _, _ in Self.grant("t") }
        let error = await #expect(throws: ClientError.self) {
            let client = Self.client(
                issuer,
                change: {
                    $0.scopes = ["a"]
                    $0.parameters = [NamedText("scope", "b")]
                })
            _ = try await client.send(target.request, over: transport)
        }
        #expect(
            error?.description == "oauth2: cannot fetch token: cannot overwrite parameter \"scope\""
        )
        #expect(target.received.isEmpty)
    }
}
