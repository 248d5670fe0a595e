import Foundation
import Synchronization
import TestSupport

/// A service whose `/metrics` a test sets.
final class Service: Sendable {
    private let box: TextBox
    private let server: HTTPServer

    static let contentType = "text/plain; version=0.0.4"

    init(_ first: String, contentType: String = Service.contentType) throws {
        let text = TextBox(first)
        box = text
        server = try HTTPServer { _ in
            .respond(headers: ["Content-Type": contentType], body: Array(text.value.utf8))
        }
    }

    var address: String { server.address }

    func show(_ text: String) { box.set(text) }
}

/// A text that threads share.
final class TextBox: Sendable {
    private let text: Mutex<String>

    init(_ text: String) { self.text = Mutex(text) }

    var value: String { text.withLock { $0 } }

    func set(_ new: String) { text.withLock { $0 = new } }
}

/// Where webhooks go: it answers as scripted, then 200, and keeps what it got.
final class Receiver: Sendable {
    /// A webhook's version 4 payload.
    struct Payload: Decodable {
        struct Alert: Decodable {
            var status: String
            var labels: [String: String]
            var annotations: [String: String]
            var startsAt: String
            var endsAt: String
            var generatorURL: String
            var fingerprint: String
        }

        var version: String
        var groupKey: String
        var truncatedAlerts: Int
        var status: String
        var receiver: String
        var groupLabels: [String: String]
        var commonLabels: [String: String]
        var commonAnnotations: [String: String]
        var externalURL: String
        var alerts: [Alert]
    }

    struct Post: Sendable {
        var request: Request
        var at: ContinuousClock.Instant
        /// Whether it was answered with 200.
        var isAcknowledged: Bool

        func payload() throws -> Payload {
            try JSONDecoder().decode(Payload.self, from: Data(request.body))
        }
    }

    private final class Log: Sendable {
        let posts = Mutex<[Post]>([])
        let script: Mutex<[Answer]>

        init(_ script: [Answer]) { self.script = Mutex(script) }

        func answer(_ request: Request) -> Answer {
            let scripted = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            posts.withLock {
                $0.append(
                    Post(
                        request: request, at: ContinuousClock().now, isAcknowledged: scripted == nil
                    ))
            }
            return scripted ?? .respond()
        }
    }

    private let log: Log
    private let server: HTTPServer

    init(_ script: [Answer] = []) throws {
        let log = Log(script)
        self.log = log
        server = try HTTPServer { log.answer($0) }
    }

    var url: String { "http://\(server.address)/hook" }

    /// What came, in order.
    var posts: [Post] { log.posts.withLock { $0 } }

    /// Status and alert of each, in order.
    func told() throws -> [String] {
        try posts.map { post in
            let payload = try post.payload()
            return payload.status + " " + (payload.commonLabels["alertname"] ?? "")
        }
    }
}

/// The files of a daemon with short intervals.
enum Scene {
    /// `last_over_time` reads over a scrape that a busy machine made fail.
    static func rule(_ name: String, _ metric: String = "app_broken", hold: String = "0s") -> String
    {
        """
          - alert: \(name)
            expr: last_over_time(\(metric)[5m]) > 0
            for: \(hold)
            labels: {severity: critical}
            annotations: {summary: "{{ $labels.job }} is broken: {{ $value }}"}

        """
    }

    static func writeRules(_ workspace: Workspace, _ rules: [String]) throws {
        let head = "groups:\n- name: app\n  interval: 200ms\n  rules:\n"
        try workspace.write("rules.yml", rules.isEmpty ? "groups: []\n" : head + rules.joined())
    }

    /// A scrape job of one target.
    static func job(_ name: String, _ address: String, more: String = "") -> String {
        "  - {job_name: \(name), static_configs: [{targets: [\"\(address)\"]}]\(more)}\n"
    }

    static func writeConfiguration(
        _ workspace: Workspace, _ jobs: [String], storage: String = "data"
    ) throws {
        try workspace.write(
            "tocsin.yml",
            """
            global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 200ms}
            rule_files: [rules.yml]
            scrape_configs:
            \(jobs.joined())
            tocsin:
              notifiers: notifiers.yml
              storage: {path: \(storage)}
              rules: {for_grace_period: 0s}
            """)
    }

    /// One route to one receiver, or one route to each of several.
    static func writeNotifiers(
        _ workspace: Workspace, _ receivers: [(String, String)], groupInterval: String = "1s"
    ) throws {
        let routes = receivers.map { "    - {receiver: \($0.0), continue: true}\n" }.joined()
        let list = receivers.map { "  - name: \($0.0)\n    \($0.1)\n" }.joined()
        try workspace.write(
            "notifiers.yml",
            """
            route:
              receiver: \(receivers.first?.0 ?? "")
              group_by: [alertname]
              group_wait: 0s
              group_interval: \(groupInterval)
              repeat_interval: 4h
              routes:
            \(routes)
            receivers:
            \(list)
            """)
    }

    static func webhook(_ url: String) -> String {
        "webhook_configs: [{url: \"\(url)\", send_resolved: true}]"
    }
}
