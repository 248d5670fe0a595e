import Model

/// Where a Docker daemon listens, as Docker's own tools write it: `unix:///var/run/docker.sock`,
/// `tcp://HOST:PORT`, `http://…` or `https://…`.
struct DockerHost {
    let endpoint: APIEndpoint
    /// Whether the settings of an HTTP client count. As in Prometheus, only for URLs of HTTP.
    let usesClientSettings: Bool

    /// The host that Docker's client names where there is none.
    private static let localHost = "http://api.moby.localhost"
    private static let forms = "expected unix://PATH, tcp://HOST:PORT, http://… or https://…"

    init(_ text: String) throws(APIError) {
        guard let (scheme, address) = text.schemeAndRest, !address.isEmpty else {
            throw APIError("unable to parse docker host: \(DockerHost.forms)")
        }
        switch scheme {
        case "unix": endpoint = APIEndpoint(base: DockerHost.localHost, unixSocket: address)
        case "tcp": endpoint = APIEndpoint(base: "http://\(address)")
        case "http", "https": endpoint = APIEndpoint(base: text)
        default:
            throw APIError(
                "the scheme \(scheme.goQuoted) of docker host is not supported: \(DockerHost.forms)"
            )
        }
        usesClientSettings = scheme == "http" || scheme == "https"
    }
}
