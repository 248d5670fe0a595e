import Configuration
import HTTPClient
import Model
import Transport

/// The pod that this program runs in, where it runs in a cluster.
public struct KubernetesPod: Sendable, Hashable {
    /// `KUBERNETES_SERVICE_HOST`: the API server's address.
    public var host: String?
    /// `KUBERNETES_SERVICE_PORT`: its port.
    public var port: String?
    /// The folder with the service account's `token`, `ca.crt` and `namespace`.
    public var folder: String

    /// A pod.
    public init(
        host: String?, port: String?,
        folder: String = "/var/run/secrets/kubernetes.io/serviceaccount"
    ) {
        self.host = host
        self.port = port
        self.folder = folder
    }

    /// What an environment says.
    public init(environment: [String: String]) {
        self.init(
            host: environment["KUBERNETES_SERVICE_HOST"],
            port: environment["KUBERNETES_SERVICE_PORT"])
    }
}

/// Why the API server was not asked, or did not answer.
struct KubernetesError: Error, Sendable, Hashable {
    /// What to do about it.
    enum Kind: Sendable, Hashable {
        /// The version is too old: list anew.
        case expired
        /// The answer is larger than allowed.
        case tooLarge
        case other
    }

    var kind = Kind.other
    var message: String
}

/// Asks a Kubernetes API server. Credentials are read anew for every request: they are rotated.
struct KubernetesClient: Sendable {
    /// What a kubeconfig file, or the file with the namespace's name, may be.
    static let maximumFileBytes = 1 << 20
    /// What a page of a list may be. Larger pages are asked for again with fewer objects.
    static let maximumPageBytes = 64 << 20
    /// What an event of a watch may be.
    static let maximumEventBytes = 16 << 20
    /// What is read of the answer with which the server refuses.
    static let maximumRefusalBytes = 64 << 10
    /// How long a page may take.
    static let pageTimeout = Duration.seconds(120)
    /// How long a watch may be silent. The server sends bookmarks about every minute.
    static let watchSilence = Duration.seconds(120)
    /// When the server ends a watch.
    static let watchSeconds = 600

    let settings: KubernetesDiscovery
    let environment: SourceEnvironment
    /// By the access that a request needs: that of a kubeconfig file may change.
    private let clients = ClientPool()

    init(settings: KubernetesDiscovery, environment: SourceEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    // MARK: Requests

    /// The answer to a request for a list.
    func list(
        _ resource: KubernetesResource, in namespace: String?, limit: Int, after token: String
    ) async throws(KubernetesError) -> [UInt8] {
        var query = [("limit", "\(limit)")]
        if !token.isEmpty { query.append(("continue", token)) }
        let what = "list \(resource.rawValue)"
        var (request, client) = try await self.request(resource, namespace, query, what)
        request.timeout = KubernetesClient.pageTimeout
        request.maximumBodyBytes = KubernetesClient.maximumPageBytes
        let response: HTTPResponse
        do throws(ClientError) {
            response = try await client.send(request, over: environment.transport)
        } catch {
            throw failure(error, what, request)
        }
        guard response.status == 200 else {
            throw refusal(response.status, response.body, what, request)
        }
        return response.body
    }

    /// A watch that has begun.
    func watch(
        _ resource: KubernetesResource, in namespace: String?, from version: String
    ) async throws(KubernetesError) -> HTTPStream {
        let query = [
            ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", version),
            ("timeoutSeconds", "\(KubernetesClient.watchSeconds)"),
        ]
        let what = "watch \(resource.rawValue)"
        var (request, client) = try await self.request(resource, namespace, query, what)
        request.timeout = KubernetesClient.watchSilence
        let stream: HTTPStream
        do throws(ClientError) {
            stream = try await client.stream(request, over: environment.transport)
        } catch {
            throw failure(error, what, request)
        }
        if stream.status == 200 { return stream }
        let body: [UInt8]
        do throws(TransportError) {
            body = try await stream.rest(limit: KubernetesClient.maximumRefusalBytes)
        } catch {
            throw failure(.transport(error), what, request)
        }
        throw refusal(stream.status, body, what, request)
    }

    private func request(
        _ resource: KubernetesResource, _ namespace: String?, _ query: [(String, String)],
        _ what: String
    ) async throws(KubernetesError) -> (HTTPRequest, ConfiguredClient) {
        var query = query
        if let selector = resource.selectorRole.flatMap({ settings.selectors[$0] }) {
            if !selector.label.isEmpty { query.append(("labelSelector", selector.label)) }
            if !selector.field.isEmpty { query.append(("fieldSelector", selector.field)) }
        }
        let tail =
            resource.path(in: namespace) + "?"
            + query.map { "\($0)=\(PercentEncoding.component($1))" }.joined(separator: "&")
        let access: KubernetesAccess
        do throws(KubernetesError) {
            access = try await FileQueue.apart { () throws(KubernetesError) in try self.access() }
        } catch {
            throw KubernetesError(message: "\(what): \(error.message)")
        }
        var server = access.server
        while server.hasSuffix("/") { server.removeLast() }
        var request = HTTPRequest(url: server + tail)
        request.headers = [.init("Accept", "application/json")]
        clients.keep(only: [access.client])
        return (request, clients.client(access.client))
    }

    // MARK: Access

    private func access() throws(KubernetesError) -> KubernetesAccess {
        if let server = settings.apiServer {
            return KubernetesAccess(server: server, client: settings.client)
        }
        guard let path = settings.kubeconfigFile else { return try inCluster() }
        let text = try read(path)
        let result = KubernetesAccess.load(kubeconfig: text, path: path)
        guard let access = result.value else {
            throw KubernetesError(message: Problems(result.errors).description)
        }
        return access
    }

    private func inCluster() throws(KubernetesError) -> KubernetesAccess {
        let pod = environment.kubernetesPod
        guard let host = pod.host, !host.isEmpty, let port = pod.port, !port.isEmpty else {
            throw KubernetesError(
                message:
                    "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined: outside of a cluster set api_server or kubeconfig_file"
            )
        }
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        var access = KubernetesAccess(server: "https://\(name):\(port)")
        access.client.authorization = Authorization(
            credentials: Secret(.file(path: FilePath.join(pod.folder, "token"))))
        access.client.tls.ca = Secret(.file(path: FilePath.join(pod.folder, "ca.crt")))
        return access
    }

    /// The namespaces to look in; nil for all.
    func namespaces() async throws(KubernetesError) -> [String?] {
        var names = settings.namespaces
        if settings.ownNamespace { names.append(try await ownNamespace()) }
        if names.isEmpty { return [nil] }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    private func ownNamespace() async throws(KubernetesError) -> String {
        let path = FilePath.join(environment.kubernetesPod.folder, "namespace")
        let text: [UInt8]
        do throws(KubernetesError) {
            text = try await FileQueue.apart { () throws(KubernetesError) in try read(path) }
        } catch {
            throw KubernetesError(
                message: "could not determine the pod's namespace: \(error.message)")
        }
        let name = String(decoding: text, as: UTF8.self).trimmingWhitespace
        if name.isEmpty {
            throw KubernetesError(
                message: "\(path): could not read own namespace name (empty file)")
        }
        return name
    }

    private func read(_ path: String) throws(KubernetesError) -> [UInt8] {
        let limit = KubernetesClient.maximumFileBytes
        do throws(FileAccess.ReadError) {
            let text = try environment.files.read(path, limit)
            if text.count <= limit { return text }
        } catch {
            throw KubernetesError(message: "open \(path): \(error)")
        }
        throw KubernetesError(
            message: "\(path) is larger than \(limit) bytes (KubernetesClient.maximumFileBytes)")
    }

    // MARK: Failures

    private func failure(
        _ error: ClientError, _ what: String, _ request: HTTPRequest
    ) -> KubernetesError {
        guard case .transport(let cause) = error else {
            return KubernetesError(message: "\(what): \(error)")
        }
        var failure = KubernetesError(
            message: "\(what): Get \(shown(request)): \(cause.message)")
        if case .tooLarge = cause.kind { failure.kind = .tooLarge }
        return failure
    }

    private func refusal(
        _ status: Int, _ body: [UInt8], _ what: String, _ request: HTTPRequest
    ) -> KubernetesError {
        let said = KubernetesReading.status(body)?.message ?? ""
        let reason = said.isEmpty ? "" : ": \(said)"
        return KubernetesError(
            kind: status == 410 ? .expired : .other,
            message: "\(what): Get \(shown(request)): HTTP status \(status)\(reason)")
    }

    /// The URL without a password, and without its query, which changes with every request.
    private func shown(_ request: HTTPRequest) -> String {
        URLRedaction.redact(String(request.url.prefix { $0 != "?" })).goQuoted
    }
}
