import Model

/// Where a Docker daemon listens, as Docker's own tools write it: `unix:///var/run/docker.sock`,
/// `tcp://HOST:PORT`, `http://…` or `https://…`.
struct DockerHost: Hashable {
    /// What paths are added to.
    let base: String
    /// The socket to connect to instead of the URL's host.
    let unixSocket: String?
    /// Whether the settings of an HTTP client count. As in Prometheus, only for URLs of HTTP.
    let usesClientSettings: Bool

    /// The host that Docker's client names where there is none.
    private static let localHost = "http://api.moby.localhost"

    init(_ text: String) throws(APIError) {
        let bytes = Array(text.utf8)
        let mark = bytes.indices.first { bytes[$0...].starts(with: "://".utf8) }
        guard let mark, mark + 3 < bytes.count else {
            throw APIError("unable to parse docker host: \(DockerHost.forms)")
        }
        let scheme = String(decoding: bytes[..<mark], as: UTF8.self)
        var address = String(decoding: bytes[(mark + 3)...], as: UTF8.self)
        if scheme != "unix" { while address.hasSuffix("/") { address.removeLast() } }
        switch scheme {
        case "unix": (base, unixSocket) = (DockerHost.localHost, address)
        case "tcp": (base, unixSocket) = ("http://\(address)", nil)
        case "http", "https": (base, unixSocket) = ("\(scheme)://\(address)", nil)
        default:
            throw APIError(
                "the scheme \(scheme.goQuoted) of docker host is not supported: \(DockerHost.forms)"
            )
        }
        usesClientSettings = scheme == "http" || scheme == "https"
    }

    private static let forms = "expected unix://PATH, tcp://HOST:PORT, http://… or https://…"
}
