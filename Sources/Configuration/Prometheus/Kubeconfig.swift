import Model

/// How to reach a Kubernetes API server.
public struct KubernetesAccess: Sendable, Hashable {
    /// The server's URL.
    public var server: String
    /// How to speak to it.
    public var client: HTTPClientConfiguration

    /// A server.
    public init(server: String, client: HTTPClientConfiguration = HTTPClientConfiguration()) {
        self.server = server
        self.client = client
    }
}

extension KubernetesAccess {
    /// Reads a kubeconfig file: the cluster and the user of its current context.
    ///
    /// Paths in it are relative to its folder. A user whose credentials are got by running a program, or by
    /// a provider that client-go has built in, is an error.
    public static func load(kubeconfig text: [UInt8], path: String) -> LoadResult<KubernetesAccess>
    {
        let context = DecodingContext(path: path)
        context.ignoresUnknownKeys = true
        let (root, problems) = YAMLParser.parse(text, file: path)
        context.add(problems)
        guard let root else {
            context.add(
                Problem(
                    at: SourcePlace(file: path, line: 1, column: 1),
                    "invalid configuration: no configuration has been provided"))
            return context.result(nil)
        }
        let access = Element(node: root, path: "", context: context).object(KubeconfigReader.read)
        return context.result(access)
    }
}

/// Reads the parts of a kubeconfig file that the current context names.
private enum KubeconfigReader {
    static func read(_ keys: KeyedElement) -> KubernetesAccess? {
        let name = keys.string("current-context") ?? ""
        if name.isEmpty {
            keys.error(
                at: "current-context",
                "no current-context is set: name one of \(names(keys, "contexts"))")
            return nil
        }
        let context = named(keys, "contexts", name, at: "current-context") { entry in
            entry.object("context") { ($0.string("cluster") ?? "", $0.string("user") ?? "") }
        }
        guard let (cluster, user) = context else { return nil }
        let place = "contexts"
        guard
            var access = named(
                keys, "clusters", cluster, at: place,
                { entry in
                    entry.object("cluster", self.cluster)
                })
        else { return nil }
        if !user.isEmpty {
            _ = named(keys, "users", user, at: place) { entry -> Void? in
                entry.object("user") { self.user($0, &access.client) }
            }
        }
        return access
    }

    /// What `read` makes of the entry of a list that is called `name`; an error where there is none.
    private static func named<T>(
        _ keys: KeyedElement, _ list: String, _ name: String, at place: String,
        _ read: (KeyedElement) -> T?
    ) -> T? {
        var isThere = false
        let found = keys.list(list) { element in
            element.object { entry -> T? in
                guard !isThere, entry.string("name") == name else { return nil }
                isThere = true
                return read(entry)
            }
        }
        if !isThere {
            keys.error(
                at: place, "\(name.goQuoted) is none of \(list): \(names(keys, list))")
        }
        return found.first
    }

    private static func names(_ keys: KeyedElement, _ list: String) -> String {
        let names = keys.list(list) { $0.object { $0.string("name") } }
        return names.isEmpty ? "there are none" : names.joined(separator: ", ")
    }

    private static func cluster(_ keys: KeyedElement) -> KubernetesAccess? {
        guard keys.has("server"), let element = keys["server"], let server = URLCheck.http(element)
        else {
            if !keys.has("server") { keys.error("a cluster needs a server") }
            return nil
        }
        var access = KubernetesAccess(server: server)
        access.client.tls.ca = data(keys, "certificate-authority")
        access.client.tls.insecureSkipVerify = keys.bool("insecure-skip-tls-verify") ?? false
        if access.client.tls.insecureSkipVerify, access.client.tls.ca != nil {
            keys.error(
                at: "insecure-skip-tls-verify",
                "specifying a root certificates file with the insecure flag is not allowed")
        }
        if keys.has("tls-server-name") {
            access.client.tls.serverName = keys.string("tls-server-name")
        }
        if keys.has("proxy-url") {
            access.client.proxyURL = keys["proxy-url"]?.secret(hiding: .credentials)
        }
        return access
    }

    private static func user(_ keys: KeyedElement, _ client: inout HTTPClientConfiguration) {
        for key in ["exec", "auth-provider"] {
            guard let element = keys[key], !element.isNull else { continue }
            keys.error(
                at: key,
                "credentials from \(key) plugins are not supported: use a token, a tokenFile or a client certificate, for example of a service account"
            )
        }
        client.tls.certificate = data(keys, "client-certificate")
        client.tls.key = data(keys, "client-key")
        // Of both the file counts, since its token may be rotated.
        let file = keys.has("tokenFile") ? keys["tokenFile"].flatMap { $0.file() } : nil
        let token = keys.has("token") ? keys["token"]?.secret() : nil
        if let token = file.map({ Secret(.file(path: $0)) }) ?? token {
            client.authorization = Authorization(credentials: token)
        } else if keys.has("username") {
            client.basicAuth = BasicAuth(
                username: Secret(.inline(keys.string("username") ?? "")),
                password: keys["password"]?.secret())
        }
        client.headers = impersonation(keys)
    }

    /// Headers that have the server act as somebody else.
    private static func impersonation(_ keys: KeyedElement) -> [HTTPHeader] {
        func header(_ name: String, _ values: [String]) -> HTTPHeader? {
            values.isEmpty ? nil : HTTPHeader(name, values.map { Secret(.inline($0)) })
        }
        let extra = keys["as-user-extra"].flatMap { $0.entries() } ?? []
        let headers =
            [
                header("Impersonate-User", keys.string("as").map { [$0] } ?? []),
                header("Impersonate-Uid", keys.string("as-uid").map { [$0] } ?? []),
                header("Impersonate-Group", keys.strings("as-groups")),
            ]
            + extra.map { entry in
                header(
                    "Impersonate-Extra-" + PercentEncoding.component(entry.key),
                    entry.value.list { $0.string() } ?? [])
            }
        return headers.compactMap(\.self)
    }

    /// `KEY-data` in Base64, else the file that `KEY` names.
    private static func data(_ keys: KeyedElement, _ key: String) -> Secret? {
        let file = keys.has(key) ? keys[key].flatMap { $0.file() } : nil
        guard keys.has(key + "-data"), let text = keys[key + "-data"]?.string() else {
            return file.map { Secret(.file(path: $0)) }
        }
        guard let bytes = Base64.decode(text) else {
            keys.error(at: key + "-data", "illegal base64 data")
            return nil
        }
        return Secret(.inline(String(decoding: bytes, as: UTF8.self)))
    }
}
