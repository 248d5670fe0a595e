import Configuration
import Model
import Transport

/// Sends requests as one `http_config` wants them sent.
///
/// It keeps the token of OAuth 2, so that whatever shares a configuration shares its client. Secrets are
/// read for each request.
public final class ConfiguredClient: Sendable {
    /// The configuration.
    public let configuration: HTTPClientConfiguration
    private let secrets: SecretFiles
    private let tokens: TokenSource?

    /// A client. `now` is the monotonic clock, by which tokens expire.
    public init(
        _ configuration: HTTPClientConfiguration, files: FileAccess = .system,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.configuration = configuration
        secrets = SecretFiles(files)
        tokens = configuration.oauth2.map { TokenSource($0, SecretFiles(files), now: now) }
    }

    /// Sends a request and returns the whole response, whatever its status.
    ///
    /// With OAuth 2, `timeout` bounds the wait for a token too.
    public func send(
        _ request: HTTPRequest, over transport: any Transporting
    ) async throws(ClientError) -> HTTPResponse {
        try await authorized(request, over: transport, status: \.status) {
            (request) throws(TransportError) in try await transport.send(request)
        }
    }

    /// Sends a request and returns once the response's headers are there (`Transporting.stream`).
    ///
    /// With OAuth 2, `timeout` bounds the wait for a token too.
    public func stream(
        _ request: HTTPRequest, over transport: any Transporting
    ) async throws(ClientError) -> HTTPStream {
        try await authorized(request, over: transport, status: \.status, isStream: true) {
            (request) throws(TransportError) in try await transport.stream(request)
        }
    }

    private typealias Exchange<Response> =
        @Sendable (HTTPRequest) async throws(TransportError) -> Response

    /// A token that the other side refuses (401) is replaced, once.
    private func authorized<Response: Sendable>(
        _ request: HTTPRequest, over transport: any Transporting,
        status: @Sendable (Response) -> Int, isStream: Bool = false,
        _ exchange: Exchange<Response>
    ) async throws(ClientError) -> Response {
        let end = ContinuousClock.now + request.timeout
        let made = try await made(request)
        guard let tokens else { return try await perform(made, exchange) }
        func attempt(_ token: Token) async throws(ClientError) -> Response {
            var request = made
            request.authorize(by: token)
            // A stream's time-out is how long it may be silent. Zero would be no limit at all.
            if !isStream { request.timeout = max(end - .now, .milliseconds(1)) }
            return try await perform(request, exchange)
        }
        let token = try await tokens.token(until: end, over: transport)
        let response = try await attempt(token)
        if status(response) != 401 { return response }
        tokens.forget(token)
        return try await attempt(try await tokens.token(until: end, over: transport))
    }

    private func perform<Response: Sendable>(
        _ request: HTTPRequest, _ exchange: Exchange<Response>
    ) async throws(ClientError) -> Response {
        do throws(TransportError) {
            return try await exchange(request)
        } catch {
            throw .transport(error)
        }
    }

    private func made(_ request: HTTPRequest) async throws(ClientError) -> HTTPRequest {
        do throws(SecretFiles.Missing) {
            return try await secrets.applying(configuration, to: request)
        } catch {
            throw .secret(error)
        }
    }
}
