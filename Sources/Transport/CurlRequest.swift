import CCurl
import Glibc
import Model

// How a request or a mail becomes the options of an easy handle.
extension CurlTransfer {
    func configure(_ request: HTTPRequest, _ userAgent: String) throws(TransportError) {
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, request.followsRedirects)
        set(CURLOPT_MAXREDIRS, HTTPRequest.maximumRedirects)
        set(CURLOPT_HTTP_VERSION, request.http2 ? curlHTTP2OverTLS : curlHTTP11)
        setTimeout(request)
        set(
            CURLOPT_CONNECTTIMEOUT_MS,
            milliseconds(min(request.connectTimeout ?? request.timeout, request.timeout)))
        setMethod(request)
        set(CURLOPT_PATH_AS_IS, true)
        var headers = try setEndpoint(
            url: try CurlTransfer.sent(request.url), serverName: request.tls.serverName,
            isHTTP: true)
        headers += headerLines(request, userAgent)
        setProxy(request)
        if let path = request.unixSocket { set(CURLOPT_UNIX_SOCKET_PATH, path) }
        switch request.authorization {
        case .basic(let user, let password):
            set(CURLOPT_HTTPAUTH, curlAuthBasic)
            set(CURLOPT_USERNAME, user)
            set(CURLOPT_PASSWORD, password)
        // As header lines they are dropped by libcurl where a redirect leads to another host.
        case .bearer(let token):
            headers.append("Authorization: Bearer\(token.isEmpty ? "" : " \(token)")")
        case .scheme(let name, let text):
            headers.append("Authorization: \(text.isEmpty ? name : "\(name) \(text)")")
        case nil: break
        }
        set(CURLOPT_HTTPHEADER, headers)
        setTrust(request.tls)
    }

    private func setTimeout(_ request: HTTPRequest) {
        let timeout = milliseconds(request.timeout)
        guard mailbox != nil else { return set(CURLOPT_TIMEOUT_MS, timeout) }
        // A stream may last; what may not is silence, which libcurl counts in seconds.
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, max(1, timeout / 1000))
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
    }

    /// A URL as Go sends it: its path escaped where it must be, dots and all.
    private static func sent(_ url: String) throws(TransportError) -> String {
        do throws(ParsedURL.ParseError) {
            return try ParsedURL(url).requestText
        } catch {
            throw TransportError(
                .invalidRequest, "parse \(URLRedaction.redact(url).goQuoted): \(error)")
        }
    }

    private func headerLines(_ request: HTTPRequest, _ userAgent: String) -> [String] {
        var lines = request.headers.map { header in
            header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
        }
        let names = Set(request.headers.map { $0.name.lowercased() })
        if !names.contains("user-agent") { lines.append("User-Agent: \(userAgent)") }
        if request.acceptsCompression, !names.contains("accept-encoding") {
            lines.append("Accept-Encoding: gzip")
        }
        if request.body != nil, !names.contains("content-type") { lines.append("Content-Type:") }
        lines.append("Expect:")
        return lines
    }

    private func setMethod(_ request: HTTPRequest) {
        if let body = request.body { set(CURLOPT_COPYPOSTFIELDS, copying: body) }
        switch (request.method, request.body) {
        case ("GET", nil): set(CURLOPT_HTTPGET, true)
        case ("HEAD", nil): set(CURLOPT_NOBODY, true)
        case ("POST", nil):
            set(CURLOPT_POST, true)
            set(CURLOPT_COPYPOSTFIELDS, copying: [])
        case ("POST", _): break
        default: set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private func setProxy(_ request: HTTPRequest) {
        let scheme = (try? ParsedURL(request.url))?.scheme
        // They are for the request to connect alone; without one, libcurl would add them to the request
        // itself, which the proxy passes on.
        if !request.proxyHeaders.isEmpty, scheme == "https" {
            set(CURLOPT_HEADEROPT, curlHeadersSeparate)
            set(CURLOPT_PROXYHEADER, request.proxyHeaders.map { "\($0.name): \($0.value)" })
        }
        if let proxy = request.proxyURL {
            set(CURLOPT_PROXY, proxy)
            set(CURLOPT_NOPROXY, request.noProxy ?? "")
        } else if !request.proxyFromEnvironment {
            // Without this libcurl reads `http_proxy` and its like.
            set(CURLOPT_PROXY, "")
        } else if scheme == "http", let proxy = CurlTransfer.upperCaseProxy {
            set(CURLOPT_PROXY, proxy)
        }
    }

    /// `HTTP_PROXY`, which Go reads and libcurl does not: a CGI script's client could set it. There
    /// libcurl is right, and so is Go.
    private static var upperCaseProxy: String? {
        if unsafe getenv("http_proxy") != nil || getenv("REQUEST_METHOD") != nil { return nil }
        guard let text = unsafe getenv("HTTP_PROXY") else { return nil }
        return unsafe String(cString: text)
    }

    /// Sets the URL. With a server name of its own, TLS must ask for that name and find it in the
    /// certificate: the URL gets it, the connection goes where the URL said, and `Host` stays.
    func setEndpoint(
        url: String, serverName: String?, isHTTP: Bool
    ) throws(TransportError) -> [String] {
        guard let name = serverName, !name.isEmpty else {
            set(CURLOPT_URL, url)
            return []
        }
        guard let parts = URLParts(url), let renamed = parts.replacingHost(with: name) else {
            throw TransportError(
                .invalidRequest, "\(URLRedaction.redact(url)) is not a URL")
        }
        set(CURLOPT_URL, renamed)
        set(CURLOPT_CONNECT_TO, ["::\(parts.host):\(parts.port)"])
        return isHTTP ? ["Host: \(parts.hostAndPort)"] : []
    }

    func setTrust(_ tls: TLSOptions) {
        set(CURLOPT_SSL_VERIFYPEER, !tls.insecureSkipVerify)
        set(CURLOPT_SSL_VERIFYHOST, tls.insecureSkipVerify ? 0 : 2)
        if let path = tls.caFile { set(CURLOPT_CAINFO, path) }
        if let text = tls.ca { set(CURLOPT_CAINFO_BLOB, blob: text) }
        if let path = tls.certificateFile { set(CURLOPT_SSLCERT, path) }
        if let text = tls.certificate { set(CURLOPT_SSLCERT_BLOB, blob: text) }
        if let path = tls.keyFile { set(CURLOPT_SSLKEY, path) }
        if let text = tls.key { set(CURLOPT_SSLKEY_BLOB, blob: text) }
        // Go's oldest default is TLS 1.2.
        let oldest = (tls.minimumVersion ?? min(.tls12, tls.maximumVersion ?? .tls12)).curlMinimum
        set(CURLOPT_SSLVERSION, oldest | (tls.maximumVersion?.curlMaximum ?? 0))
    }
}

// Macros that Swift does not import, or enumerators it gives unhandy types.
private let curlHTTP11 = 2
private let curlHTTP2OverTLS = 4
private let curlAuthBasic = 1
private let curlHeadersSeparate = 1

extension TLSOptions.Version {
    fileprivate var curlMinimum: Int {
        switch self {
        case .tls10: 4
        case .tls11: 5
        case .tls12: 6
        case .tls13: 7
        }
    }

    fileprivate var curlMaximum: Int { curlMinimum << 16 }
}

/// A URL taken apart by libcurl, which will use it.
struct URLParts {
    var host: String
    var port: String
    var hostAndPort: String
    private let url: String

    init?(_ url: String) {
        guard let handle = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(handle) }
        guard unsafe curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK,
            let host = unsafe URLParts.part(handle, CURLUPART_HOST),
            let port = unsafe URLParts.part(handle, CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT))
        else { return nil }
        let explicit = unsafe URLParts.part(handle, CURLUPART_PORT)
        self.host = host
        self.port = port
        self.url = url
        hostAndPort = explicit.map { "\(host):\($0)" } ?? host
    }

    func replacingHost(with name: String) -> String? {
        guard let handle = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(handle) }
        guard unsafe curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK,
            unsafe curl_url_set(handle, CURLUPART_HOST, name, 0) == CURLUE_OK
        else { return nil }
        return unsafe URLParts.part(handle, CURLUPART_URL)
    }

    private static func part(
        _ handle: OpaquePointer, _ part: CURLUPart, _ flags: UInt32 = 0
    ) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(handle, part, &text, flags) == CURLUE_OK,
            let text = unsafe text
        else { return nil }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}
