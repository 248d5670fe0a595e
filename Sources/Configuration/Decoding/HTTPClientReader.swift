import Model

/// Reads the keys of an HTTP client, which stand inline in scrape configs and under `http_config`.
enum HTTPClientReader {
    /// Headers that other keys or the client itself set.
    private static let reservedHeaders: Set<String> = [
        "Authorization", "Host", "Content-Encoding", "Content-Length", "Content-Type",
        "User-Agent", "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
        "Www-Authenticate", "Accept-Encoding", "X-Prometheus-Remote-Write-Version",
        "X-Prometheus-Remote-Read-Version", "X-Prometheus-Scrape-Timeout-Seconds",
        "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256",
    ]

    static func read(_ keys: KeyedElement) -> HTTPClientConfiguration {
        var client = HTTPClientConfiguration()
        readAuthentication(keys, &client)
        if let tls = keys["tls_config"].flatMap(tls) { client.tls = tls }
        readProxy(keys, &client)
        keys.bool("follow_redirects", &client.followRedirects)
        keys.bool("enable_http2", &client.enableHTTP2)
        client.headers = headers(keys["http_headers"])
        for header in client.headers
        where reservedHeaders.contains(header.name.canonicalHeaderName) {
            keys.error(at: "http_headers", "setting header \(header.name.goQuoted) is not allowed")
        }
        return client
    }

    private static func readAuthentication(
        _ keys: KeyedElement, _ client: inout HTTPClientConfiguration
    ) {
        let hasBearer = keys.has("bearer_token") || keys.has("bearer_token_file")
        let bearer = keys.secret("bearer_token")
        client.basicAuth = keys.object("basic_auth", basicAuth)
        client.authorization = keys.object("authorization", authorization)
        client.oauth2 = keys.object("oauth2", oauth2)
        let hasOAuth2 = client.oauth2 != nil
        if client.basicAuth != nil || hasOAuth2, hasBearer {
            keys.error(
                "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured"
            )
        }
        if client.authorization != nil, hasBearer {
            keys.error("authorization is not compatible with bearer_token & bearer_token_file")
        }
        let ways = [client.authorization != nil, client.basicAuth != nil, hasOAuth2]
        if ways.filter({ $0 }).count > 1 {
            keys.error("at most one of basic_auth, oauth2 & authorization must be configured")
        }
        if let bearer, client.authorization == nil {
            client.authorization = Authorization(credentials: bearer)
        }
    }

    private static func basicAuth(_ keys: KeyedElement) -> BasicAuth? {
        for key in ["username_ref", "password_ref"] where keys.has(key) {
            keys.warn(at: key, "secret providers are not acted on; it is ignored")
        }
        return BasicAuth(
            username: keys.openText("username", as: "basic_auth") ?? Secret(.inline("")),
            password: keys.secret("password", as: "basic_auth"))
    }

    private static func authorization(_ keys: KeyedElement) -> Authorization? {
        let type = (keys.string("type") ?? "").trimmingWhitespace
        if type.lowercased() == "basic" {
            keys.error(
                at: "type",
                "authorization type cannot be set to \"basic\", use \"basic_auth\" instead")
        }
        if keys.has("credentials_ref") {
            keys.warn(at: "credentials_ref", "secret providers are not acted on; it is ignored")
        }
        return Authorization(
            type: type.isEmpty ? "Bearer" : type,
            credentials: keys.secret("credentials", as: "authorization"))
    }

    private static func oauth2(_ keys: KeyedElement) -> OAuth2? {
        for key in ["client_secret_ref", "client_certificate_key_ref"] where keys.has(key) {
            keys.warn(at: key, "secret providers are not acted on; it is ignored")
        }
        if !keys.has("client_id") { keys.error("oauth2 client_id must be configured") }
        if !keys.has("token_url") { keys.error("oauth2 token_url must be configured") }
        var oauth2 = OAuth2(
            clientID: keys.string("client_id") ?? "", tokenURL: keys.string("token_url") ?? "")
        let assertion = assertion(keys)
        if keys.string("grant_type") == SignedAssertion.grantType {
            oauth2.assertion = assertion
            _ = keys.secretPreferringFile("client_secret")
        } else {
            oauth2.clientSecret = keys.secret("client_secret", as: "oauth2")
        }
        oauth2.scopes = keys.strings("scopes")
        oauth2.parameters = keys.namedTexts("endpoint_params")
        for entry in keys["endpoint_params"]?.entries() ?? [] { _ = entry.value.secret() }
        if let tls = keys["tls_config"].flatMap(tls) { oauth2.tls = tls }
        var proxies = HTTPClientConfiguration()
        readProxy(keys, &proxies)
        oauth2.proxyURL = proxies.proxyURL
        oauth2.noProxy = proxies.noProxy
        oauth2.proxyFromEnvironment = proxies.proxyFromEnvironment
        oauth2.proxyConnectHeaders = proxies.proxyConnectHeaders
        return oauth2
    }

    /// The keys of a signed assertion. They are checked where `grant_type` asks for one.
    private static func assertion(_ keys: KeyedElement) -> SignedAssertion {
        let isAsked = keys.string("grant_type") == SignedAssertion.grantType
        let key =
            isAsked
            ? keys.secret("client_certificate_key", as: "oauth2")
            : keys.secretPreferringFile("client_certificate_key")
        if !isAsked, key != nil {
            keys.warn(
                at: keys.has("client_certificate_key")
                    ? "client_certificate_key" : "client_certificate_key_file",
                "it is used only with grant_type: \(SignedAssertion.grantType)")
        }
        var assertion = SignedAssertion(key: key ?? Secret(.inline("")))
        if isAsked, key == nil, !keys.has("client_certificate_key_ref") {
            keys.warn(
                "without client_certificate_key or client_certificate_key_file no assertion can be signed"
            )
        }
        keys.string("client_certificate_key_id", &assertion.keyID)
        keys.string("iss", &assertion.issuer)
        keys.string("audience", &assertion.audience)
        assertion.claims = (keys["claims"]?.entries() ?? []).map {
            YAMLValue.Entry($0.key, $0.value.node.untyped)
        }
        let name = keys.string("signature_algorithm") ?? ""
        if let algorithm = SignedAssertion.Algorithm(rawValue: name) {
            assertion.algorithm = algorithm
        } else if isAsked, !name.isEmpty {
            keys.error(
                at: "signature_algorithm", "valid signature algorithms are RS256, RS384 and RS512")
        }
        return assertion
    }

    private static func readProxy(_ keys: KeyedElement, _ client: inout HTTPClientConfiguration) {
        client.proxyURL = keys.has("proxy_url") ? proxyURL(keys["proxy_url"]) : nil
        keys.string("no_proxy", &client.noProxy)
        keys.bool("proxy_from_environment", &client.proxyFromEnvironment)
        client.proxyConnectHeaders = connectHeaders(keys["proxy_connect_header"])
        if !client.proxyConnectHeaders.isEmpty, client.proxyURL == nil,
            !client.proxyFromEnvironment
        {
            keys.error(
                "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured"
            )
        }
        if client.proxyFromEnvironment, client.proxyURL != nil {
            keys.error("if proxy_from_environment is configured, proxy_url must not be configured")
        }
        if client.proxyFromEnvironment, !client.noProxy.isEmpty {
            keys.error("if proxy_from_environment is configured, no_proxy must not be configured")
        }
        if client.proxyURL == nil, !client.noProxy.isEmpty {
            keys.error("if no_proxy is configured, proxy_url must also be configured")
        }
    }

    private static func proxyURL(_ element: Element?) -> Secret? {
        guard let element else { return nil }
        URLCheck.check(element)
        return element.secret(hiding: .credentials)
    }

    private static func connectHeaders(_ element: Element?) -> [HTTPHeader] {
        (element?.entries() ?? []).map { entry in
            HTTPHeader(entry.key, entry.value.list { $0.secret() } ?? [])
        }
    }

    static func headers(_ element: Element?) -> [HTTPHeader] {
        (element?.entries() ?? []).compactMap { entry in
            entry.value.object { keys in
                HTTPHeader(
                    entry.key,
                    keys.list("values") { $0.secret() } + keys.list("secrets") { $0.secret() }
                        + keys.list("files") { $0.file().map { Secret(.file(path: $0)) } })
            }
        }.sorted { $0.name.byteOrder($1.name) < 0 }
    }

    /// `tls_config`.
    static func tls(_ element: Element) -> TLSConfiguration? {
        if element.isNull { return nil }
        return element.object { keys in
            var tls = TLSConfiguration()
            for key in ["ca_ref", "cert_ref", "key_ref"] where keys.has(key) {
                keys.warn(at: key, "secret providers are not acted on; it is ignored")
            }
            tls.ca = keys.openText("ca")
            tls.certificate = keys.openText("cert")
            tls.key = keys.secret("key")
            let hasCertificate = tls.certificate != nil || keys.has("cert_ref")
            let hasKey = tls.key != nil || keys.has("key_ref")
            if hasCertificate, !hasKey {
                keys.error(
                    "exactly one of key or key_file must be configured when a client certificate is configured"
                )
            }
            if hasKey, !hasCertificate {
                keys.error(
                    "exactly one of cert or cert_file must be configured when a client key is configured"
                )
            }
            tls.serverName = keys.has("server_name") ? keys.string("server_name") : nil
            keys.bool("insecure_skip_verify", &tls.insecureSkipVerify)
            tls.minimumVersion = version(keys["min_version"])
            tls.maximumVersion = version(keys["max_version"])
            return tls
        }
    }

    private static func version(_ element: Element?) -> TLSConfiguration.Version? {
        guard let element, let text = element.string(), !text.isEmpty else { return nil }
        if let version = TLSConfiguration.Version(rawValue: text) { return version }
        element.error("unknown TLS version: \(text)")
        return nil
    }
}

extension String {
    /// As Go writes a header's name: `x-my-header` is `X-My-Header`.
    var canonicalHeaderName: String {
        var upper = true
        var out: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case 0x61...0x7a where upper: out.append(byte - 0x20)
            case 0x41...0x5a where !upper: out.append(byte + 0x20)
            default: out.append(byte)
            }
            upper = byte == UInt8(ascii: "-")
        }
        return String(decoding: out, as: UTF8.self)
    }
}
