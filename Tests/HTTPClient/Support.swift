import Configuration
import Foundation
import Model
import Synchronization
import TestSupport
import Transport

/// A server on loopback that keeps each request as it was written.
final class RawServer: Sendable {
    private let listener: Listener
    private let log: RequestLog

    private final class RequestLog: Sendable {
        let requests = Mutex<[String]>([])
    }

    /// Answers by `answer`, which gets the request's text and how many came before; nil: nothing is said
    /// until the client goes away.
    init(_ answer: @escaping @Sendable (String, Int) -> String?) throws {
        let log = RequestLog()
        self.log = log
        listener = try Listener { connection in
            guard let request = RawServer.read(connection) else { return }
            let count = log.requests.withLock { requests in
                requests.append(request)
                return requests.count - 1
            }
            guard let answer = answer(request, count) else {
                _ = connection.readToEnd()
                return
            }
            connection.write(Array(answer.utf8))
        }
    }

    var url: String { "http://127.0.0.1:\(listener.port)" }
    var port: Int { listener.port }
    var received: [String] { log.requests.withLock { $0 } }

    /// A request to it, with all the time that it may need beside other tests.
    var request: HTTPRequest {
        var request = HTTPRequest(url: url)
        request.timeout = .seconds(600)
        return request
    }

    func stop() { listener.stop() }

    /// An answer's text.
    static func answer(
        _ status: Int = 200, _ body: String = "", type: String = "application/json",
        headers: [String] = []
    ) -> String {
        let lines = [
            "HTTP/1.1 \(status) Scripted", "Connection: close", "Content-Type: \(type)",
            "Content-Length: \(body.utf8.count)",
        ]
        return (lines + headers + ["", body]).joined(separator: "\r\n")
    }

    private static func read(_ connection: Connection) -> String? {
        var bytes: [UInt8] = []
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = text[..<end.lowerBound].lowercased()
                let length = head.range(of: "content-length: ").map {
                    head[$0.upperBound...].prefix { $0.isNumber }
                }
                if text[end.upperBound...].utf8.count >= length.flatMap({ Int($0) }) ?? 0 {
                    return text
                }
            }
            let some = connection.read()
            if some.isEmpty { return nil }
            bytes += some
        }
    }
}

/// Files that a test writes, and how often they were read.
final class ScriptedFiles: Sendable {
    private let state: Mutex<(files: [String: String], reads: Int)>

    init(_ files: [String: String]) { state = Mutex((files, 0)) }

    var reads: Int { state.withLock { $0.reads } }

    func write(_ path: String, _ text: String) { state.withLock { $0.files[path] = text } }

    var access: FileAccess {
        FileAccess(
            read: { [self] path throws(FileAccess.ReadError) in
                let text = state.withLock { state in
                    state.reads += 1
                    return state.files[path]
                }
                guard let text else { throw FileAccess.ReadError("no such file or directory") }
                return Array(text.utf8)
            },
            glob: { _ in [] })
    }
}

extension Secret {
    init(_ text: String) { self.init(.inline(text)) }
    init(file path: String) { self.init(.file(path: path)) }
}

extension String {
    /// The lines of a request's head with this name.
    func lines(_ name: String) -> [String] {
        let head = components(separatedBy: "\r\n\r\n").first ?? ""
        return head.components(separatedBy: "\r\n").filter {
            $0.lowercased().hasPrefix(name.lowercased() + ":")
        }
    }

    /// A request's body.
    var requestBody: String {
        range(of: "\r\n\r\n").map { String(self[$0.upperBound...]) } ?? ""
    }

    /// A body's form.
    var form: [String: String] {
        Dictionary(
            PercentEncoding.fields(ofForm: requestBody).map { ($0.name, $0.value) },
            uniquingKeysWith: { $1 })
    }
}
