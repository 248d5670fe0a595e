import Testing
import Transport

/// Answers that break off are none, and addresses are sent as Go sends them.
struct BrokenAnswerTests {
    private func send(
        _ answer: String, method: String = "GET", acceptsCompression: Bool = true
    ) async throws -> Result<Int, TransportError> {
        let server = try LoopbackServer { _ in .bytes(Array(answer.utf8)) }
        defer { server.stop() }
        var request = HTTPRequest(method: method, url: server.url)
        request.acceptsCompression = acceptsCompression
        if method == "POST" { request.body = Array("{}".utf8) }
        do throws(TransportError) {
            return .success(try await CurlTransport().send(request).status)
        } catch {
            return .failure(error)
        }
    }

    @Test(
        arguments: ["GET", "POST"],
        [
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
            "HTTP/1.1 200 OK\r\nContent-Type: text/pl",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "",
        ])
    func anAnswerThatBreaksOffIsAnError(method: String, answer: String) async throws {
        let result = try await send(answer, method: method)
        guard case .failure(let error) = result else {
            Issue.record("\(answer.debugDescription): \(result)")
            return
        }
        #expect(error.kind == .protocolError && error.message.contains("EOF"), "\(error)")
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\n", 200), ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n1\r\na\r\n0\r\nX-T: v\r\n\r\n",
            200
        ),
        ("HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n", 204),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
                + "Content-Encoding: gzip\r\n\r\n", 200
        ),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", 202),
    ])
    func anEmptyAnswerIsAnAnswer(answer: String, status: Int) async throws {
        #expect(try await send(answer).get() == status)
    }

    @Test(arguments: [
        ("/hook/Disk full", "/hook/Disk%20full"), ("/a%20b", "/a%20b"),
        ("/q\"{x}|^`", "/q%22%7Bx%7D%7C%5E%60"),
        ("/one/.././two/./three", "/one/.././two/./three"), ("/ä", "/%C3%A4"), ("/a\\b", "/a%5Cb"),
    ])
    func pathsAreSentAsGoSendsThem(path: String, sent: String) async throws {
        let server = try LoopbackServer { _ in .http("200 OK", body: []) }
        defer { server.stop() }
        _ = try await CurlTransport().send(HTTPRequest(url: server.url + path))
        #expect(server.received.first?.hasPrefix("GET \(sent) HTTP/1.1") == true)
    }

    @Test(arguments: ["407 Proxy Authentication Required", "403 Forbidden"])
    func aProxysRefusalIsNotTheTargets(status: String) async throws {
        let proxy = try LoopbackServer { _ in .http(status, body: Array("no".utf8)) }
        defer { proxy.stop() }
        var request = HTTPRequest(url: "https://target.example.org/metrics")
        request.proxyURL = proxy.url
        let error = await #expect(throws: TransportError.self) {
            try await CurlTransport().send(request)
        }
        #expect(error?.kind == .connect)
        #expect(error?.message == "the proxy refused to connect: \(status)")
    }

    @Test func whatIsNoURLIsNotSent() async throws {
        let error = await #expect(throws: TransportError.self) {
            try await CurlTransport().send(HTTPRequest(url: "http://u:hush@h:port/"))
        }
        #expect(error?.kind == .invalidRequest)
        #expect(error?.message.contains("invalid port \":port\" after host") == true)
        #expect(error?.message.contains("hush") == false)
    }
}
