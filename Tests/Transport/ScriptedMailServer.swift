import Foundation
import Glibc
import Synchronization

/// An SMTP server on loopback that can say whatever a test wants, or nothing.
final class ScriptedMailServer: Sendable {
    /// Where it stops answering.
    enum Phase: String, CaseIterable, Sendable {
        case banner, hello, auth, from, to, data, dot, quit
    }

    /// What it does when it has stopped.
    enum Manner: String, CaseIterable, Sendable {
        /// Nothing.
        case silence
        /// One byte after the other, without an end of the line.
        case drip
        /// A line without an end, as fast as it goes.
        case flood
    }

    let port: Int
    private let descriptor: Int32
    private let auth: String?
    private let accepted: Set<String>
    private let hangsAt: Phase?
    private let manner: Manner
    private let commands = Mutex<[String]>([])
    private let clients = Mutex<[Int32]>([])

    /// Everything that clients said, without the message itself.
    var received: [String] { commands.withLock { $0 } }
    /// The mechanisms that clients tried.
    var tried: [String] {
        received.filter { $0.hasPrefix("AUTH ") }.map { String($0.split(separator: " ")[1]) }
    }

    /// `auth` is the line behind `250-`; mechanisms that are not `accepted` get 504. It
    /// listens on 127.0.0.`last`.
    init(
        auth: String? = nil, accepted: Set<String> = ["PLAIN", "LOGIN", "CRAM-MD5"],
        hangsAt: Phase? = nil, manner: Manner = .silence, address last: UInt32 = 1
    ) throws {
        self.auth = auth
        self.accepted = accepted
        self.hangsAt = hangsAt
        self.manner = manner
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = (UInt32(0x7f00_0000) | last).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listener, $0, size) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        descriptor = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                clients.withLock { $0.append(client) }
                Thread.detachNewThread { [self] in
                    serve(client)
                    shutdown(client, Int32(SHUT_RDWR))
                }
            }
        }
    }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        for client in clients.withLock({ $0 }) { shutdown(client, Int32(SHUT_RDWR)) }
    }

    private func serve(_ client: Int32) {
        guard say("220 here", .banner, client) else { return }
        var reader = LineReader(descriptor: client)
        while let line = reader.next() {
            commands.withLock { $0.append(line) }
            let word = line.split(separator: " ").first.map { $0.uppercased() } ?? ""
            switch word {
            case "EHLO", "HELO":
                let offer = auth.map { "250-\($0)\r\n" } ?? ""
                guard say("250-here\r\n\(offer)250 8BITMIME", .hello, client) else { return }
            case "AUTH":
                guard logIn(line, client, &reader) else { return }
            case "MAIL": guard say("250 ok", .from, client) else { return }
            case "RCPT": guard say("250 ok", .to, client) else { return }
            case "DATA":
                guard say("354 go on", .data, client) else { return }
                while let text = reader.next(), text != "." {}
                commands.withLock { $0.append("(message)") }
                guard say("250 taken", .dot, client) else { return }
            case "QUIT":
                _ = say("221 bye", .quit, client)
                return
            default: guard write("250 ok\r\n", client) else { return }
            }
        }
    }

    private func logIn(_ line: String, _ client: Int32, _ reader: inout LineReader) -> Bool {
        if hangsAt == .auth { return say("", .auth, client) }
        let words = line.split(separator: " ")
        guard words.count > 1, accepted.contains(String(words[1])) else {
            return write("504 no such mechanism\r\n", client)
        }
        let prompts: [String] =
            switch (words[1], words.count) {
            case ("PLAIN", 2): [""]
            case ("LOGIN", 2): ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"]
            case ("LOGIN", _): ["UGFzc3dvcmQ6"]
            case ("CRAM-MD5", _): ["PDEuMkBoPg=="]
            default: []
            }
        for prompt in prompts {
            guard write("334 \(prompt)\r\n", client), let answer = reader.next() else {
                return false
            }
            commands.withLock { $0.append(answer) }
        }
        return write("235 ok\r\n", client)
    }

    /// Says it, unless this is where it hangs; then it goes on hanging until the client goes.
    private func say(_ text: String, _ phase: Phase, _ client: Int32) -> Bool {
        if phase != hangsAt { return write(text + "\r\n", client) }
        switch manner {
        case .silence: break
        case .flood:
            let much = String(repeating: "x", count: 4096)
            while write(much, client) {}
        case .drip:
            while write("2", client) { usleep(50_000) }
        }
        var byte: UInt8 = 0
        while unsafe recv(client, &byte, 1, 0) > 0 {}
        return false
    }

    private func write(_ text: String, _ client: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return unsafe send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}

private struct LineReader {
    let descriptor: Int32
    private var buffer: [UInt8] = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// The next line without its end; nil once the other side has gone.
    mutating func next() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0a) {
                let line = buffer[..<end].filter { $0 != 0x0d }
                buffer.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            buffer += chunk[..<count]
        }
    }
}
