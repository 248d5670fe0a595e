import Foundation
import Model
import TestSupport
import Testing

/// The same requests to us and to a Pushgateway: same status codes, same texts, same groups.
@Suite("A Pushgateway beside us")
struct PushPeerTests {
    private static let gateway =
        ProcessInfo.processInfo.environment["TOCSIN_PUSHGATEWAY"]
        ?? "/usr/bin/prometheus-pushgateway"

    private struct Step {
        let method: String
        let path: String
        var body = ""
        /// The texts of parsers differ.
        var comparesText = true
    }

    private static let steps = [
        Step(method: "PUT", path: "/metrics/job/x", body: "a 1\n"),
        Step(method: "PUT", path: "/metrics/job/x", body: "a 1 5\n"),
        Step(method: "PUT", path: "/metrics/job/x", body: "a 1\na 2\n"),
        Step(method: "POST", path: "/metrics/job/x", body: "a 1\na 2\na 3\n"),
        Step(method: "POST", path: "/metrics/job/x", body: "a{job=\"i\"} 1\na{job=\"j\"} 2\n"),
        Step(method: "POST", path: "/metrics/job/x", body: "# TYPE b gauge\n# HELP b B.\nb 1e21\n"),
        Step(method: "POST", path: "/metrics/job/y", body: "# TYPE b counter\nb 1\n"),
        Step(method: "PUT", path: "/metrics/job@base64/=", body: "a 1\n"),
        Step(method: "PUT", path: "/metrics/job", body: "a 1\n"),
        Step(method: "PUT", path: "/metrics/job/q/a", body: "a 1\n"),
        Step(method: "PUT", path: "/metrics/job/q/__a/b", body: "a 1\n"),
        Step(method: "PUT", path: "/metrics/job/q/a@base64/!!", body: "a 1\n"),
        Step(method: "PUT", path: "/metrics/job/q/a@base64/YWI", body: "a 1\n"),
        Step(method: "PUT", path: "/metrics/job/q/a%2Fb/c", body: "a 1\n"),
        Step(method: "PUT", path: "/metrics/job/q/", body: ""),
        Step(method: "POST", path: "/metrics/job/q", body: "a b\n", comparesText: false),
        Step(
            method: "PUT", path: "/metrics/job/h/x/y",
            body: """
                # TYPE h histogram
                h_bucket{le="0.5"} 1
                h_bucket{le="+Inf"} 2
                h_sum 3
                h_count 2
                # TYPE s summary
                s{quantile="0.5"} NaN
                s_sum 2
                s_count 3

                """),
        Step(method: "DELETE", path: "/metrics/job/none"),
        Step(method: "PUT", path: "/api/v1/admin/wipe", comparesText: false),
    ]

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: gateway),
            "prometheus-pushgateway is not installed"))
    func sameAnswers() async throws {
        let port = try Listener.freePort()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.gateway)
        process.arguments = ["--web.listen-address=127.0.0.1:\(port)", "--log.level=error"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        let peer = Client(port: port)
        try await eventually("the gateway answers") { HTTPClient(port: port).get("/-/ready") }
        try await World("  push: {enabled: true}\n").serve { client in
            for step in Self.steps {
                let theirs = try await peer.post(
                    step.path, step.body, type: nil, method: step.method)
                let ours = try await client.post(
                    step.path, step.body, type: nil, method: step.method)
                #expect(ours.status == theirs.status, "\(step)")
                if step.comparesText { #expect(ours.text == theirs.text, "\(step)") }
            }
            #expect(
                try Self.groups(try await client.get("/api/v1/metrics").body)
                    == Self.groups(try await peer.get("/api/v1/metrics").body))
        }
    }

    /// The groups without their times, in the order of their labels.
    private static func groups(_ body: [UInt8]) throws -> [String] {
        let answer = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        let groups = answer?["data"] as? [[String: Any]] ?? []
        return try groups.map { group in
            let shown = group.mapValues { value -> Any in
                guard var family = value as? [String: Any], family["type"] != nil else {
                    return value
                }
                family["time_stamp"] = nil
                return family
            }
            let times = shown.filter { !$0.key.hasSuffix("_time_seconds") }
            return String(
                decoding: try JSONSerialization.data(withJSONObject: times, options: .sortedKeys),
                as: UTF8.self)
        }.sorted()
    }
}
