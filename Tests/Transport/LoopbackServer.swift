import Foundation
import Glibc
import Synchronization

/// A tiny HTTP server on an ephemeral port of loopback, for one test.
///
/// Each connection is served by a thread of its own: the head of a request is read, the test says
/// what is sent back, and the connection is closed.
final class LoopbackServer: Sendable {
    /// What a request is answered with.
    enum Answer: Sendable {
        case bytes([UInt8])
        /// A status line with headers, and the body with its length.
        case http(String, body: [UInt8], headers: [String] = [])
        /// The same bytes over and over until the other side hangs up.
        case endless(head: String, [UInt8])
        /// What the test says, when it says it.
        case script(Script)
        /// Nothing, until the server stops.
        case hang
        case close
    }

    let port: UInt16
    private let descriptor: Int32
    private let open = Mutex<(descriptors: [Int32], isStopped: Bool)>(([], false))
    private let requests = Mutex<[String]>([])

    var url: String { "http://127.0.0.1:\(port)" }
    /// The heads and bodies of the requests so far.
    var received: [String] { requests.withLock { $0 } }

    init(_ answer: @escaping @Sendable (String) -> Answer) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listener, $0, size) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        descriptor = listener
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, keep(client) else { return }
                Thread.detachNewThread { [self] in
                    serve(client, answer)
                }
            }
        }
    }

    /// Ends the server and every connection.
    func stop() {
        let descriptors = open.withLock { state in
            state.isStopped = true
            return state.descriptors
        }
        shutdown(descriptor, Int32(SHUT_RDWR))
        for client in descriptors { shutdown(client, Int32(SHUT_RDWR)) }
    }

    private func keep(_ client: Int32) -> Bool {
        open.withLock { state in
            state.descriptors.append(client)
            return !state.isStopped
        }
    }

    private func serve(_ client: Int32, _ answer: (String) -> Answer) {
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !isWhole(request) {
            let count = unsafe recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            request.append(contentsOf: buffer[..<count])
        }
        let text = String(decoding: request, as: UTF8.self)
        requests.withLock { $0.append(text) }
        switch answer(text) {
        case .bytes(let bytes): _ = write(bytes, to: client)
        case .http(let status, let body, let headers):
            let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers
            let head = (lines + ["", ""]).joined(separator: "\r\n")
            _ = write(Array(head.utf8) + body, to: client)
        case .endless(let head, let bytes):
            guard write(Array(head.utf8), to: client) else { return }
            while write(bytes, to: client) {}
        case .script(let script):
            while let bytes = script.next(), write(bytes, to: client) {}
            // Where the other side hangs up first, nothing more comes from it.
            if script.isOpenEnded, unsafe recv(client, &buffer, buffer.count, 0) == 0 {
                script.otherSideHungUp()
            }
        case .hang:
            _ = unsafe recv(client, &buffer, buffer.count, 0)
        case .close: break
        }
        shutdown(client, Int32(SHUT_RDWR))
    }

    private func isWhole(_ request: [UInt8]) -> Bool {
        let text = String(decoding: request, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let head = text[..<end.lowerBound].lowercased()
        guard let length = head.range(of: "content-length: ") else { return true }
        let digits = head[length.upperBound...].prefix { $0.isNumber }
        return text[end.upperBound...].utf8.count >= Int(digits) ?? 0
    }

    private func write(_ bytes: [UInt8], to client: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe send(
                    client, buffer.baseAddress.map { unsafe $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}

/// What a server says piece by piece, as a test hands it over.
final class Script: Sendable {
    private struct State {
        var pieces: [[UInt8]] = []
        var isFinished = false
    }

    /// Whether the connection stays open at the end, until the other side hangs up.
    let isOpenEnded: Bool
    private let state = Mutex(State())
    private let something = DispatchSemaphore(value: 0)
    private let hangUp = AsyncStream<Void>.makeStream()

    init(isOpenEnded: Bool = false) { self.isOpenEnded = isOpenEnded }

    func say(_ bytes: [UInt8]) {
        state.withLock { $0.pieces.append(bytes) }
        something.signal()
    }

    func say(_ text: String) { say(Array(text.utf8)) }

    func finish() {
        state.withLock { $0.isFinished = true }
        something.signal()
    }

    /// The next piece; nil at the end.
    func next() -> [UInt8]? {
        something.wait()
        return state.withLock { $0.pieces.isEmpty ? nil : $0.pieces.removeFirst() }
    }

    func otherSideHungUp() { hangUp.continuation.finish() }

    /// Returns when the other side has hung up.
    func untilHangUp() async { for await _ in hangUp.stream {} }
}

/// Runs a program and returns what it wrote, or nil where it is absent or failed.
func output(of program: String, _ arguments: [String], input: [UInt8] = []) -> [UInt8]? {
    guard FileManager.default.isExecutableFile(atPath: program) else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    Thread.detachNewThread {
        try? stdin.fileHandleForWriting.write(contentsOf: input)
        try? stdin.fileHandleForWriting.close()
    }
    let bytes = Array(stdout.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    return process.terminationStatus == 0 ? bytes : nil
}
