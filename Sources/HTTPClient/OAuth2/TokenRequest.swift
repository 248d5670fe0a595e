import Configuration
import Model
import Transport

/// Asks an endpoint for a token, as Go's packages do.
struct TokenRequest: Sendable {
    /// Where a client's secret stands: in the header, as the standard prefers it, or in the form, as some
    /// endpoints want it.
    enum Style: Sendable { case header, form }

    /// What an answer may be.
    static let maximumBodyBytes = 1 << 20

    let oauth2: OAuth2
    /// The secret, or the key as PEM.
    let credential: String
    let secrets: SecretFiles
    let now: @Sendable () -> ContinuousClock.Instant

    /// Asks; tries the second style where the first is refused and none is known.
    func send(
        _ known: Style?, over transport: any Transporting
    ) async throws(TokenFailure) -> (token: Token, style: Style?) {
        if let assertion = oauth2.assertion {
            let response = try await ask(try grant(of: assertion), nil, over: transport)
            return (try token(response), nil)
        }
        var response = try await ask(try secretGrant(), known ?? .header, over: transport)
        if known != nil || (200..<300).contains(response.status) || response.status == 429 {
            return (try token(response), known ?? .header)
        }
        response = try await ask(try secretGrant(), .form, over: transport)
        return (try token(response), .form)
    }

    // MARK: Forms

    private func secretGrant() throws(TokenFailure) -> [String: String] {
        try adding([
            "grant_type": "client_credentials", "scope": oauth2.scopes.joined(separator: " "),
        ])
    }

    private func grant(of assertion: SignedAssertion) throws(TokenFailure) -> [String: String] {
        try adding([
            "grant_type": SignedAssertion.grantType,
            "assertion": try JSONWebToken(oauth2, assertion).signed(with: credential),
            "scope": oauth2.scopes.joined(separator: " "),
        ])
    }

    /// With `endpoint_params`, which may replace `grant_type` alone.
    private func adding(_ form: [String: String]) throws(TokenFailure) -> [String: String] {
        var form = form.filter { !$0.value.isEmpty }
        for parameter in oauth2.parameters {
            if form[parameter.name] != nil, parameter.name != "grant_type" {
                throw TokenFailure(
                    .configuration, "cannot overwrite parameter \(parameter.name.goQuoted)")
            }
            form[parameter.name] = parameter.text
        }
        return form
    }

    // MARK: Requests

    private func ask(
        _ form: [String: String], _ style: Style?, over transport: any Transporting
    ) async throws(TokenFailure) -> HTTPResponse {
        let request = try await request(form, style)
        do throws(TransportError) {
            return try await transport.send(request)
        } catch {
            throw TokenFailure(.transport(error), error.message)
        }
    }

    private func request(
        _ form: [String: String], _ style: Style?
    ) async throws(TokenFailure) -> HTTPRequest {
        var form = form
        if style == .form {
            form["client_id"] = oauth2.clientID
            if !credential.isEmpty { form["client_secret"] = credential }
        }
        let fields = form.sorted { $0.key.byteOrder($1.key) < 0 }.map { ($0.key, $0.value) }
        var request = HTTPRequest.form(to: oauth2.tokenURL, fields)
        request.timeout = TokenSource.fetchTimeout
        request.maximumBodyBytes = TokenRequest.maximumBodyBytes
        if style == .header {
            request.authorization = .basic(
                user: PercentEncoding.formValue(oauth2.clientID),
                password: PercentEncoding.formValue(credential))
        }
        return try await applying(request)
    }

    private func applying(_ request: HTTPRequest) async throws(TokenFailure) -> HTTPRequest {
        do throws(SecretFiles.Missing) {
            return try await secrets.applying(oauth2.client, to: request)
        } catch {
            throw TokenFailure(.configuration, error.description)
        }
    }

    // MARK: Answers

    private func token(_ response: HTTPResponse) throws(TokenFailure) -> Token {
        guard (200..<300).contains(response.status) else {
            throw TokenFailure(
                .refusal(response), "unexpected status code \(response.status)" + response.excerpt)
        }
        let answer = try TokenAnswer(response)
        return Token(
            type: answer.type, text: answer.token,
            expiry: answer.seconds.map { now() + .seconds($0) })
    }
}

extension OAuth2 {
    /// How its endpoint is spoken to.
    fileprivate var client: HTTPClientConfiguration {
        var client = HTTPClientConfiguration()
        client.tls = tls
        client.proxyURL = proxyURL
        client.noProxy = noProxy
        client.proxyFromEnvironment = proxyFromEnvironment
        client.proxyConnectHeaders = proxyConnectHeaders
        // As in Go, whose client speaks it only where it is told to.
        client.enableHTTP2 = false
        return client
    }
}
