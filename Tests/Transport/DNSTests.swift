import Foundation
import TestSupport
import Testing
import Transport

/// BIND on a free port of loopback with one zone.
private final class NameServer {
    static let program = ["/usr/sbin/named", "/usr/bin/named"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    let address: String
    private let process = Process()
    private let folder: URL

    /// Returns when it answers.
    init(zone: String) throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tocsin-dns-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let port = try Listener.freePort()
        address = "127.0.0.1:\(port)"
        try zone.write(
            to: folder.appendingPathComponent("zone"), atomically: true, encoding: .utf8)
        let configuration = """
            options {
                directory "\(folder.path)"; pid-file none; session-keyfile none;
                listen-on port \(port) { 127.0.0.1; }; listen-on-v6 { none; };
                recursion no; max-udp-size 512; minimal-responses yes; notify no; dnssec-validation no;
            };
            controls { };
            zone "test" { type master; file "zone"; };
            """
        let file = folder.appendingPathComponent("named.conf")
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        process.executableURL = URL(fileURLWithPath: try #require(NameServer.program))
        process.arguments = ["-g", "-n", "1", "-c", file.path]
        let log = Pipe()
        process.standardError = log
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        var said = ""
        while !said.contains(" running\n") {
            let more = log.fileHandleForReading.availableData
            if more.isEmpty { break }
            said += String(decoding: more, as: UTF8.self)
        }
        try #require(said.contains(" running\n"), "named did not start: \(said)")
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}

private let zone = """
    $TTL 60
    @ IN SOA ns.test. root.test. 1 60 60 60 60
    @ IN NS ns.test.
    @ IN NS ns2.test.
    @ IN MX 10 mail.test.
    ns IN A 127.0.0.1
    ns2 IN A 127.0.0.1
    mail IN A 127.0.0.9
    one IN A 127.0.0.2
    one IN A 127.0.0.3
    one IN AAAA ::1
    alias IN CNAME one
    _api._tcp IN SRV 0 0 8001 one.test.
    _api._tcp IN SRV 0 0 8002 two.test.
    \((1...90).map { "many IN A 10.0.\($0 / 250).\($0 % 250)" }.joined(separator: "\n"))

    """

@Suite struct DNSTests {
    @Test(
        .enabled(
            if: NameServer.program != nil,
            "NOT TESTED: there is no DNS server: install Debian's package bind9"))
    func aRealServerIsAsked() async throws {
        let server = try NameServer(zone: zone)
        defer { server.stop() }
        let resolver = CAresResolver(servers: [server.address])
        func look(_ name: String, _ type: DNSRecordType) async -> Set<DNSRecord>? {
            guard case .records(let records) = await resolver.look(up: [name], type: type)[0]
            else { return nil }
            return Set(records)
        }
        #expect(
            await look("one.test.", .a)
                == [DNSRecord(host: "127.0.0.2"), DNSRecord(host: "127.0.0.3")])
        #expect(await look("one.test.", .aaaa) == [DNSRecord(host: "::1")])
        #expect(await look("alias.test.", .a)?.count == 2)
        #expect(
            await look("_api._tcp.test.", .srv) == [
                DNSRecord(host: "one.test", port: 8001), DNSRecord(host: "two.test", port: 8002),
            ])
        #expect(await look("test.", .mx)?.map(\.host) == ["mail.test"])
        #expect(
            await look("test.", .ns) == [
                DNSRecord(host: "ns.test"), DNSRecord(host: "ns2.test"),
            ])
        // More than fits into a datagram: asked for again by TCP.
        #expect(await look("many.test.", .a)?.count == 90)
        // The name is there, the type is not; and a name that does not exist.
        #expect(await look("mail.test.", .aaaa) == [])
        #expect(await look("nowhere.test.", .a) == [])
        // Not the server's zone: it refuses, and so nothing is known.
        let answers = await resolver.look(up: ["elsewhere.example.", "one.test."], type: .a)
        guard case .failed(let reason) = answers[0] else {
            Issue.record("answered: \(answers[0])")
            return
        }
        #expect(reason.hasPrefix(#"could not resolve "elsewhere.example.": elsewhere.example. "#))
        guard case .records(let found) = answers[1] else {
            Issue.record("not answered")
            return
        }
        #expect(found.count == 2)
    }

    @Test func aServerThatDoesNotAnswerIsAFailure() async {
        // A port that nobody listens on.
        let answers = await CAresResolver(servers: ["127.0.0.1:9"]).look(up: ["a."], type: .a)
        guard case .failed = answers[0] else {
            Issue.record("answered: \(answers[0])")
            return
        }
    }
}
