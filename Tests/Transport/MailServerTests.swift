import Synchronization
import Testing
import Transport

/// How servers are logged in to, and what those cost that hang.
struct MailServerTests {
    private func mail(_ port: Int, host: String = "127.0.0.1") -> MailMessage {
        MailMessage(
            host: host, port: port, encryption: .none, from: "a@example.org", to: ["b@example.org"],
            content: Array("Subject: x\r\n\r\nhello\r\n".utf8))
    }

    /// One that can log in either way.
    private static let both = MailCredentials(user: "u", password: "p-word", secret: "s-ecret")
    private static let password = MailCredentials(user: "u", password: "p-word")
    private static let secret = MailCredentials(user: "u", secret: "s-ecret")

    // Alertmanager 0.32 takes the server's first mechanism that it knows and has the secret for.
    @Test(arguments: [
        ("AUTH GSSAPI NTLM LOGIN", password, "LOGIN"), ("AUTH NTLM LOGIN", password, "LOGIN"),
        ("AUTH DIGEST-MD5 PLAIN", password, "PLAIN"),
        ("AUTH CRAM-MD5 PLAIN LOGIN", password, "PLAIN"),
        ("AUTH LOGIN PLAIN", password, "LOGIN"),
        ("AUTH PLAIN CRAM-MD5", both, "PLAIN"), ("AUTH CRAM-MD5 PLAIN", both, "CRAM-MD5"),
        ("AUTH CRAM-MD5", both, "CRAM-MD5"), ("AUTH PLAIN CRAM-MD5", secret, "CRAM-MD5"),
        ("AUTH XOAUTH2 LOGIN", both, "LOGIN"),
    ])
    func theServersFirstKnownMechanismIsTaken(
        offer: String, credentials: MailCredentials, mechanism: String
    ) async throws {
        let server = try ScriptedMailServer(auth: offer)
        defer { server.stop() }
        var message = mail(server.port)
        message.credentials = credentials
        #expect(try await CurlTransport().send(message).code == 250)
        #expect(server.tried == [mechanism])
        #expect(server.received.contains("(message)"))
        if mechanism == "CRAM-MD5" {
            // The keyed hash of the challenge, by the secret and not by the password.
            #expect(server.received.contains("dSAwMGJiOWNhOGUyYmMzNTdlNjcxZDk1MTM3NWQ0ZTFjMA=="))
        }
    }

    @Test func aServerWithoutAuthenticationGetsTheMessageAsItIs() async throws {
        let server = try ScriptedMailServer()
        defer { server.stop() }
        var message = mail(server.port)
        message.credentials = Self.both
        #expect(try await CurlTransport().send(message).code == 250)
        #expect(server.tried == [])
    }

    @Test(arguments: [
        ("AUTH GSSAPI NTLM", password, "unknown auth mechanism: GSSAPI"),
        ("AUTH CRAM-MD5", password, "missing secret for CRAM-MD5 auth mechanism"),
        ("AUTH PLAIN LOGIN", secret, "missing password for PLAIN auth mechanism"),
    ])
    func whereNoMechanismFitsNothingIsSent(
        offer: String, credentials: MailCredentials, reason: String
    ) async throws {
        let server = try ScriptedMailServer(auth: offer)
        defer { server.stop() }
        var message = mail(server.port)
        message.credentials = credentials
        let error = await #expect(throws: TransportError.self) {
            try await CurlTransport().send(message)
        }
        #expect(error?.message.contains(reason) == true)
        #expect(!server.received.contains { $0.hasPrefix("MAIL") })
    }

    @Test func aPasswordDoesNotGoToAnotherMachineInTheClear() async throws {
        let server = try ScriptedMailServer(auth: "AUTH PLAIN LOGIN", address: 2)
        defer { server.stop() }
        // Another name of this machine, which is none of those that are known to be this one.
        var message = mail(server.port, host: "127.0.0.2")
        message.credentials = Self.password
        let error = await #expect(throws: TransportError.self) {
            try await CurlTransport().send(message)
        }
        #expect(error?.message.contains("unencrypted connection") == true)
        #expect(server.tried == [])
    }

    @Test func serversAreAskedOnceForWhatTheyOffer() async throws {
        let server = try ScriptedMailServer(auth: "AUTH LOGIN")
        defer { server.stop() }
        let transport = CurlTransport()
        var message = mail(server.port)
        message.credentials = Self.password
        for _ in 0..<3 { #expect(try await transport.send(message).code == 250) }
        #expect(server.received.count { $0.hasPrefix("EHLO") } == 4)
    }

    // MARK: Servers that hang

    @Test(arguments: ScriptedMailServer.Phase.allCases, ScriptedMailServer.Manner.allCases)
    func aServerThatHangsDelaysNoOther(
        phase: ScriptedMailServer.Phase, manner: ScriptedMailServer.Manner
    ) async throws {
        let bad = try ScriptedMailServer(auth: "AUTH LOGIN", hangsAt: phase, manner: manner)
        let good = try ScriptedMailServer()
        defer {
            bad.stop()
            good.stop()
        }
        let transport = CurlTransport()
        var hanging = mail(bad.port)
        hanging.credentials = Self.password
        // Longer than any test: what the good server gets must not wait for it.
        hanging.timeout = .seconds(600)
        let lost = hanging
        let ended = Counter()
        await withTaskGroup(of: Void.self) { group in
            // More than one server's share of the threads.
            for _ in 0..<8 {
                group.addTask {
                    let code = try? await transport.send(lost).code
                    // What hangs at QUIT has taken the message.
                    if phase != .quit || code != 250 { ended.add() }
                }
            }
            for _ in 0..<3 { _ = try? await transport.send(mail(good.port)) }
            #expect(good.received.count { $0 == "(message)" } == 3)
            // A server that floods is refused before its time is up.
            if manner != .flood { #expect(ended.value == 0) }
            group.cancelAll()
        }
    }

    @Test func nobodyWaitsForTheAnswerToQuit() async throws {
        let server = try ScriptedMailServer(hangsAt: .quit)
        defer { server.stop() }
        let transport = CurlTransport()
        // More in turn than one server may have under way at once.
        for _ in 0..<12 { #expect(try await transport.send(mail(server.port)).code == 250) }
        #expect(server.received.count { $0 == "(message)" } == 12)
    }

    @Test(arguments: ScriptedMailServer.Manner.allCases)
    func anAnswerThatDoesNotComeIsATimeOut(manner: ScriptedMailServer.Manner) async throws {
        let server = try ScriptedMailServer(hangsAt: .dot, manner: manner)
        defer { server.stop() }
        var message = mail(server.port)
        message.timeout = .seconds(1)
        let error = await #expect(throws: TransportError.self) {
            try await CurlTransport().send(message)
        }
        #expect(error?.kind == .timeout || error?.kind == .protocolError)
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add() { count.withLock { $0 += 1 } }
}
