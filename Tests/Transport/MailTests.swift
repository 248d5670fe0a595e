import Foundation
import Synchronization
import Testing
import Transport

/// aiosmtpd on an ephemeral port, which prints every message it takes as a line of JSON.
private final class MailServer {
    static let python = "/usr/bin/python3"
    static let isInstalled = output(of: python, ["-c", "import aiosmtpd"]) != nil

    let port: Int
    private let process = Process()
    private let lines: Pipe

    static let program = #"""
        import json, socket, ssl, sys
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult
        mode, cert, key = sys.argv[1:4]
        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith('unknown'):
                    return '550 5.1.1 no such user here'
                if address.startswith('busy'):
                    return '451 4.3.0 try again later'
                envelope.rcpt_tos.append(address)
                return '250 OK'
            async def handle_DATA(self, server, session, envelope):
                print(json.dumps({'from': envelope.mail_from, 'to': envelope.rcpt_tos,
                    'data': envelope.content.decode(), 'tls': session.ssl is not None or mode == 'implicit',
                    'hello': session.host_name, 'authenticated': session.authenticated}), flush=True)
                return '250 queued as 42'
        def check(server, session, envelope, mechanism, data):
            ok = data.login == b'user' and data.password == b'pass-word'
            return AuthResult(success=ok, handled=False if not ok else True)
        context = None
        if mode != 'plain':
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert, key)
        probe = socket.socket(); probe.bind(('127.0.0.1', 0)); port = probe.getsockname()[1]; probe.close()
        controller = Controller(Handler(), hostname='127.0.0.1', port=port,
            ssl_context=context if mode == 'implicit' else None,
            tls_context=context if mode == 'starttls' else None,
            authenticator=check, auth_require_tls=False)
        controller.start()
        print(port, flush=True)
        sys.stdin.read()
        controller.stop()
        """#

    init(_ mode: String, _ identity: Identity? = nil) throws {
        lines = Pipe()
        process.executableURL = URL(fileURLWithPath: MailServer.python)
        process.arguments = [
            "-c", MailServer.program, mode, identity?.certificate ?? "", identity?.key ?? "",
        ]
        process.standardInput = Pipe()
        process.standardOutput = lines
        process.standardError = FileHandle.nullDevice
        try process.run()
        port = try #require(Int(MailServer.line(lines)))
    }

    func stop() { process.terminate() }

    func message() throws -> [String: Any] {
        let json = try JSONSerialization.jsonObject(with: Data(MailServer.line(lines).utf8))
        return try #require(json as? [String: Any])
    }

    private static func line(_ pipe: Pipe) -> String {
        var bytes: [UInt8] = []
        while let byte = pipe.fileHandleForReading.readData(ofLength: 1).first, byte != 0x0a {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A self-signed certificate for `localhost`, made by the openssl program.
private struct Identity {
    let certificate: String
    let key: String
    static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    init() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("identity-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appendingPathComponent("cert.pem").path
        key = folder.appendingPathComponent("key.pem").path
        _ = try #require(
            output(
                of: "/usr/bin/openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
                ]))
    }

    func remove() {
        let folder = URL(fileURLWithPath: certificate).deletingLastPathComponent()
        try? FileManager.default.removeItem(at: folder)
    }
}

@Suite(.enabled(if: MailServer.isInstalled, "python3-aiosmtpd is not installed"))
struct MailTests {
    let transport = CurlTransport()

    private func mail(
        _ port: Int, _ encryption: MailMessage.Encryption = .none, host: String = "127.0.0.1",
        to: [String] = ["b@example.org", "c@example.org"]
    ) -> MailMessage {
        MailMessage(
            host: host, port: port, encryption: encryption, from: "a@example.org", to: to,
            content: Array("Subject: x\r\n\r\nhello\r\n.\r\n..dots\r\n".utf8))
    }

    private func failure(_ mail: MailMessage) async -> TransportError? {
        do throws(TransportError) {
            _ = try await transport.send(mail)
            return nil
        } catch {
            return error
        }
    }

    @Test func deliversAMessageAsItIs() async throws {
        let server = try MailServer("plain")
        defer { server.stop() }
        var message = mail(server.port)
        message.helloName = "tocsin.example.org"
        let receipt = try await transport.send(message)
        #expect(receipt.code == 250)
        #expect(receipt.reply == "queued as 42")
        let got = try server.message()
        #expect(got["from"] as? String == "a@example.org")
        #expect(got["to"] as? [String] == ["b@example.org", "c@example.org"])
        #expect(got["data"] as? String == "Subject: x\r\n\r\nhello\r\n.\r\n..dots\r\n")
        #expect(got["hello"] as? String == "tocsin.example.org")
        #expect(got["tls"] as? Bool == false)
    }

    @Test func logsIn() async throws {
        let server = try MailServer("plain")
        defer { server.stop() }
        var message = mail(server.port)
        message.credentials = MailCredentials(user: "user", password: "pass-word")
        #expect(try await transport.send(message).code == 250)
        #expect(try server.message()["authenticated"] as? Bool == true)
    }

    @Test func aRefusedLoginIsToldWithoutThePassword() async throws {
        let server = try MailServer("plain")
        defer { server.stop() }
        var message = mail(server.port)
        message.credentials = MailCredentials(user: "user", password: "wrong-word")
        let error = try #require(await failure(message))
        #expect(error.kind == .smtp(code: 535))
        #expect(error.message.hasPrefix("the server refused the login: 535"))
        #expect(!error.message.contains("wrong-word"))
        #expect(!"\(message)".contains("wrong-word"))
    }

    @Test(arguments: [
        ("unknown@example.org", 550, "the server said: 550 5.1.1 no such user here", false),
        ("busy@example.org", 451, "the server said: 451 4.3.0 try again later", true),
    ]) func refusedRecipientsAreTold(
        address: String, code: Int, text: String, isTemporary: Bool
    ) async throws {
        let server = try MailServer("plain")
        defer { server.stop() }
        let error = try #require(await failure(mail(server.port, to: [address])))
        #expect(error.kind == .smtp(code: code))
        #expect(error.message == text)
        #expect(error.isTemporary == isTemporary)
    }

    @Test func startTLSThatIsNotOfferedSendsNothing() async throws {
        let server = try MailServer("plain")
        defer { server.stop() }
        let error = try #require(await failure(mail(server.port, .startTLS)))
        #expect(error.kind == .tls)
        #expect(try await transport.send(mail(server.port, .startTLSIfOffered)).code == 250)
    }

    @Test(
        .enabled(if: Identity.isPossible, "openssl is not installed"),
        arguments: [("starttls", MailMessage.Encryption.startTLS), ("implicit", .implicit)])
    func encryptsAndChecksTheCertificate(
        mode: String, encryption: MailMessage.Encryption
    ) async throws {
        let identity = try Identity()
        defer { identity.remove() }
        let server = try MailServer(mode, identity)
        defer { server.stop() }
        var message = mail(server.port, encryption, host: "localhost")
        #expect(await failure(message)?.kind == .tls)
        message.tls.caFile = identity.certificate
        #expect(try await transport.send(message).code == 250)
        #expect(try server.message()["tls"] as? Bool == true)
        // By address the certificate's name does not fit, unless it is asked for by name.
        message.host = "127.0.0.1"
        #expect(await failure(message)?.kind == .tls)
        message.tls.serverName = "localhost"
        #expect(try await transport.send(message).code == 250)
        message.tls = TLSOptions()
        message.tls.insecureSkipVerify = true
        #expect(try await transport.send(message).code == 250)
        message.tls = TLSOptions()
        message.tls.ca = try String(contentsOfFile: identity.certificate, encoding: .utf8)
        message.host = "localhost"
        #expect(try await transport.send(message).code == 250)
    }
}

@Suite struct MailRefusalTests {
    @Test func nobodyListening() async throws {
        let mail = MailMessage(
            host: "127.0.0.1", port: 1, encryption: .none, from: "a@b", to: ["c@d"], content: [])
        await #expect(
            throws: TransportError(.connect, "connect to 127.0.0.1:1: connection refused")
        ) { try await CurlTransport().send(mail) }
    }

    @Test func commandsCannotBeSmuggledIn() async throws {
        let mail = MailMessage(
            host: "127.0.0.1", port: 1, encryption: .none, from: "a@b",
            to: ["c@d>\r\nRCPT TO:<e@f"], content: [])
        await #expect(
            throws: TransportError(.invalidRequest, "an address contains a line break")
        ) { try await CurlTransport().send(mail) }
    }
}
