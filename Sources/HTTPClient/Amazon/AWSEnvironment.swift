import Configuration
import Foundation
import Model
import Transport

/// Where credentials are looked for.
public struct AWSEnvironment: Sendable {
    /// The shared files, and those of tokens.
    public var files: FileAccess
    /// The environment's variables.
    public var variables: [String: String]
    /// The time as the world has it, which signatures are made of.
    public var wallClock: @Sendable () -> Timestamp
    /// Where temporary credentials are kept.
    public var tokens: TokenStore

    /// An environment.
    public init(
        files: FileAccess, variables: [String: String], tokens: TokenStore,
        wallClock: @escaping @Sendable () -> Timestamp
    ) {
        self.files = files
        self.variables = variables
        self.tokens = tokens
        self.wallClock = wallClock
    }

    /// The file system, this process's environment, the system's clock, and no credentials yet.
    @Sendable public static func system() -> AWSEnvironment {
        AWSEnvironment(
            files: .system, variables: ProcessInfo.processInfo.environment, tokens: TokenStore()
        ) {
            let milliseconds = (Date().timeIntervalSince1970 * 1000).rounded()
            return Timestamp(milliseconds: Int64(exactly: milliseconds) ?? 0)
        }
    }
}

/// Why there are no credentials.
public enum AWSCredentialError: Error, CustomStringConvertible {
    /// They are nowhere.
    case configuration(String)
    /// Who has them does not give them now.
    case unavailable(String)
    /// A role was refused.
    case refused(HTTPResponse)
    /// There is no answer.
    case client(ClientError)

    public var description: String {
        switch self {
        case .configuration(let reason), .unavailable(let reason): reason
        case .refused(let response):
            "unexpected status code \(response.status)" + response.excerpt
        case .client(let error): error.description
        }
    }
}
