import Configuration
import Exposition
import Model
import Transport

/// A scrape as an HTTP request, and its answer as an outcome.
struct ScrapeRequest {
    let configuration: ScrapeConfiguration
    let target: Target
    /// What a body may be where the configuration sets no limit.
    let maximumBodyBytes: Int

    /// The request, with secrets read now, which may be files.
    func made() async -> Result<HTTPRequest, SecretError> {
        let made = { @Sendable () -> Result<HTTPRequest, SecretError> in
            do throws(SecretError) { return .success(try make()) } catch { return .failure(error) }
        }
        let isPlain = configuration.client == HTTPClientConfiguration()
        return isPlain ? made() : await FileQueue.apart(made)
    }

    private func make() throws(SecretError) -> HTTPRequest {
        var request = HTTPRequest(url: target.url)
        request.timeout = target.timeout.duration
        let seconds = GoFloat.fixed(target.timeout.inSeconds)
        request.headers = [
            .init(
                "Accept", ExpositionFormat.accept(configuration.scrapeProtocols.map(\.rawValue))),
            .init("Accept-Encoding", configuration.enableCompression ? "gzip" : "identity"),
            .init("X-Prometheus-Scrape-Timeout-Seconds", seconds),
        ]
        request.acceptsCompression = true
        // As there, a body of exactly the limit is too large.
        let limit = configuration.limits.bodySize
        request.maximumBodyBytes = limit > 0 ? Int(limit - 1) : maximumBodyBytes
        try ClientSettings.apply(configuration.client, to: &request)
        return request
    }

    func outcome(_ response: HTTPResponse) -> ScrapeOutcome {
        guard response.status == 200 else {
            let reason = response.reason.isEmpty ? reasons[response.status] : response.reason
            let status = reason.map { "\(response.status) \($0)" } ?? "\(response.status)"
            return .failure("server returned HTTP status \(status)")
        }
        return .body(response.body, contentType: response.header("Content-Type") ?? "")
    }

    func outcome(_ error: TransportError) -> ScrapeOutcome {
        let url = URLRedaction.redact(target.url).goQuoted
        switch error.kind {
        case .tooLarge(let limit) where limit == HTTPRequest.maximumHeaderBytes:
            return .failure("Get \(url): \(error.message)")
        case .tooLarge: return .failure("body size limit exceeded")
        case .timeout: return .failure("Get \(url): context deadline exceeded")
        default: return .failure("Get \(url): \(error.message)")
        }
    }
}

/// What HTTP/2 leaves out of an answer.
private let reasons = [
    301: "Moved Permanently", 302: "Found", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
    408: "Request Timeout", 429: "Too Many Requests", 500: "Internal Server Error",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
]

/// A secret whose file cannot be read.
struct SecretError: Error {
    let message: String
}

/// The settings of `http_config` in a request.
enum ClientSettings {
    static func apply(
        _ client: HTTPClientConfiguration, to request: inout HTTPRequest
    ) throws(SecretError) {
        request.followsRedirects = client.followRedirects
        request.http2 = client.enableHTTP2
        request.proxyURL = try client.proxyURL.map(reveal)
        request.noProxy = client.noProxy
        request.proxyFromEnvironment = client.proxyFromEnvironment
        for header in client.headers {
            for value in header.values {
                request.headers.append(.init(header.name, try reveal(value)))
            }
        }
        if let basic = client.basicAuth {
            request.authorization = .basic(
                user: try reveal(basic.username), password: try basic.password.map(reveal) ?? "")
        } else if let authorization = client.authorization {
            request.authorization = .scheme(
                authorization.type, credentials: try authorization.credentials.map(reveal) ?? "")
        }
        try apply(client.tls, to: &request.tls)
    }

    private static func apply(
        _ tls: TLSConfiguration, to options: inout TLSOptions
    ) throws(SecretError) {
        if let ca = tls.ca { options.ca = try reveal(ca) }
        if let certificate = tls.certificate { options.certificate = try reveal(certificate) }
        if let key = tls.key { options.key = try reveal(key) }
        options.serverName = tls.serverName
        options.insecureSkipVerify = tls.insecureSkipVerify
        options.minimumVersion = tls.minimumVersion.flatMap { .init(rawValue: $0.rawValue) }
        options.maximumVersion = tls.maximumVersion.flatMap { .init(rawValue: $0.rawValue) }
    }

    private static func reveal(_ secret: Secret) throws(SecretError) -> String {
        try secret.reveal { path throws(SecretError) in
            do throws(FileAccess.ReadError) {
                return String(decoding: try FileAccess.system.read(path), as: UTF8.self)
            } catch {
                throw SecretError(message: "unable to read secret file \(path): \(error)")
            }
        }
    }
}
