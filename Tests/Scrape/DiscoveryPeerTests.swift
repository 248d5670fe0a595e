import Configuration
import Foundation
import Scrape
import TestSupport
import Testing
import Transport

/// Debian's Prometheus and our sources ask the same services, and find the same labels.
///
/// Both reach the services, whose addresses some mechanisms have built in, through a proxy that answers
/// for all of them. Prometheus is 2.42: what came later is in `DiscoveryPeerJob.additions`. Debian builds it
/// without Linode and Kuma.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: DiscoveryPeers.areInstalled, "NOT TESTED: \(DiscoveryPeers.missing)"))
struct DiscoveryPeerTests {
    @Test func bothFindTheSame() async throws {
        let workspace = try Workspace()
        let proxy = try await DiscoveryPeers.startProxy(workspace)
        defer { proxy.process.kill() }
        let jobs = DiscoveryPeers.jobs.map { job in
            var job = job
            job.keys +=
                ", proxy_url: 'http://127.0.0.1:\(proxy.port)', tls_config: {insecure_skip_verify: true}"
            return job
        }
        let theirs = try await DiscoveryPeers.prometheus(jobs, workspace)
        for job in jobs {
            let update = try await DiscoveryLooks().take(
                1, "\(job.mechanism)_sd_configs: [{\(job.keys)}]", transport: CurlTransport())[0]
            #expect(update.problems == [], "\(job.name)")
            let standard = [
                "job": job.name, "__scheme__": "http", "__metrics_path__": "/metrics",
                "__scrape_interval__": "1m", "__scrape_timeout__": "10s",
            ]
            let ours = update.labels.filter { !job.isNew($0) }.map { labels in
                standard.merging(labels) { $1 }.filter { !job.additions.contains($0.key) }
            }
            let expected = theirs[job.name] ?? []
            let difference = Set(ours).symmetricDifference(Set(expected))
            #expect(!expected.isEmpty && difference.isEmpty, "\(job.name): \(difference)")
        }
    }
}

/// A mechanism, how it is configured, and what differs since 2.42.
private struct DiscoveryPeerJob: Sendable {
    var name: String
    var mechanism: String
    var keys: String
    /// Labels that 2.42 does not set.
    var additions: Set<String> = []
    /// Whether 2.42 does not find the target.
    var isNew: @Sendable ([String: String]) -> Bool = { _ in false }
}

private enum DiscoveryPeers {
    private static let programs = [
        "/usr/bin/prometheus", "/usr/bin/python3", "/usr/bin/openssl",
    ]

    static var areInstalled: Bool { absent.isEmpty }

    static var missing: String { absent.joined(separator: ", ") + " not installed" }

    private static var absent: [String] {
        programs.filter { !FileManager.default.isExecutableFile(atPath: $0) }
    }

    static let jobs: [DiscoveryPeerJob] = [
        .init(name: "eureka", mechanism: "eureka", keys: "server: 'http://eureka.test/eureka'"),
        .init(name: "marathon", mechanism: "marathon", keys: "servers: ['http://marathon.test']"),
        .init(
            name: "puppetdb", mechanism: "puppetdb",
            keys: "url: 'https://puppetdb.test', query: 'a { b = \"c\" }', include_parameters: true"
        ),
        .init(
            name: "hcloud", mechanism: "hetzner",
            keys: "role: hcloud, authorization: {credentials: t}",
            additions: [
                "__meta_hetzner_hcloud_location", "__meta_hetzner_hcloud_location_network_zone",
            ]),
        .init(
            name: "robot", mechanism: "hetzner",
            keys: "role: robot, basic_auth: {username: u, password: p}",
            additions: ["__meta_hetzner_robot_datacenter"]),
        .init(
            name: "digitalocean", mechanism: "digitalocean",
            keys: "authorization: {credentials: t}"),
        .init(name: "vultr", mechanism: "vultr", keys: "authorization: {credentials: t}"),
        .init(
            name: "instance", mechanism: "scaleway", keys: scaleway + ", role: instance",
            additions: [
                "__meta_scaleway_instance_public_ipv4_addresses",
                "__meta_scaleway_instance_public_ipv6_addresses",
            ], isNew: { $0["__meta_scaleway_instance_id"] == "s2" }),
        .init(
            name: "baremetal", mechanism: "scaleway",
            keys: scaleway + ", role: baremetal, zone: nl-ams-1"),
        .init(
            name: "uyuni", mechanism: "uyuni",
            keys: "server: 'https://uyuni.test', username: u, password: p"),
    ]

    private static let scaleway = """
        project_id: 11111111-1111-1111-1111-111111111111, access_key: SCWAAAAAAAAAAAAAAAAA, \
        secret_key: 11111111-1111-1111-1111-111111111111
        """

    /// What the proxy answers, by the path with its query, or the path, or a method of XML-RPC.
    private static var answers: [String: [String]] {
        var answers: [String: [String]] = [:]
        func add(_ more: [String: String], type: String = "application/json") {
            for (key, body) in more { answers[key] = [type, body] }
        }
        add(["/eureka/apps": EurekaDiscoveryTests.applications], type: "application/xml")
        add(["/v2/apps/": MarathonDiscoveryTests.applications])
        add(["/pdb/query/v4": PuppetDBDiscoveryTests.resources])
        add(HetznerDiscoveryTests.answers)
        add(DigitalOceanDiscoveryTests.answers)
        add(VultrDiscoveryTests.answers)
        add(ScalewayDiscoveryTests.answers)
        // The library of 2.42 loses what stands behind an empty value.
        let empty = "<member><name>module</name><value></value></member>"
        add(
            UyuniDiscoveryTests.answers.mapValues { $0.replacing(empty, with: "") },
            type: "text/xml")
        return answers
    }

    static func startProxy(
        _ workspace: Workspace
    ) async throws -> (process: Subprocess, port: Int) {
        try workspace.write("proxy.py", proxy)
        let json = try JSONEncoder().encode(answers)
        try workspace.write("answers.json", String(decoding: json, as: UTF8.self))
        let key = try await Subprocess.run(
            programs[2],
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out",
                "cert.pem", "-days", "2", "-subj", "/CN=services.test",
            ], in: workspace, name: "openssl")
        try #require(key.end == .exited(0), "\(key.log)")
        let process = try Subprocess(
            programs[1], ["-u", "proxy.py"], in: workspace, name: "proxy")
        let port = try await eventually("the proxy listening") { () -> Int? in
            if let end = process.end { throw TimedOut("it ended: \(end)\n\(process.logTail)") }
            return Int(process.output.prefix { $0.isNumber })
        }
        return (process, port)
    }

    private struct Targets: Decodable {
        struct Data: Decodable { var droppedTargets: [Target] }
        struct Target: Decodable { var discoveredLabels: [String: String] }
        var data: Data
    }

    /// The labels of the targets of each job.
    static func prometheus(
        _ jobs: [DiscoveryPeerJob], _ workspace: Workspace
    ) async throws -> [String: [[String: String]]] {
        let drop = "relabel_configs: [{source_labels: [__address__], regex: '.*', action: drop}]"
        let sections = jobs.map {
            "- {job_name: \($0.name), \($0.mechanism)_sd_configs: [{\($0.keys)}], \(drop)}\n"
        }
        try workspace.write("prometheus.yml", "scrape_configs:\n" + sections.joined())
        let port = try Listener.freePort()
        let process = try Subprocess(
            programs[0],
            [
                "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
            ], in: workspace, name: "prometheus")
        defer { process.kill() }
        let client = HTTPClient(port: port)
        do {
            return try await eventually("targets of all jobs", within: .seconds(40)) {
                if let end = process.end { throw TimedOut("it ended: \(end)") }
                guard let answer = client.get("/api/v1/targets?state=dropped"),
                    let found = try? JSONDecoder().decode(Targets.self, from: Data(answer.body))
                else { return nil }
                let byJob = Dictionary(
                    grouping: found.data.droppedTargets.map { target in
                        target.discoveredLabels.filter { !$0.value.isEmpty }
                    }
                ) { $0["job"] ?? "" }
                return byJob.count == jobs.count ? byJob : nil
            }
        } catch let error as TimedOut {
            throw TimedOut("\(error)\n\(process.logTail)")
        }
    }

    private static let proxy = """
        import http.server, json, re, ssl, urllib.parse

        answers = json.load(open("answers.json"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("cert.pem", "key.pem")

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self):
                self.send_response(200)
                self.end_headers()
                self.connection = context.wrap_socket(self.connection, server_side=True)
                self.rfile = self.connection.makefile("rb")
                self.wfile = self.connection.makefile("wb", 0)
                self.close_connection = False

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                url = urllib.parse.urlsplit(self.path)
                method = re.search("<methodName>(.*)</methodName>", body)
                keys = [method.group(1)] if method else [url.path + "?" + url.query, url.path]
                found = next((answers[key] for key in keys if key in answers), None)
                kind, text = found or ["text/plain", "nothing here"]
                data = text.encode()
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                if "/instance/" in url.path: self.send_header("X-Total-Count", "2")
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_address[1])
        server.serve_forever()
        """
}
