import Foundation
import Model
import Testing
import Transport

@Suite struct HTTPTests {
    let transport = CurlTransport()

    private func failure(_ request: HTTPRequest) async -> TransportError? {
        do throws(TransportError) {
            _ = try await transport.send(request)
            return nil
        } catch {
            return error
        }
    }

    private func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        try #require(output(of: "/usr/bin/gzip", ["-c"], input: bytes))
    }

    @Test func returnsStatusHeadersAndBody() async throws {
        let server = try LoopbackServer { _ in
            .http("500 Internal Server Error", body: Array("no".utf8), headers: ["X-A:  b "])
        }
        defer { server.stop() }
        let response = try await transport.send(HTTPRequest(url: server.url + "/x?y=1"))
        #expect(response.status == 500)
        #expect(response.reason == "Internal Server Error")
        #expect(response.header("x-a") == "b")
        #expect(response.body == Array("no".utf8))
        let request = try #require(server.received.first)
        #expect(request.hasPrefix("GET /x?y=1 HTTP/1.1\r\n"))
        #expect(request.contains("User-Agent: Tocsin\r\n"))
        #expect(request.contains("Accept-Encoding: gzip\r\n"))
    }

    @Test func postsABodyWithCredentialsAndHeaders() async throws {
        let server = try LoopbackServer { _ in .http("200 OK", body: []) }
        defer { server.stop() }
        var request = HTTPRequest(
            method: "POST", url: server.url,
            headers: [.init("Content-Type", "application/json"), .init("X-Empty", "")],
            body: Array(#"{"a":1}"#.utf8))
        request.authorization = .bearer("top-secret")
        _ = try await transport.send(request)
        request.authorization = .basic(user: "a:b", password: "c")
        _ = try await transport.send(request)
        #expect(server.received.count == 2)
        let first = try #require(server.received.first)
        #expect(first.hasPrefix("POST / HTTP/1.1\r\n"))
        #expect(first.contains("Authorization: Bearer top-secret\r\n"))
        #expect(first.contains("Content-Type: application/json\r\n"))
        #expect(!first.contains("Expect:"))
        #expect(first.hasSuffix(#"{"a":1}"#))
        #expect(server.received[1].contains("Authorization: Basic YTpiOmM=\r\n"))
        #expect("\(request)".contains("c\"") == false)
    }

    @Test func followsRedirectsWhereAsked() async throws {
        let server = try LoopbackServer { request in
            request.hasPrefix("GET /from")
                ? .http("302 Found", body: Array("gone".utf8), headers: ["Location: /to"])
                : .http("200 OK", body: Array("here".utf8))
        }
        defer { server.stop() }
        var request = HTTPRequest(url: server.url + "/from")
        #expect(try await transport.send(request).body == Array("here".utf8))
        request.followsRedirects = false
        #expect(try await transport.send(request).status == 302)
    }

    @Test func aProxyIsToldWhatIsForItAlone() async throws {
        let proxy = try LoopbackServer { _ in .http("407 Proxy Authentication Required", body: []) }
        defer { proxy.stop() }
        var request = HTTPRequest(url: "https://target.example:8443/x")
        request.authorization = .bearer("for-the-target")
        request.headers = [.init("X-Target", "1")]
        request.proxyURL = proxy.url
        request.proxyHeaders = [.init("X-Proxy", "2")]
        await #expect(throws: TransportError.self) { try await CurlTransport().send(request) }
        let asked = try #require(proxy.received.first)
        #expect(asked.hasPrefix("CONNECT target.example:8443 "))
        #expect(asked.contains("X-Proxy: 2\r\n"))
        #expect(!asked.contains("X-Target"))
        #expect(!asked.contains("for-the-target"))
    }

    @Test func endlessRedirectsEnd() async throws {
        let server = try LoopbackServer { _ in
            .http("302 Found", body: [], headers: ["Location: /again"])
        }
        defer { server.stop() }
        let error = await failure(HTTPRequest(url: server.url))
        #expect(error?.message == "stopped after 10 redirects")
    }

    @Test func aServerThatHangsRunsIntoTheTimeout() async throws {
        let server = try LoopbackServer { _ in .hang }
        defer { server.stop() }
        var request = HTTPRequest(url: server.url)
        request.timeout = .milliseconds(80)
        let error = await failure(request)
        #expect(error?.kind == .timeout)
        #expect(error?.message == "timed out after 80ms")
    }

    @Test func aSlowDripRunsIntoTheTimeoutToo() async throws {
        let server = try LoopbackServer { _ in
            .endless(head: "HTTP/1.1 200 OK\r\n\r\n", [0x0a])
        }
        defer { server.stop() }
        var request = HTTPRequest(url: server.url)
        request.timeout = .milliseconds(80)
        #expect(await failure(request)?.kind == .timeout)
    }

    @Test func aServerThatClosesIsAProtocolError() async throws {
        let server = try LoopbackServer { _ in .close }
        defer { server.stop() }
        #expect(await failure(HTTPRequest(url: server.url))?.kind == .protocolError)
    }

    @Test func refusedConnectionsAndUnknownNamesAreTold() async throws {
        let server = try LoopbackServer { _ in .close }
        let port = server.port
        server.stop()
        // Port 1 of loopback has nobody, and needs no ephemeral port to stay free.
        let refused = await failure(HTTPRequest(url: "http://user:pw@127.0.0.1:1/metrics"))
        #expect(refused?.kind == .connect)
        #expect(refused?.message == "connect to 127.0.0.1:1: connection refused")
        let unknown = await failure(HTTPRequest(url: "http://no-such-host.invalid:\(port)/"))
        #expect(unknown?.kind == .resolve)
        #expect(unknown?.message == "lookup no-such-host.invalid: no such host")
    }

    @Test func bodiesOverTheLimitAreRefused() async throws {
        let server = try LoopbackServer { _ in
            .endless(head: "HTTP/1.1 200 OK\r\n\r\n", [UInt8](repeating: 0x41, count: 65_536))
        }
        defer { server.stop() }
        var request = HTTPRequest(url: server.url)
        request.maximumBodyBytes = 1_000_000
        let error = await failure(request)
        #expect(error?.kind == .tooLarge(limit: 1_000_000))
        #expect(error?.message == "the body is larger than 1000000 bytes")
    }

    @Test func endlessHeadersAreRefused() async throws {
        let line = Array(("X-Line: " + String(repeating: "a", count: 1000) + "\r\n").utf8)
        let server = try LoopbackServer { _ in .endless(head: "HTTP/1.1 200 OK\r\n", line) }
        defer { server.stop() }
        let error = await failure(HTTPRequest(url: server.url))
        #expect(error?.kind == .tooLarge(limit: HTTPRequest.maximumHeaderBytes))
    }

    @Test func decompressesGzip() async throws {
        let body = Array(String(repeating: "up 1\n", count: 100_000).utf8)
        let packed = try gzip(body) + gzip(Array("end".utf8))
        let server = try LoopbackServer { _ in
            .http("200 OK", body: packed, headers: ["Content-Encoding: gzip"])
        }
        defer { server.stop() }
        let response = try await transport.send(HTTPRequest(url: server.url))
        #expect(response.body == body + Array("end".utf8))
        #expect(response.transferredBytes == packed.count)
        var plain = HTTPRequest(url: server.url)
        plain.acceptsCompression = false
        #expect(try await transport.send(plain).body == packed)
    }

    @Test func aGzipBombStopsAtTheLimit() async throws {
        let bomb = try gzip([UInt8](repeating: 0, count: 50_000_000))
        let server = try LoopbackServer { _ in
            .http("200 OK", body: bomb, headers: ["Content-Encoding: gzip"])
        }
        defer { server.stop() }
        var request = HTTPRequest(url: server.url)
        request.maximumBodyBytes = 1_000_000
        #expect(await failure(request)?.kind == .tooLarge(limit: 1_000_000))
    }

    @Test(arguments: [1, 10, 20, 200]) func truncatedGzipIsAnError(missing: Int) async throws {
        let packed = try gzip((0..<2000).flatMap { Array("\($0) \($0 &* 7919)\n".utf8) })
        let server = try LoopbackServer { _ in
            .http(
                "200 OK", body: packed.dropLast(missing), headers: ["Content-Encoding: gzip"])
        }
        defer { server.stop() }
        let error = await failure(HTTPRequest(url: server.url))
        #expect(error?.message == "gzip: unexpected end of the body")
    }

    @Test func whatIsNoGzipIsAnError() async throws {
        let server = try LoopbackServer { _ in
            .http("200 OK", body: Array("up 1\n".utf8), headers: ["Content-Encoding: gzip"])
        }
        defer { server.stop() }
        #expect(await failure(HTTPRequest(url: server.url))?.message == "gzip: invalid data")
    }

    @Test func aBodyShorterThanItsLengthIsAnError() async throws {
        let server = try LoopbackServer { _ in
            .bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".utf8))
        }
        defer { server.stop() }
        let error = await failure(HTTPRequest(url: server.url))
        #expect(error?.kind == .protocolError)
        #expect(error?.message.hasPrefix("unexpected EOF") == true)
    }

    @Test func cancellationEndsATransferAndNothingElse() async throws {
        let server = try LoopbackServer { request in
            request.hasPrefix("GET /hang") ? .hang : .http("200 OK", body: [0x61])
        }
        defer { server.stop() }
        let url = server.url
        let hanging = Task { await failure(HTTPRequest(url: url + "/hang")) }
        let other = try await transport.send(HTTPRequest(url: url))
        hanging.cancel()
        #expect(await hanging.value?.kind == .cancelled)
        #expect(other.body == [0x61])
        #expect(try await transport.send(HTTPRequest(url: url)).status == 200)
    }

    @Test func shutdownEndsWhatIsUnderWay() async throws {
        let server = try LoopbackServer { _ in .hang }
        defer { server.stop() }
        let url = server.url
        let hanging = Task { await failure(HTTPRequest(url: url)) }
        transport.shutdown()
        #expect(await hanging.value?.kind == .cancelled)
        #expect(await failure(HTTPRequest(url: url))?.message == "the transport is shut down")
    }

    @Test func manyTransfersAtOnce() async throws {
        let server = try LoopbackServer { _ in .http("200 OK", body: [0x61]) }
        defer { server.stop() }
        let url = server.url
        let statuses = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { (try? await transport.send(HTTPRequest(url: url)).status) ?? 0 }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == [Int](repeating: 200, count: 100))
    }

    @Test(arguments: ["ftp://127.0.0.1/", "not a url", "http://a b/", "file:///etc/passwd"])
    func badURLsAreRefused(url: String) async throws {
        #expect(await failure(HTTPRequest(url: url))?.kind == .invalidRequest)
    }

    @Test func lineBreaksCannotBeSmuggledIn() async throws {
        let request = HTTPRequest(
            url: "http://127.0.0.1:1/", headers: [.init("A", "b\r\nC: d")])
        #expect(await failure(request)?.message == "the header A contains a line break")
    }
}
