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
    /// With OAuth 2, `timeout` bounds the wait for a token too. A token that the other side refuses (401)
    /// is replaced, once.
    public func send(
        _ request: HTTPRequest, over transport: any Transporting
    ) async throws(ClientError) -> HTTPResponse {
        let end = ContinuousClock.now + request.timeout
        let made = try await made(request)
        guard let tokens else { return try await exchange(made, over: transport) }
        let token = try await tokens.token(until: end, over: transport)
        let response = try await exchange(made, token, until: end, over: transport)
        if response.status != 401 { return response }
        tokens.forget(token)
        let next = try await tokens.token(until: end, over: transport)
        return try await exchange(made, next, until: end, over: transport)
    }

    private func made(_ request: HTTPRequest) async throws(ClientError) -> HTTPRequest {
        let (configuration, secrets) = (configuration, secrets)
        let result = await secrets.whileRevealing(configuration.secrets) {
            () -> Result<HTTPRequest, ClientError> in
            var request = request
            do throws(SecretFiles.Missing) {
                try request.apply(configuration, secrets)
                return .success(request)
            } catch {
                return .failure(.secret(error))
            }
        }
        return try result.get()
    }

    private func exchange(
        _ request: HTTPRequest, _ token: Token, until end: ContinuousClock.Instant,
        over transport: any Transporting
    ) async throws(ClientError) -> HTTPResponse {
        var request = request
        request.authorize(by: token)
        // Zero would be no limit at all.
        request.timeout = max(end - .now, .milliseconds(1))
        return try await exchange(request, over: transport)
    }

    private func exchange(
        _ request: HTTPRequest, over transport: any Transporting
    ) async throws(ClientError) -> HTTPResponse {
        do throws(TransportError) {
            return try await transport.send(request)
        } catch {
            throw .transport(error)
        }
    }
}
