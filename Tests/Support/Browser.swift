import Foundation
import Model
import Synchronization

/// A browser without windows, told what to do over its debugging protocol.
public final class Browser: Sendable {
    /// Where Debian installs it.
    public static let path = "/usr/bin/chromium"

    /// Whether there is one.
    public static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    private let process: Subprocess
    private let port: Int

    /// Starts one with a profile of its own.
    public init(in workspace: Workspace) async throws {
        let process = try Subprocess(
            Browser.path,
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-dev-shm-usage",
                "--no-proxy-server", "--remote-debugging-port=0",
                "--user-data-dir=" + workspace.file("profile"), "about:blank",
            ], in: workspace, name: "browser")
        self.process = process
        port = try await eventually("the start of the browser", within: .seconds(60)) {
            if let end = process.end {
                throw TimedOut("the browser ended: \(end): \(process.logTail)")
            }
            return workspace.read("profile/DevToolsActivePort").split(separator: "\n").first
                .flatMap { Int($0) }
        }
    }

    /// Opens a page in a tab of its own.
    public func open(_ url: String) async throws -> BrowserPage {
        let port = port
        let answer = await offPool {
            HTTPClient(port: port).request("PUT", "/json/new?about:blank")
        }
        struct Tab: Decodable { var webSocketDebuggerUrl: String }
        guard let answer, answer.status == 200 else { throw TimedOut("the browser gives no tab") }
        let tab = try JSONDecoder().decode(Tab.self, from: Data(answer.body))
        let path = URL(string: tab.webSocketDebuggerUrl)?.path ?? ""
        let page = try BrowserPage(port: port, path: path)
        for domain in ["Runtime", "Log", "Page"] { _ = try await page.call(domain + ".enable") }
        try await page.go(to: url)
        return page
    }
}

/// A tab.
public final class BrowserPage: Sendable {
    private let socket: WebSocket
    private let state = Mutex((id: 0, problems: [String]()))

    /// What the browser answers to a call.
    struct Answer: Decodable {
        struct Value: Decodable {
            var value: String?
            var description: String?
        }
        struct Result: Decodable {
            var result: Value?
            var exceptionDetails: Exception?
            var errorText: String?
        }
        struct Exception: Decodable {
            var text: String?
            var exception: Value?
        }
        struct Entry: Decodable {
            var level: String
            var text: String
            var url: String?
        }
        struct Event: Decodable {
            var exceptionDetails: Exception?
            var entry: Entry?
        }
        struct Failure: Decodable { var message: String }

        var id: Int?
        var params: Event?
        var result: Result?
        var error: Failure?
    }

    fileprivate init(port: Int, path: String) throws {
        socket = try WebSocket(port: port, path: path)
    }

    /// What scripts threw and the browser refused or could not load, in words.
    public var problems: [String] { state.locked { $0.problems } }

    /// Goes to an address, and waits until the document is there.
    public func go(to url: String) async throws {
        let answer = try await call("Page.navigate", ["url": url])
        if let text = answer.errorText { throw TimedOut("\(url): \(text)") }
        try await wait(
            until: "location.href !== 'about:blank' && document.readyState === 'complete'")
    }

    /// What a script comes to, as text.
    @discardableResult
    public func evaluate(_ script: String) async throws -> String {
        let answer = try await call(
            "Runtime.evaluate", ["expression": "String(\(script))", "awaitPromise": "true"])
        if let problem = answer.exceptionDetails {
            throw TimedOut(
                "\(script): \(problem.exception?.description ?? problem.text ?? "it throws")")
        }
        return answer.result?.value ?? ""
    }

    /// Waits until a script comes to true; on its way it may throw, as on a page that is not there yet.
    public func wait(until script: String, within limit: Duration = .seconds(30)) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        var last = ""
        while true {
            do {
                last = try await evaluate(script)
                if last == "true" { return }
            } catch {
                last = "\(error)"
            }
            if clock.now >= deadline {
                let text = try await evaluate("document.body.innerText")
                throw TimedOut("\(script) is not true but \(last): \(problems) \(text)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    fileprivate func call(
        _ method: String, _ parameters: [String: String] = [:]
    ) async throws -> Answer.Result {
        let id = state.locked { state in
            state.id += 1
            return state.id
        }
        let values = parameters.map { key, value in
            "\(json(key)):\(value == "true" ? value : json(value))"
        }
        let message =
            "{\"id\":\(id),\"method\":\(json(method)),\"params\":{\(values.joined(separator: ","))}}"
        let socket = socket
        try socket.send(message)
        while true {
            guard let text = await offPool({ socket.receive() }) else {
                throw TimedOut("the browser does not answer \(method)")
            }
            let answer = try JSONDecoder().decode(Answer.self, from: Data(text))
            note(answer)
            guard answer.id == id else { continue }
            if let error = answer.error { throw TimedOut("\(method): \(error.message)") }
            return answer.result ?? Answer.Result()
        }
    }

    private func note(_ answer: Answer) {
        if let problem = answer.params?.exceptionDetails {
            let text = problem.exception?.description ?? problem.text ?? "a script threw"
            state.locked { $0.problems.append(text) }
        }
        if let entry = answer.params?.entry, entry.level == "error" {
            state.locked { $0.problems.append("\(entry.text) \(entry.url ?? "")") }
        }
    }

    private func json(_ text: String) -> String {
        let bytes = (try? JSONEncoder().encode(text)) ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The client's side of a WebSocket on loopback: whole text messages.
private final class WebSocket: Sendable {
    private let connection: Connection
    private let buffer: Mutex<[UInt8]>

    init(port: Int, path: String) throws {
        guard let connection = Connection(port: port) else {
            throw TimedOut("the browser cannot be reached")
        }
        self.connection = connection
        connection.write(
            Array(
                """
                GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nUpgrade: websocket\r\n\
                Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                Sec-WebSocket-Version: 13\r\n\r\n
                """.utf8))
        guard let head = Head(connection), head.first.contains(" 101 ") else {
            throw TimedOut("the browser opens no WebSocket")
        }
        buffer = Mutex(head.rest)
    }

    func send(_ text: String) throws {
        let payload = Array(text.utf8)
        // A final text frame, masked (by zeros) as a client's must be.
        var frame: [UInt8] = [0x81, 0x80 | 127]
        for shift in stride(from: 56, through: 0, by: -8) {
            frame.append(UInt8(truncatingIfNeeded: payload.count >> shift))
        }
        frame += [0, 0, 0, 0] + payload
        guard connection.write(frame) else { throw TimedOut("the browser is gone") }
    }

    /// The next message; nil where the connection ends.
    func receive() -> [UInt8]? {
        var message: [UInt8] = []
        while true {
            guard let head = take(2) else { return nil }
            var length = Int(head[1] & 0x7f)
            if length >= 126 {
                guard let more = take(length == 126 ? 2 : 8) else { return nil }
                length = more.reduce(0) { $0 << 8 | Int($1) }
            }
            guard let payload = take(length) else { return nil }
            if head[0] & 0x0f > 2 { continue }
            message += payload
            if head[0] & 0x80 != 0 { return message }
        }
    }

    private func take(_ count: Int) -> [UInt8]? {
        buffer.locked { buffer in
            while buffer.count < count {
                let some = connection.read()
                if some.isEmpty { return nil }
                buffer += some
            }
            defer { buffer.removeFirst(count) }
            return Array(buffer.prefix(count))
        }
    }
}

/// What blocks, on a thread of its own: the pool's threads are the daemon's.
private func offPool<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}
