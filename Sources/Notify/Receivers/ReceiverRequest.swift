import Configuration
import Model
import Transport

extension HTTPRequest {
    /// How long a receiver may take where its configuration says nothing.
    static let receiverTimeout: Duration = .seconds(30)
    /// What a receiver's answer may be.
    static let receiverBodyBytes = 256 << 10

    /// A JSON message to a receiver, as its `http_config` wants it sent.
    static func json(
        to url: String, _ body: JSONValue, client: HTTPClientConfiguration,
        timeout: Milliseconds, secrets: SecretFiles
    ) throws(SecretFiles.Missing) -> HTTPRequest {
        var request = HTTPRequest(
            method: "POST", url: url, headers: [Header("Content-Type", "application/json")],
            body: Array(body.text.utf8))
        request.timeout = timeout > .zero ? timeout.duration : receiverTimeout
        request.maximumBodyBytes = receiverBodyBytes
        try request.apply(client, secrets)
        return request
    }

    private mutating func apply(
        _ client: HTTPClientConfiguration, _ secrets: SecretFiles
    ) throws(SecretFiles.Missing) {
        if let basic = client.basicAuth {
            authorization = .basic(
                user: try secrets.reveal(basic.username),
                password: try basic.password.map { value throws(SecretFiles.Missing) in
                    try secrets.reveal(value)
                } ?? "")
        } else if let scheme = client.authorization, let credentials = scheme.credentials {
            let text = try secrets.reveal(credentials)
            authorization =
                scheme.type.lowercased() == "bearer"
                ? .bearer(text) : .scheme(scheme.type, credentials: text)
        }
        tls = try TLSOptions(client.tls, secrets)
        if let proxy = client.proxyURL { proxyURL = try secrets.reveal(proxy) }
        if !client.noProxy.isEmpty { noProxy = client.noProxy }
        proxyFromEnvironment = client.proxyFromEnvironment
        followsRedirects = client.followRedirects
        http2 = client.enableHTTP2
        for header in client.headers {
            for value in header.values {
                headers.append(Header(header.name, try secrets.reveal(value)))
            }
        }
    }
}

extension TLSOptions {
    init(
        _ configuration: TLSConfiguration, _ secrets: SecretFiles
    ) throws(SecretFiles.Missing) {
        self.init()
        func text(_ secret: Secret?) throws(SecretFiles.Missing) -> String? {
            guard let secret else { return nil }
            return try secrets.reveal(secret)
        }
        ca = try text(configuration.ca)
        certificate = try text(configuration.certificate)
        key = try text(configuration.key)
        serverName = configuration.serverName
        insecureSkipVerify = configuration.insecureSkipVerify
        minimumVersion = configuration.minimumVersion.flatMap { Version(rawValue: $0.rawValue) }
        maximumVersion = configuration.maximumVersion.flatMap { Version(rawValue: $0.rawValue) }
    }
}
