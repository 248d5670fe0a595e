import Configuration
import HTTPClient
import Model
import Testing
import Transport

/// As Prometheus's and Alertmanager's common client does it.
@Suite("What http_config means for a request")
struct RequestTests {
    private let transport = CurlTransport()

    private func sent(
        _ request: HTTPRequest, files: FileAccess = .memory([:]),
        _ change: (inout HTTPClientConfiguration) -> Void
    ) async throws -> String {
        let server = try RawServer { _, _ in RawServer.answer() }
        defer { server.stop() }
        var (request, configuration) = (request, HTTPClientConfiguration())
        request.url = server.url + request.url
        change(&configuration)
        let client = ConfiguredClient(configuration, files: files)
        _ = try await client.send(request, over: transport)
        return try #require(server.received.first)
    }

    @Test("configured headers stand beside the request's own")
    func headersAreAdded() async throws {
        var request = HTTPRequest(url: "/x")
        request.headers = [.init("Accept-Language", "en")]
        let text = try await sent(request, files: .memory(["/language": " fr\n"])) {
            $0.headers = [
                HTTPHeader("accept-language", [Secret("de"), Secret(file: "/language")]),
                HTTPHeader("X-Scope", [Secret("team")]),
            ]
        }
        #expect(
            text.lines("accept-language") == [
                "Accept-Language: en", "accept-language: de", "accept-language: fr",
            ])
        #expect(text.lines("X-Scope") == ["X-Scope: team"])
    }

    @Test("an authorization without credentials is sent")
    func emptyCredentials() async throws {
        for (type, line) in [("Bearer", "Authorization: Bearer"), ("Key", "Authorization: Key")] {
            let text = try await sent(HTTPRequest(url: "/")) {
                $0.authorization = Authorization(type: type)
            }
            #expect(text.lines("Authorization") == [line])
        }
    }

    @Test("an authorization that the request has stays")
    func ownAuthorizationStays() async throws {
        var request = HTTPRequest(url: "/")
        request.headers = [.init("authorization", "GenieKey k")]
        let text = try await sent(request) {
            $0.basicAuth = BasicAuth(username: Secret("u"), password: Secret("p"))
        }
        #expect(text.lines("Authorization") == ["authorization: GenieKey k"])
        request.headers = []
        request.authorization = .bearer("own")
        let other = try await sent(request) {
            $0.authorization = Authorization(credentials: Secret("configured"))
        }
        #expect(other.lines("Authorization") == ["Authorization: Bearer own"])
    }

    @Test("secrets are read for each request")
    func secretsRotate() async throws {
        let server = try RawServer { _, _ in RawServer.answer() }
        defer { server.stop() }
        let files = ScriptedFiles(["/user": "u\n", "/password": "one\n"])
        var configuration = HTTPClientConfiguration()
        configuration.basicAuth = BasicAuth(
            username: Secret(file: "/user"), password: Secret(file: "/password"))
        let client = ConfiguredClient(configuration, files: files.access)
        _ = try await client.send(server.request, over: transport)
        files.write("/password", "two\n")
        _ = try await client.send(server.request, over: transport)
        #expect(
            server.received.map { $0.lines("Authorization") } == [
                ["Authorization: Basic dTpvbmU="], ["Authorization: Basic dTp0d28="],
            ])
    }

    @Test("a secret that is not there is named, and nothing is sent")
    func missingSecret() async throws {
        let server = try RawServer { _, _ in RawServer.answer() }
        defer { server.stop() }
        for change: (inout HTTPClientConfiguration) -> Void in [
            { $0.authorization = Authorization(credentials: Secret(file: "/none")) },
            { $0.tls.ca = Secret(file: "/none") },
            { $0.proxyURL = Secret(file: "/none") },
            { $0.headers = [HTTPHeader("X", [Secret(file: "/none")])] },
        ] {
            var configuration = HTTPClientConfiguration()
            change(&configuration)
            let client = ConfiguredClient(configuration, files: .memory([:]))
            let error = await #expect(throws: ClientError.self) {
                try await client.send(server.request, over: transport)
            }
            #expect(
                error?.description
                    == "unable to read secret file /none: no such file or directory")
        }
        #expect(server.received.isEmpty)
    }

    @Test("headers for a proxy go to the proxy, and only where it is asked to connect")
    func proxyHeaders() async throws {
        let proxy = try RawServer { _, _ in RawServer.answer(502) }
        defer { proxy.stop() }
        var configuration = HTTPClientConfiguration()
        configuration.proxyURL = Secret(proxy.url)
        configuration.proxyConnectHeaders = [HTTPHeader("X-Proxy", [Secret("key")])]
        configuration.authorization = Authorization(credentials: Secret("token"))
        let client = ConfiguredClient(configuration, files: .memory([:]))
        _ = try? await client.send(HTTPRequest(url: "https://target.example/"), over: transport)
        _ = try await client.send(HTTPRequest(url: "http://target.example/"), over: transport)
        let asked = proxy.received
        try #require(asked.count == 2)
        #expect(asked[0].hasPrefix("CONNECT target.example:443 "))
        #expect(asked[0].lines("X-Proxy") == ["X-Proxy: key"])
        #expect(asked[0].lines("Authorization").isEmpty)
        #expect(asked[1].hasPrefix("GET http://target.example/ "))
        #expect(asked[1].lines("X-Proxy").isEmpty)
        #expect(asked[1].lines("Authorization") == ["Authorization: Bearer token"])
    }

    @Test("credentials do not follow a redirect to another host")
    func redirects() async throws {
        let other = try RawServer { _, _ in RawServer.answer() }
        defer { other.stop() }
        let place = "Location: http://localhost:\(other.port)/"
        let server = try RawServer { _, _ in RawServer.answer(302, headers: [place]) }
        defer { server.stop() }
        var configuration = HTTPClientConfiguration()
        configuration.authorization = Authorization(credentials: Secret("token"))
        configuration.headers = [HTTPHeader("Cookie", [Secret("c=1")])]
        let client = ConfiguredClient(configuration)
        let answer = try await client.send(server.request, over: transport)
        #expect(answer.status == 200)
        #expect(server.received.first?.lines("Authorization").count == 1)
        let redirected = try #require(other.received.first)
        #expect(redirected.lines("Authorization").isEmpty)
        #expect(redirected.lines("Cookie").isEmpty)
        configuration.followRedirects = false
        let still = ConfiguredClient(configuration)
        #expect(try await still.send(server.request, over: transport).status == 302)
    }
}
