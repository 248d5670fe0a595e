import Configuration
import Foundation
import Model
import Synchronization
import Transport

/// The way to one receiver, as its `http_config` wants it.
struct Line {
    static let noAssertions = "oauth2: signed assertions are not acted on, and no token is got"

    let client: HTTPClientConfiguration
    let timeout: Milliseconds
    let secrets: SecretFiles
    let tokens: TokenStore
    let surroundings: ReceiverSurroundings
    let transport: any Transporting
    /// When the notification was made.
    let flush: Timestamp

    /// Sends a request; throws `Halt` where there is no answer, `TooLarge` where it is refused for
    /// its size.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        var request = request
        request.timeout = timeout > .zero ? timeout.duration : HTTPRequest.receiverTimeout
        request.maximumBodyBytes = HTTPRequest.receiverBodyBytes
        try request.apply(client, secrets)
        let response = try await authorized(request)
        if response.status == 413 {
            throw TooLarge(
                bytes: request.body?.count ?? 0, outcome: .classify(response, at: flush))
        }
        return response
    }

    private func authorized(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let oauth2 = client.oauth2 else { return try await exchange(request) }
        var request = request
        request.authorization = .bearer(try await token(oauth2))
        let response = try await exchange(request)
        if response.status != 401 { return response }
        // It was withdrawn before its time.
        tokens.forget("oauth2")
        request.authorization = .bearer(try await token(oauth2))
        return try await exchange(request)
    }

    /// Sends a request that must succeed before the delivery goes on.
    func require(_ request: HTTPRequest, retrying: Set<Int> = []) async throws -> HTTPResponse {
        let response = try await send(request)
        let outcome = DeliveryOutcome.classify(response, at: flush, retrying: retrying)
        guard case .delivered = outcome else { throw Halt(outcome: outcome) }
        return response
    }

    /// Sends a request as it is, e.g. to somebody else than the receiver.
    func exchange(_ request: HTTPRequest) async throws(Halt) -> HTTPResponse {
        do {
            return try await transport.send(request)
        } catch {
            throw Halt(outcome: .classify(error))
        }
    }

    // MARK: OAuth 2

    private struct Grant: Decodable {
        var access_token: String?
        /// A number of seconds; some issuers write it as a text.
        var expires_in: Seconds?

        enum Seconds: Decodable {
            case known(Double)
            case unknown

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                let number =
                    (try? container.decode(Double.self))
                    ?? (try? container.decode(String.self)).flatMap { Double($0) }
                self = number.map { .known($0) } ?? .unknown
            }

            var value: Double? { if case .known(let value) = self { value } else { nil } }
        }
    }

    private func token(_ oauth2: OAuth2) async throws -> String {
        if let token = tokens.token("oauth2") { return token }
        if oauth2.signsAssertions { throw ReceiverError(Line.noAssertions) }
        let secret = try oauth2.clientSecret.map { try secrets.reveal($0) } ?? ""
        var form = [("grant_type", "client_credentials")]
        if !oauth2.scopes.isEmpty {
            form.append(("scope", oauth2.scopes.joined(separator: " ")))
        }
        form += oauth2.parameters.map { ($0.name, $0.text) }
        var request = try tokenRequest(oauth2, form)
        // As the standard prefers; some issuers understand the other way alone.
        request.authorization = .basic(
            user: oauth2.clientID.formEscaped, password: secret.formEscaped)
        var response = try await exchange(request)
        if (400..<500).contains(response.status), response.status != 429 {
            response = try await exchange(
                tokenRequest(
                    oauth2, form + [("client_id", oauth2.clientID), ("client_secret", secret)]))
        }
        return try keep(response)
    }

    private func tokenRequest(
        _ oauth2: OAuth2, _ form: [(String, String)]
    ) throws(SecretFiles.Missing) -> HTTPRequest {
        var request = HTTPRequest.form(to: oauth2.tokenURL, form)
        request.timeout = HTTPRequest.receiverTimeout
        request.maximumBodyBytes = HTTPRequest.receiverBodyBytes
        request.tls = try TLSOptions(oauth2.tls, secrets)
        if let proxy = oauth2.proxyURL { request.proxyURL = try secrets.reveal(proxy) }
        if !oauth2.noProxy.isEmpty { request.noProxy = oauth2.noProxy }
        request.proxyFromEnvironment = oauth2.proxyFromEnvironment
        request.proxyHeaders = try oauth2.proxyConnectHeaders.revealed(secrets)
        return request
    }

    private func keep(_ response: HTTPResponse) throws -> String {
        switch DeliveryOutcome.classify(response, at: flush) {
        case .delivered: break
        case .retry(let after, let reason, _):
            throw Halt(outcome: .retry(after: after, reason: "oauth2: no token: \(reason)"))
        case .failed(let reason), .unmade(let reason):
            throw ReceiverError("oauth2: no token: \(reason)")
        }
        guard let grant = try? JSONDecoder().decode(Grant.self, from: Data(response.body)),
            let token = grant.access_token, !token.isEmpty
        else { throw ReceiverError("oauth2: the answer has no access_token") }
        tokens.keep("oauth2", token, forSeconds: grant.expires_in?.value)
        return token
    }
}

/// Tokens that were got, until shortly before they expire by the monotonic clock.
final class TokenStore: Sendable {
    private struct Token {
        var text: String
        var expiry: ContinuousClock.Instant?
    }

    /// How long before its end a token is not used any more.
    private static let margin = 10.0
    /// The longest that a token without an end, or with a far one, is kept.
    private static let maximumSeconds = 86_400.0

    private let tokens = Mutex<[String: Token]>([:])

    @inline(never)
    func token(_ name: String) -> String? {
        tokens.withLock { tokens in
            guard let token = tokens[name] else { return nil }
            if let expiry = token.expiry, expiry <= .now { return nil }
            return token.text
        }
    }

    @inline(never)
    func keep(_ name: String, _ text: String, forSeconds seconds: Double?) {
        // What an issuer says may be no number at all.
        let asked = seconds.flatMap { $0.isFinite ? $0 : nil } ?? TokenStore.maximumSeconds
        let length = min(
            max(asked - TokenStore.margin, 0), TokenStore.maximumSeconds)
        let token = Token(text: text, expiry: .now + .seconds(length))
        tokens.withLock { $0[name] = token }
    }

    @inline(never)
    func forget(_ name: String) {
        tokens.withLock { $0[name] = nil }
    }
}
