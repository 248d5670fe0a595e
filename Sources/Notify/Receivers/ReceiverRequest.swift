import Configuration
import Model
import Transport

extension HTTPRequest {
    /// How long a receiver may take where its configuration says nothing.
    static let receiverTimeout: Duration = .seconds(30)
    /// What a receiver's answer may be.
    static let receiverBodyBytes = 256 << 10

    /// A JSON message.
    static func json(to url: String, method: String = "POST", _ body: JSONValue) -> HTTPRequest {
        json(to: url, method: method, body.bytes)
    }

    /// A message that is JSON already.
    static func json(to url: String, method: String = "POST", _ body: [UInt8]) -> HTTPRequest {
        HTTPRequest(
            method: method, url: url, headers: [Header("Content-Type", "application/json")],
            body: body)
    }

    /// A form.
    static func form(to url: String, _ fields: [(String, String)]) -> HTTPRequest {
        HTTPRequest(
            method: "POST", url: url,
            headers: [Header("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(fields.formEncoded.utf8))
    }

    /// What `http_config` wants of a request. Credentials that the request has already stay.
    mutating func apply(
        _ client: HTTPClientConfiguration, _ secrets: SecretFiles
    ) throws(SecretFiles.Missing) {
        if authorization == nil, !headers.contains(where: { $0.name == "Authorization" }) {
            authorization = try RequestAuthorization(client, secrets)
        }
        tls = try TLSOptions(client.tls, secrets)
        if let proxy = client.proxyURL { proxyURL = try secrets.reveal(proxy) }
        if !client.noProxy.isEmpty { noProxy = client.noProxy }
        proxyFromEnvironment = client.proxyFromEnvironment
        proxyHeaders = try client.proxyConnectHeaders.revealed(secrets)
        followsRedirects = client.followRedirects
        http2 = client.enableHTTP2
        let configured = try client.headers.revealed(secrets)
        let names = Set(configured.map { $0.name.lowercased() })
        headers = headers.filter { !names.contains($0.name.lowercased()) } + configured
    }
}

extension [HTTPHeader] {
    /// One line for each value.
    func revealed(
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
    init?(
        _ client: HTTPClientConfiguration, _ secrets: SecretFiles
    ) throws(SecretFiles.Missing) {
        if let basic = client.basicAuth {
            var password = ""
            if let secret = basic.password { password = try secrets.reveal(secret) }
            self = .basic(user: try secrets.reveal(basic.username), password: password)
        } else if let scheme = client.authorization, let credentials = scheme.credentials {
            let text = try secrets.reveal(credentials)
            self =
                scheme.type.lowercased() == "bearer"
                ? .bearer(text) : .scheme(scheme.type, credentials: text)
        } else {
            return nil
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

extension String {
    /// As a value of a form or a query: a space is `+`.
    var formEscaped: String { PercentEncoding.formValue(self) }

    /// As a part of a path, and as Amazon's signatures want it: a space is `%20`.
    var pathEscaped: String { PercentEncoding.component(self) }

    /// A URL with more path, in front of its query.
    func appendingPath(_ path: String, query: [(String, String)] = []) -> String {
        let end = firstIndex { $0 == "?" || $0 == "#" } ?? endIndex
        let base = self[..<end].hasSuffix("/") ? self[..<end].dropLast() : self[..<end]
        var rest = String(self[end...].prefix { $0 != "#" })
        if !query.isEmpty { rest += (rest.isEmpty ? "?" : "&") + query.formEncoded }
        return "\(base)/\(path)\(rest)"
    }
}

extension [(String, String)] {
    /// `a=1&b=2`.
    var formEncoded: String {
        map { "\($0.0.formEscaped)=\($0.1.formEscaped)" }.joined(separator: "&")
    }
}
