import Model

/// Reads the keys of an HTTP client, which stand inline in scrape configs and under `http_config`.
enum HTTPClientReader {
    /// Headers that other keys or the client itself set.
    static let reservedHeaders: Set<String> = [
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
            keys.error(
                at: "http_headers",
                "setting header \(header.name.canonicalHeaderName.goQuoted) is not allowed")
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
        let username = source(keys, "username", tooMany: many("basic_auth", "username")) {
            $0.openText()
        }
        let password = source(keys, "password", tooMany: many("basic_auth", "password")) {
            $0.secret()
        }
        return BasicAuth(username: username ?? Secret(.inline("")), password: password)
    }

    /// What is wrong with more than one of `KEY`, `KEY_file` and `KEY_ref`.
    private static func many(_ section: String, _ key: String, _ using: String = "") -> String {
        let prefix = section.isEmpty ? "" : section + " "
        return "at most one of \(prefix)\(key), \(key)_file & \(key)_ref must be configured\(using)"
    }

    /// `KEY`, `KEY_file` or `KEY_ref`; nil where none of them is written, or the last, which is not
    /// acted on. More than one are the error `tooMany`.
    private static func source(
        _ keys: KeyedElement, _ key: String, tooMany: String, _ read: (Element) -> Secret?
    ) -> Secret? {
        let found = keys.textOrFile(key, tooMany: tooMany, read)
        if hasReference(keys, key), found != nil { keys.error(at: key + "_ref", tooMany) }
        return found
    }

    /// Whether `KEY_ref` is written, which is then a warning.
    private static func hasReference(_ keys: KeyedElement, _ key: String) -> Bool {
        guard keys.has(key + "_ref"), keys.string(key + "_ref") != nil else { return false }
        keys.warn(at: key + "_ref", "secret providers are not acted on; it is ignored")
        return true
    }

    private static func authorization(_ keys: KeyedElement) -> Authorization? {
        let type = (keys.string("type") ?? "").trimmingWhitespace
        if type.lowercased() == "basic" {
            keys.error(
                at: "type",
                "authorization type cannot be set to \"basic\", use \"basic_auth\" instead")
        }
        let tooMany =
            "at most one of authorization credentials & credentials_file must be configured"
        return Authorization(
            type: type.isEmpty ? "Bearer" : type,
            credentials: source(keys, "credentials", tooMany: tooMany) { $0.secret() })
    }

    private static func oauth2(_ keys: KeyedElement) -> OAuth2? {
        if !keys.has("client_id") { keys.error("oauth2 client_id must be configured") }
        if !keys.has("token_url") { keys.error("oauth2 token_url must be configured") }
        var oauth2 = OAuth2(
            clientID: keys.string("client_id") ?? "", tokenURL: keys.string("token_url") ?? "")
        let assertion = assertion(keys)
        if keys.string("grant_type") == SignedAssertion.grantType {
            oauth2.assertion = assertion
            _ = (hasReference(keys, "client_secret"), keys.secretPreferringFile("client_secret"))
        } else {
            let tooMany = many("oauth2", "client_secret", " using grant-type=client_credentials")
            oauth2.clientSecret = source(keys, "client_secret", tooMany: tooMany) { $0.secret() }
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
        let tooMany = many(
            "oauth2", "client_certificate_key", " using grant-type=\(SignedAssertion.grantType)")
        let key =
            isAsked
            ? source(keys, "client_certificate_key", tooMany: tooMany) { $0.secret() }
            : keys.secretPreferringFile("client_certificate_key")
        if !isAsked { _ = hasReference(keys, "client_certificate_key") }
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
            tls.ca = source(keys, "ca", tooMany: many("", "ca")) { $0.openText() }
            tls.certificate = source(keys, "cert", tooMany: many("", "cert")) { $0.openText() }
            let tooManyKeys = "at most one of key and key_file must be configured"
            tls.key = source(keys, "key", tooMany: tooManyKeys) { $0.secret() }
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
