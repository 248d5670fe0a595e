import Configuration
import Exposition
import HTTPClient
import Model
import Transport

/// A scrape as an HTTP request, and its answer as an outcome.
struct ScrapeRequest {
    let configuration: ScrapeConfiguration
    let target: Target
    /// What a body may be where the configuration sets no limit.
    let maximumBodyBytes: Int

    /// The request, but for what `http_config` means.
    var request: HTTPRequest {
        var request = HTTPRequest(url: target.url)
        request.timeout = target.timeout.duration
        let seconds = GoFloat.fixed(target.timeout.inSeconds)
        request.headers = [
            .init(
                "Accept",
                ExpositionFormat.accept(
                    configuration.scrapeProtocols.map(\.rawValue),
                    escaping: configuration.nameEscaping.rawValue)),
            .init("Accept-Encoding", configuration.enableCompression ? "gzip" : "identity"),
            .init("X-Prometheus-Scrape-Timeout-Seconds", seconds),
        ]
        request.acceptsCompression = true
        // As there, a body of exactly the limit is too large.
        let limit = configuration.limits.bodySize
        request.maximumBodyBytes = limit > 0 ? Int(limit - 1) : maximumBodyBytes
        return request
    }

    /// Asks the target; nil where the task was cancelled.
    func send(
        by client: ConfiguredClient, over transport: any Transporting
    ) async -> (outcome: ScrapeOutcome, response: HTTPResponse?)? {
        do throws(ClientError) {
            let response = try await client.send(request, over: transport)
            return (outcome(response), response)
        } catch {
            return error.isCancellation ? nil : (outcome(error), nil)
        }
    }

    private func outcome(_ response: HTTPResponse) -> ScrapeOutcome {
        guard response.status == 200 else {
            let reason = response.reason.isEmpty ? reasons[response.status] : response.reason
            let status = reason.map { "\(response.status) \($0)" } ?? "\(response.status)"
            return .failure("server returned HTTP status \(status)")
        }
        return .body(response.body, contentType: response.header("Content-Type") ?? "")
    }

    private func outcome(_ error: ClientError) -> ScrapeOutcome {
        switch error {
        case .transport(let error): outcome(error)
        case .secret, .token: .failure("Get \(shownURL): \(error)")
        }
    }

    private var shownURL: String { URLRedaction.redact(target.url).goQuoted }

    private func outcome(_ error: TransportError) -> ScrapeOutcome {
        switch error.kind {
        case .tooLarge(let limit) where limit == HTTPRequest.maximumHeaderBytes:
            return .failure("Get \(shownURL): \(error.message)")
        case .tooLarge: return .failure("body size limit exceeded")
        case .timeout: return .failure("Get \(shownURL): context deadline exceeded")
        default: return .failure("Get \(shownURL): \(error.message)")
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
