import Transport

/// Why a request has no answer.
public enum ClientError: Error, CustomStringConvertible {
    /// A secret that it needs is not there. Nothing was sent.
    case secret(SecretFiles.Missing)
    /// There is no token of OAuth 2. The request itself was not sent.
    case token(TokenFailure)
    /// It was sent, or was to be sent.
    case transport(TransportError)

    /// Whether the task was cancelled, or the transport shut down.
    public var isCancellation: Bool {
        switch self {
        case .secret: return false
        case .transport(let error): return error.kind == .cancelled
        case .token(let failure):
            guard case .transport(let error) = failure.cause else { return false }
            return error.kind == .cancelled
        }
    }

    public var description: String {
        switch self {
        case .secret(let missing): missing.description
        case .token(let failure): failure.description
        case .transport(let error): error.message
        }
    }
}

/// Why there is no token.
public struct TokenFailure: Error, CustomStringConvertible {
    /// What it follows from.
    public enum Cause: Sendable {
        /// The configuration, or an answer that holds no token.
        case configuration
        /// The endpoint refused.
        case refusal(HTTPResponse)
        /// There was no answer.
        case transport(TransportError)
    }

    /// What it follows from.
    public var cause: Cause
    /// What happened, without secrets.
    public var reason: String

    init(_ cause: Cause, _ reason: String) {
        self.cause = cause
        self.reason = reason
    }

    public var description: String { "oauth2: cannot fetch token: \(reason)" }
}
