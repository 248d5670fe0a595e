import Configuration
import Model
import Transport

extension HTTPRequest {
    /// What `http_config` means for a request, but for tokens of OAuth 2.
    ///
    /// Configured headers stand beside those that the request has already, and an `Authorization` that it
    /// has stays.
    public mutating func apply(
        _ client: HTTPClientConfiguration, _ secrets: SecretFiles
    ) throws(SecretFiles.Missing) {
        followsRedirects = client.followRedirects
        http2 = client.enableHTTP2
        tls = try TLSOptions(client.tls, secrets)
        try applyProxy(client, secrets)
        if !isAuthorized { authorization = try RequestAuthorization(client, secrets) }
        headers += try client.headers.revealed(secrets)
    }

    private mutating func applyProxy(
        _ client: HTTPClientConfiguration, _ secrets: SecretFiles
    ) throws(SecretFiles.Missing) {
        proxyURL = try secrets.reveal(client.proxyURL)
        noProxy = client.noProxy
        proxyFromEnvironment = client.proxyFromEnvironment
        proxyHeaders = try client.proxyConnectHeaders.revealed(secrets)
    }

    private var isAuthorized: Bool {
        authorization != nil
            || headers.contains { $0.name.lowercased() == "authorization" && !$0.value.isEmpty }
    }

    /// Has a token say who we are, whatever did so before.
    mutating func authorize(by token: Token) {
        headers.removeAll { $0.name.lowercased() == "authorization" }
        authorization = RequestAuthorization(type: token.type, token.text)
    }
}

extension [HTTPHeader] {
    /// One line for each value.
    fileprivate func revealed(
        _ secrets: SecretFiles
    ) throws(SecretFiles.Missing) -> [HTTPRequest.Header] {
        var lines: [HTTPRequest.Header] = []
        for header in self {
            for value in header.values {
                lines.append(HTTPRequest.Header(header.name, try secrets.reveal(value)))
            }
        }
        return lines
    }
}

extension RequestAuthorization {
    fileprivate init?(
        _ client: HTTPClientConfiguration, _ secrets: SecretFiles
    ) throws(SecretFiles.Missing) {
        if let basic = client.basicAuth {
            self = .basic(
                user: try secrets.reveal(basic.username),
                password: try secrets.reveal(basic.password) ?? "")
        } else if let scheme = client.authorization {
            self.init(type: scheme.type, try secrets.reveal(scheme.credentials) ?? "")
        } else {
            return nil
        }
    }

    fileprivate init(type: String, _ credentials: String) {
        self = type == "Bearer" ? .bearer(credentials) : .scheme(type, credentials: credentials)
    }
}

extension TLSOptions {
    /// What `tls_config` says.
    public init(
        _ configuration: TLSConfiguration, _ secrets: SecretFiles
    ) throws(SecretFiles.Missing) {
        self.init()
        ca = try secrets.reveal(configuration.ca)
        certificate = try secrets.reveal(configuration.certificate)
        key = try secrets.reveal(configuration.key)
        serverName = configuration.serverName
        insecureSkipVerify = configuration.insecureSkipVerify
        minimumVersion = configuration.minimumVersion.flatMap { Version(rawValue: $0.rawValue) }
        maximumVersion = configuration.maximumVersion.flatMap { Version(rawValue: $0.rawValue) }
    }
}
