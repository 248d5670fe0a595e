import Foundation
import Testing
import Transport

@Suite("A streamed response", .timeLimit(.minutes(1))) struct StreamTests {
    let transport = CurlTransport()
    private static let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n"

    private func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
    }

    /// Takes pieces until at least `count` bytes have come.
    private func take(
        _ count: Int, from stream: HTTPStream
    ) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, let piece = try await stream.next() { bytes += piece }
        return bytes
    }

    private func kind(
        of body: () async throws(TransportError) -> Void
    ) async -> TransportError.Kind? {
        do throws(TransportError) {
            try await body()
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func arrivesPieceByPiece() async throws {
        let script = Script()
        let server = try LoopbackServer { _ in .script(script) }
        defer { server.stop() }
        script.say(Self.head)
        // The status is there before any byte of the body is.
        let stream = try await transport.stream(HTTPRequest(url: server.url))
        #expect(stream.status == 200)
        #expect(stream.headers.contains { $0.name == "X-A" && $0.value == "b" })
        script.say(chunk(Array("one".utf8)))
        #expect(try await take(3, from: stream) == Array("one".utf8))
        script.say(chunk(Array("two".utf8)))
        #expect(try await take(3, from: stream) == Array("two".utf8))
        script.say("0\r\n\r\n")
        script.finish()
        #expect(try await stream.next() == nil)
    }

    @Test func isDecompressedAsItArrives() async throws {
        let text = Array(String(repeating: "event\n", count: 1000).utf8)
        let gzip = try #require(output(of: "/usr/bin/gzip", ["-c"], input: text))
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        let body = gzip.map { chunk([$0]) }.joined() + Array("0\r\n\r\n".utf8)
        let server = try LoopbackServer { _ in .bytes(Array(head.utf8) + body) }
        defer { server.stop() }
        let stream = try await transport.stream(HTTPRequest(url: server.url))
        #expect(try await stream.rest(limit: 100_000) == text)
    }

    @Test func waitsWhereNobodyTakesIt() async throws {
        let pattern = (0..<(64 << 10)).map { UInt8(truncatingIfNeeded: $0 >> 4) }
        let server = try LoopbackServer { _ in
            .endless(head: "HTTP/1.1 200 OK\r\n\r\n", pattern)
        }
        defer { server.stop() }
        let stream = try await transport.stream(HTTPRequest(url: server.url))
        let size = 8 << 20
        let bytes = try await take(size, from: stream)
        // It came in order and whole, over many pauses; what is ahead of the taker is bounded.
        #expect(bytes.count < size + (2 << 20))
        let isInOrder = stride(from: 0, to: size, by: pattern.count).allSatisfy {
            bytes[$0..<($0 + pattern.count)].elementsEqual(pattern)
        }
        #expect(isInOrder)
    }

    @Test func saysThatItBrokeOff() async throws {
        let server = try LoopbackServer { _ in .bytes(Array((Self.head + "5\r\nhal").utf8)) }
        defer { server.stop() }
        let stream = try await transport.stream(HTTPRequest(url: server.url))
        let kind = await kind { () throws(TransportError) in
            while try await stream.next() != nil {}
        }
        #expect(kind == .protocolError)
    }

    @Test func failsWhereNobodyAnswers() async throws {
        let server = try LoopbackServer { _ in .close }
        defer { server.stop() }
        let kind = await kind { () throws(TransportError) in
            _ = try await transport.stream(HTTPRequest(url: server.url))
        }
        #expect(kind == .protocolError)
    }

    @Test func endsInSilence() async throws {
        let script = Script(isOpenEnded: true)
        let server = try LoopbackServer { _ in .script(script) }
        defer { server.stop() }
        script.say(Self.head)
        script.finish()
        var request = HTTPRequest(url: server.url)
        request.timeout = .seconds(1)
        let stream = try await transport.stream(request)
        do {
            _ = try await stream.next()
            Issue.record("nothing came, and it did not end")
        } catch {
            #expect(error == TransportError(.timeout, "nothing came for 1s"))
        }
        await script.untilHangUp()
    }

    @Test func hangsUpWhereTheTaskIsCancelled() async throws {
        let script = Script(isOpenEnded: true)
        let server = try LoopbackServer { _ in .script(script) }
        defer { server.stop() }
        script.say(Self.head)
        script.say(chunk([1]))
        script.finish()
        let transport = transport
        let (begun, sink) = AsyncStream<Void>.makeStream()
        let task = Task {
            let stream = try await transport.stream(HTTPRequest(url: server.url))
            while try await stream.next() != nil { sink.yield() }
        }
        for await _ in begun { break }
        task.cancel()
        await #expect(throws: TransportError(.cancelled, "cancelled")) { try await task.value }
        await script.untilHangUp()
    }

    @Test func hangsUpWhereNobodyHoldsIt() async throws {
        let script = Script(isOpenEnded: true)
        let server = try LoopbackServer { _ in .script(script) }
        defer { server.stop() }
        script.say(Self.head)
        script.finish()
        _ = try await transport.stream(HTTPRequest(url: server.url))
        await script.untilHangUp()
    }

    @Test func endsWithTheTransport() async throws {
        let script = Script(isOpenEnded: true)
        let server = try LoopbackServer { _ in .script(script) }
        defer { server.stop() }
        script.say(Self.head)
        script.finish()
        let transport = CurlTransport()
        let stream = try await transport.stream(HTTPRequest(url: server.url))
        transport.shutdown()
        let kind = await kind { () throws(TransportError) in _ = try await stream.next() }
        #expect(kind == .cancelled)
    }

    @Test func beginsBehindRedirects() async throws {
        let server = try LoopbackServer { request in
            request.hasPrefix("GET /a ")
                ? .http("302 Found", body: Array("moved".utf8), headers: ["Location: /b"])
                : .http("200 OK", body: Array("here".utf8), headers: ["X-B: c"])
        }
        defer { server.stop() }
        let stream = try await transport.stream(HTTPRequest(url: server.url + "/a"))
        #expect(stream.status == 200 && stream.headers.contains { $0.name == "X-B" })
        #expect(try await stream.rest(limit: 10) == Array("here".utf8))
    }

    @Test func isCutIntoLinesOfALimitedLength() throws {
        var lines = LineSplitter(maximumLineBytes: 4)
        #expect(try lines.take(Array("a\nb".utf8)) == [[0x61]])
        #expect(try lines.take(Array("c\n\nd".utf8)) == [[0x62, 0x63]])
        #expect(throws: TransportError.self) { try lines.take(Array("efgh".utf8)) }
        #expect(lines.finish() == [0x64])
        #expect(lines.finish() == nil)
    }
}
