import Model
import Synchronization

/// Tokens that were got, until shortly before they expire by the monotonic clock.
public final class TokenStore: Sendable {
    private struct Token {
        var text: String
        var expiry: ContinuousClock.Instant?
    }

    /// How long before its end a token is not used any more.
    private static let margin = 10.0
    /// The longest that a token without an end, or with a far one, is kept.
    private static let maximumSeconds = 86_400.0

    private let tokens = Mutex<[String: Token]>([:])

    /// A store of no tokens yet.
    public init() {}

    /// The token of that name, as long as it holds.
    public func token(_ name: String) -> String? {
        tokens.locked { tokens in
            guard let token = tokens[name] else { return nil }
            if let expiry = token.expiry, expiry <= .now { return nil }
            return token.text
        }
    }

    /// Keeps a token; without a length of time, for a day.
    public func keep(_ name: String, _ text: String, forSeconds seconds: Double?) {
        // What an issuer says may be no number at all.
        let asked = seconds.flatMap { $0.isFinite ? $0 : nil } ?? TokenStore.maximumSeconds
        let length = min(
            max(asked - TokenStore.margin, 0), TokenStore.maximumSeconds)
        let token = Token(text: text, expiry: .now + .seconds(length))
        tokens.locked { $0[name] = token }
    }

    /// The token is used no more.
    public func forget(_ name: String) {
        tokens.locked { $0[name] = nil }
    }
}
