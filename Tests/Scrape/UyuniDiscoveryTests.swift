import Configuration
import Model
import Scrape
import Synchronization
import Testing
import Transport

/// Uyuni's systems, answered in the documented form of its XML-RPC.
@Suite(.timeLimit(.minutes(1))) struct UyuniDiscoveryTests {
    /// A server that answers by method, and remembers what was called.
    private final class Server: Sendable {
        let answers: Mutex<[String: String]>
        let requests = Mutex<[HTTPRequest]>([])

        init(_ answers: [String: String]) { self.answers = Mutex(answers) }

        var bodies: [String] {
            requests.withLock { $0.map { String(decoding: $0.body ?? [], as: UTF8.self) } }
        }

        func answer(_ request: HTTPRequest) -> HTTPResponse {
            requests.withLock { $0.append(request) }
            let body = String(decoding: request.body ?? [], as: UTF8.self)
            let found = answers.withLock { answers in
                answers.first { body.contains("<methodName>\($0.key)</methodName>") }?.value
            }
            guard let found else { return HTTPResponse(status: 404, body: Array("no".utf8)) }
            return HTTPResponse(status: 200, headers: [], body: Array(found.utf8))
        }
    }

    private static func answer(_ value: String) -> String {
        "<?xml version=\"1.0\"?><methodResponse><params><param><value>\(value)</value></param>"
            + "</params></methodResponse>"
    }

    private static func array(_ elements: [[(String, String)]]) -> String {
        let values = elements.map { members in
            let inside = members.map {
                "<member><name>\($0.0)</name><value>\($0.1)</value></member>"
            }
            return "<value><struct>\(inside.joined())</struct></value>"
        }
        return "<array><data>\(values.joined(separator: "\n"))</data></array>"
    }

    private static let groups = "system.listSystemGroupsForSystemsWithEntitlement"
    private static let endpoints = "system.monitoring.listEndpoints"
    private static let networks = "system.getNetworkForSystems"

    static var answers: [String: String] {
        let group = { (name: String) in
            [("id", "<int>1</int>"), ("name", "<string>\(name)</string>")]
        }
        return [
            "auth.login": answer("<string>key</string>"),
            groups: answer(
                array([
                    [("id", "<i4>1</i4>"), ("system_groups", array([group("a"), group("b")]))],
                    [("id", "<int>2</int>"), ("system_groups", "<array><data/></array>")],
                ])),
            endpoints: answer(
                array([
                    [
                        ("system_id", "<i8>1</i8>"), ("endpoint_name", "Node"),
                        ("port", "<int>9100</int>"), ("path", "<string>/m</string>"),
                        ("module", "<string>node</string>"),
                        ("exporter_name", "<string>node &amp; x</string>"),
                        ("tls_enabled", "<boolean>1</boolean>"),
                    ],
                    [("system_id", "<int>2</int>"), ("port", "<int>80</int>"), ("module", "")],
                    [("system_id", "<int>3</int>")],
                ])),
            networks: answer(
                array([
                    [
                        ("system_id", "<int>1</int>"), ("hostname", "<string>one.x</string>"),
                        ("primary_fqdn", "<string>1.x</string>"),
                        ("ip", "<string>10.0.0.1</string>"),
                    ],
                    [("system_id", "<int>2</int>"), ("hostname", "<string>two.x</string>")],
                ])),
        ]
    }

    private func looks(
        _ count: Int, _ server: Server, _ keys: String = ""
    ) async throws -> [SourceUpdate] {
        try await DiscoveryLooks().take(
            count,
            "uyuni_sd_configs: [{server: 'https://u.x/', username: 'a<b', password: geheim, \(keys)}]",
            transport: FakeTransport { (request) throws(TransportError) in server.answer(request) })
    }

    @Test func endpointsAreTargets() async throws {
        let server = Server(Self.answers)
        let update = try await looks(1, server, "separator: '|', entitlement: e")[0]
        #expect(update.problems == [])
        let prefix = "__meta_uyuni_"
        #expect(
            update.labels == [
                [
                    "__address__": "one.x:9100", prefix + "minion_hostname": "one.x",
                    prefix + "primary_fqdn": "1.x", prefix + "system_id": "1",
                    prefix + "groups": "a|b", prefix + "endpoint_name": "Node",
                    prefix + "exporter": "node & x", prefix + "proxy_module": "node",
                    prefix + "metrics_path": "/m", prefix + "scheme": "https",
                ],
                [
                    "__address__": "two.x:80", prefix + "minion_hostname": "two.x",
                    prefix + "system_id": "2", prefix + "scheme": "http",
                ],
                ["__address__": ":0", prefix + "system_id": "3", prefix + "scheme": "http"],
            ])
        let (login, first) = (server.bodies[0], server.bodies[1])
        #expect(login.contains("<string>a&lt;b</string>") && login.contains("<int>600</int>"))
        #expect(first.contains("<string>key</string>") && first.contains("<string>e</string>"))
        #expect(
            server.bodies[2].contains(
                "<array><data><value><int>1</int></value><value><int>2</int></value></data></array>"
            ))
        #expect(server.requests.withLock { $0.allSatisfy { $0.url == "https://u.x/rpc/api" } })
    }

    @Test func aSessionIsKeptForFiveMinutes() async throws {
        let server = Server(Self.answers)
        _ = try await looks(7, server)
        #expect(server.bodies.count { $0.contains("auth.login") } == 2)
    }

    @Test func afterAnErrorThereIsAnotherSession() async throws {
        let server = Server(Self.answers)
        server.answers.withLock { $0[Self.networks] = nil }
        let updates = try await looks(2, server)
        #expect(updates.allSatisfy { $0.groups == nil && $0.problems.count == 1 })
        #expect(server.bodies.count { $0.contains("auth.login") } == 2)
    }

    @Test(arguments: [
        (
            "auth.login",
            "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>2950</int></value></member><member><name>faultString</name><value><string>wrong password</string></value></member></struct></value></fault></methodResponse>",
            "auth.login: fault 2950: wrong password"
        ),
        ("auth.login", answer("<int>1</int>"), "auth.login: expected a string, found int"),
        (groups, answer("<string>x</string>"), "expected an array, found string"),
        (endpoints, answer(array([[("port", "<int>x</int>")]])), #""x" is no whole number"#),
        (
            endpoints, answer(array([[("port", "<double>1</double>")]])),
            "expected an int, found double"
        ),
        (networks, "<methodResponse/>", "system.getNetworkForSystems: the answer has no value"),
        (networks, "<methodResponse>", "unexpected end"), (networks, "", "expected an element"),
    ])
    func anErrorKeepsTheTargets(method: String, answer: String, expected: String) async throws {
        let server = Server(Self.answers)
        server.answers.withLock { $0[method] = answer }
        let update = try await looks(1, server)[0]
        #expect(update.groups == nil)
        let problem = try #require(update.problems.first)
        #expect(problem.contains(expected) && problem.contains("https://u.x/rpc/api"), "\(problem)")
        #expect(!problem.contains("geheim") && !problem.contains("key"))
    }

    @Test(arguments: [
        ("username: u, password: p", "requires server host"),
        ("server: 'http://h', password: p", "requires a username"),
        ("server: 'http://h', username: u", "requires a password"),
    ])
    func whatIsWrongIsSaid(keys: String, expected: String) {
        let text = "scrape_configs: [{job_name: j, uyuni_sd_configs: [{\(keys)}]}]"
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
