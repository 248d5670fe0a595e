import Configuration
import Foundation
import Model
import Scrape
import Testing
import Transport

@Suite("Ways to a Kubernetes API server", .timeLimit(.minutes(1)))
final class KubernetesAccessTests {
    private let cluster = FakeCluster()
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("tocsin-kubernetes-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        cluster.put("pods", .pod("a"))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @discardableResult
    private func write(_ name: String, _ text: String) throws -> String {
        let path = folder.appendingPathComponent(name)
        try text.write(to: path, atomically: true, encoding: .utf8)
        return path.path
    }

    private func pod(_ host: String? = "10.3.0.1") -> KubernetesPod {
        KubernetesPod(host: host, port: "443", folder: folder.path)
    }

    private func token(_ request: HTTPRequest?) -> RequestAuthorization? { request?.authorization }

    @Test func theServiceAccountOfThePodCounts() async throws {
        try write("token", "first\n")
        try write("ca.crt", "PEM")
        let world = try KubernetesWorld("{role: pod}", cluster, pod: pod())
        await world.untilWatching()
        let first = cluster.requests.last
        #expect(first?.url.hasPrefix("https://10.3.0.1:443/api/v1/pods?watch=true&") == true)
        #expect(token(first) == .bearer("first"))
        #expect(first?.tls.ca == "PEM")
        // The token is rotated; the old one is refused.
        try write("token", "second\n")
        cluster.answer { request in
            request.authorization == .bearer("second")
                ? nil : FakeCluster.refusal(401, "Unauthorized")
        }
        cluster.dropWatches()
        await world.until { $0.cluster.openWatches == 1 }
        #expect(world.problems.isEmpty && world.addresses.count == 1)
        await world.stop()
    }

    @Test func anExpiredTokenIsSaidUntilThereIsANewOne() async throws {
        try write("token", "old")
        try write("ca.crt", "PEM")
        let world = try KubernetesWorld("{role: pod}", cluster, pod: pod("fd00::1"))
        await world.untilWatching()
        cluster.answer { request in
            request.authorization == .bearer("new")
                ? nil : FakeCluster.refusal(401, "Unauthorized")
        }
        cluster.dropWatches()
        await world.until { !$0.problems.isEmpty }
        #expect(
            world.problems == [
                "watch pods: Get \"https://[fd00::1]:443/api/v1/pods\": HTTP status 401: Unauthorized"
            ])
        #expect(!world.problems.description.contains("old"))
        try write("token", "new")
        await world.until { $0.problems.isEmpty && $0.cluster.openWatches == 1 }
        #expect(world.addresses.count == 1)
        await world.stop()
    }

    @Test func outsideOfAClusterAServerHasToBeNamed() async throws {
        let world = try KubernetesWorld("{role: pod}", cluster, pod: pod(nil))
        await world.until { !$0.problems.isEmpty }
        #expect(world.problems.first?.contains("KUBERNETES_SERVICE_HOST") == true)
        #expect(world.problems.first?.contains("api_server or kubeconfig_file") == true)
        await world.stop()
    }

    @Test func aMissingTokenIsSaid() async throws {
        try write("ca.crt", "PEM")
        let world = try KubernetesWorld("{role: pod}", cluster, pod: pod())
        await world.until { !$0.problems.isEmpty }
        #expect(world.problems.first?.contains("\(folder.path)/token") == true)
        await world.stop()
    }

    @Test func thePodsOwnNamespaceCounts() async throws {
        try write("token", "t")
        try write("ca.crt", "PEM")
        let world = try KubernetesWorld(
            "{role: pod, namespaces: {own_namespace: true, names: [other]}}", cluster, pod: pod())
        await world.until { !$0.problems.isEmpty }
        #expect(world.problems.first?.hasPrefix("could not determine the pod's namespace") == true)
        try write("namespace", "default")
        await world.untilWatching(2)
        #expect(world.addresses.count == 1)
        #expect(cluster.lists.contains { $0.hasPrefix("/api/v1/namespaces/default/pods?") })
        #expect(cluster.lists.contains { $0.hasPrefix("/api/v1/namespaces/other/pods?") })
        await world.stop()
    }

    @Test func theSettingsOfTheClientCount() async throws {
        let file = try write("token", "t1")
        let world = try KubernetesWorld(
            "{role: pod, api_server: 'https://k', authorization: {credentials_file: \(file)}, tls_config: {server_name: s}}",
            cluster)
        await world.untilWatching()
        await world.stop()
        #expect(token(cluster.requests.last) == .bearer("t1"))
        #expect(cluster.requests.last?.tls.serverName == "s")
    }

    private static let kubeconfig = """
        apiVersion: v1
        kind: Config
        preferences: {}
        current-context: prod
        clusters:
        - name: one
          cluster: {server: "https://one:6443", certificate-authority-data: UEVN, tls-server-name: sni}
        - name: two
          cluster: {server: "https://two", certificate-authority: ca.pem, proxy-url: "http://proxy"}
        contexts:
        - name: prod
          context: {cluster: one, user: robot, namespace: ignored}
        - name: dev
          context: {cluster: two, user: human}
        users:
        - name: robot
          user: {token: inline, tokenFile: token, as: somebody, as-groups: [g, h]}
        - name: human
          user: {client-certificate-data: Q0VSVA==, client-key: key.pem}
        - name: program
          user: {exec: {command: aws}}
        """

    private func request(of kubeconfig: String) async throws -> HTTPRequest? {
        let path = try write("config", kubeconfig)
        let world = try KubernetesWorld("{role: pod, kubeconfig_file: \(path)}", cluster)
        await world.untilWatching()
        await world.stop()
        return cluster.requests.last
    }

    @Test func aKubeconfigsCurrentContextCounts() async throws {
        try write("token", "from-file")
        let request = try await request(of: Self.kubeconfig)
        #expect(request?.url.hasPrefix("https://one:6443/api/v1/pods?") == true)
        #expect(request?.tls.ca == "PEM" && request?.tls.serverName == "sni")
        #expect(token(request) == .bearer("from-file"))
        #expect(request?.headers.contains(.init("Impersonate-User", "somebody")) == true)
        #expect(
            request?.headers.filter { $0.name == "Impersonate-Group" }.map(\.value) == ["g", "h"])
    }

    @Test func clientCertificatesCount() async throws {
        try write("ca.pem", "CA")
        try write("key.pem", "KEY")
        let request = try await request(
            of: Self.kubeconfig.replacing("current-context: prod", with: "current-context: dev"))
        #expect(request?.url.hasPrefix("https://two/api/v1/pods?") == true)
        #expect(request?.tls.certificate == "CERT" && request?.tls.key == "KEY")
        #expect(request?.tls.ca == "CA" && request?.proxyURL == "http://proxy")
    }

    @Test(arguments: [
        ("user: robot", "user: program", "credentials from exec plugins are not supported"),
        ("user: robot", "user: nobody", "\"nobody\" is none of users: robot, human, program"),
        ("current-context: prod", "current-context: x", "\"x\" is none of contexts: prod, dev"),
        ("current-context: prod", "x: y", "no current-context is set"),
        ("UEVN", "'*'", "illegal base64 data"),
        ("https://one:6443", "one:6443", "unsupported scheme"),
        ("preferences: {}", "preferences: {", "config:"),
    ])
    func whatIsWrongWithAKubeconfigIsSaid(
        what: String, replacement: String, expected: String
    ) async throws {
        let text = Self.kubeconfig.replacing(what, with: replacement)
        let path = try write("config", text)
        let world = try KubernetesWorld("{role: pod, kubeconfig_file: \(path)}", cluster)
        await world.until { !$0.problems.isEmpty }
        let problem = try #require(world.problems.first)
        #expect(problem.contains(expected) && problem.contains(path), "\(problem)")
        #expect(!problem.contains("inline"))
        // It is read again.
        try write("token", "t")
        try write("config", Self.kubeconfig)
        await world.until { $0.problems.isEmpty && $0.addresses.count == 1 }
        await world.stop()
    }

    @Test(arguments: [
        ("{}", "role missing (one of: pod, service, endpoints, endpointslice, node, ingress)"),
        ("{role: pods}", "unknown Kubernetes SD role \"pods\""),
        (
            "{role: pod, api_server: 'http://k', kubeconfig_file: f}",
            "cannot use 'kubeconfig_file' and 'api_server' simultaneously"
        ),
        (
            "{role: pod, basic_auth: {username: u}}",
            "to use custom HTTP client configuration please provide the 'api_server' URL explicitly"
        ),
        (
            "{role: node, selectors: [{role: pod}]}", "node role supports only node selectors"
        ),
        (
            "{role: pod, kubeconfig_file: f, namespaces: {own_namespace: true}}",
            "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously"
        ),
    ])
    func whatIsWrongWithTheConfigurationIsSaid(entry: String, expected: String) {
        let text = "scrape_configs:\n- job_name: j\n  kubernetes_sd_configs: [\(entry)]"
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(result.errors.contains { $0.description.contains(expected) }, "\(result.errors)")
    }
}
