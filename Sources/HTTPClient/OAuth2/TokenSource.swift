import Configuration
import Model
import Synchronization
import Transport

/// A token, and until when it is used.
struct Token: Sendable, Hashable {
    /// What stands before it in the header.
    var type: String
    var text: String
    /// nil: it is used until it is refused.
    var expiry: ContinuousClock.Instant?
}

/// The token of one client.
///
/// It is fetched when a request needs it, again shortly before it expires, and when the secret that it
/// was fetched with has changed. Requests that need it at the same time wait for one fetch, each no
/// longer than its own time-out.
final class TokenSource: Sendable {
    /// How long before its end a token is not used any more, as in Go's package.
    static let margin: Duration = .seconds(10)
    /// How long one fetch may take.
    static let fetchTimeout: Duration = .seconds(30)

    private typealias Fetch = SharedFetch<Result<Token, TokenFailure>>

    private struct State {
        var credential: String?
        var token: Token?
        var fetch: Fetch?
        /// How the endpoint wants our credentials, once that is known.
        var style: TokenRequest.Style?
    }

    private let oauth2: OAuth2
    private let secrets: SecretFiles
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    init(
        _ oauth2: OAuth2, _ secrets: SecretFiles,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.oauth2 = oauth2
        self.secrets = secrets
        self.now = now
    }

    /// The token to use now.
    func token(
        until end: ContinuousClock.Instant, over transport: any Transporting
    ) async throws(ClientError) -> Token {
        let credential = try await credential()
        switch step(credential) {
        case .known(let token): return token
        case .join(let fetch): return try await result(of: fetch, until: end)
        case .start(let fetch, let style):
            Task { await run(fetch, credential, style, over: transport) }
            return try await result(of: fetch, until: end)
        }
    }

    /// The token is used no more; another that was fetched since is.
    func forget(_ token: Token) {
        state.locked { if $0.token == token { $0.token = nil } }
    }

    // MARK: Steps

    private enum Step {
        case known(Token)
        case join(Fetch)
        case start(Fetch, TokenRequest.Style?)
    }

    private func step(_ credential: String) -> Step {
        let now = now()
        return state.locked { state in
            if state.credential != credential {
                (state.credential, state.token, state.fetch) = (credential, nil, nil)
            }
            if let token = state.token, token.expiry.map({ now < $0 - TokenSource.margin }) ?? true
            {
                return .known(token)
            }
            if let fetch = state.fetch { return .join(fetch) }
            let fetch = Fetch()
            state.fetch = fetch
            return .start(fetch, state.style)
        }
    }

    private func run(
        _ fetch: Fetch, _ credential: String, _ style: TokenRequest.Style?,
        over transport: any Transporting
    ) async {
        let request = TokenRequest(
            oauth2: oauth2, credential: credential, secrets: secrets, now: now)
        let result: Result<Token, TokenFailure>
        var found = style
        do throws(TokenFailure) {
            let answer = try await request.send(style, over: transport)
            result = .success(answer.token)
            found = answer.style
        } catch {
            result = .failure(error)
        }
        state.locked { state in
            // With another secret meanwhile, this token is of no use to those who come now.
            guard state.fetch === fetch else { return }
            state.fetch = nil
            state.token = try? result.get()
            state.style = found
        }
        fetch.finish(result)
    }

    private func result(
        of fetch: Fetch, until end: ContinuousClock.Instant
    ) async throws(ClientError) -> Token {
        guard let result = await fetch.value(until: end) else {
            let error =
                Task.isCancelled
                ? TransportError(.cancelled, "cancelled")
                : TransportError(.timeout, "no answer in time")
            throw .token(TokenFailure(.transport(error), error.message))
        }
        do throws(TokenFailure) { return try result.get() } catch { throw .token(error) }
    }

    /// The secret or key that we show ourselves with, as it is now.
    private func credential() async throws(ClientError) -> String {
        guard let secret = oauth2.credential else { return "" }
        do throws(SecretFiles.Missing) {
            return try await secrets.whileRevealing([secret]) {
                [secrets] () throws(SecretFiles.Missing) in
                try secrets.reveal(secret)
            }
        } catch {
            throw .secret(error)
        }
    }
}
