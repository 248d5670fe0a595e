import Configuration
import Foundation
import Model
import Transport

/// What asking Amazon needs of the world.
public struct AWSEnvironment: Sendable {
    /// The shared files, and those of tokens.
    public var files: FileAccess
    /// The environment's variables.
    public var variables: [String: String]
    /// The time as the world has it, which signatures are made of.
    public var wallClock: @Sendable () -> Timestamp
    /// Where temporary credentials are kept.
    public var tokens: TokenStore
    /// Waits before a request is sent again; throws where the task is cancelled.
    public var pause: @Sendable (Milliseconds) async throws -> Void
    /// A number from 0 to 1, by which that wait is scaled.
    public var jitter: @Sendable () -> Double

    /// An environment.
    public init(
        files: FileAccess, variables: [String: String], tokens: TokenStore,
        wallClock: @escaping @Sendable () -> Timestamp,
        pause: @escaping @Sendable (Milliseconds) async throws -> Void = {
            try await Task.sleep(for: $0.duration)
        },
        jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.files = files
        self.variables = variables
        self.tokens = tokens
        self.wallClock = wallClock
        self.pause = pause
        self.jitter = jitter
    }

    /// The file system, this process's environment, the system's clock, and no credentials yet.
    @Sendable public static func system() -> AWSEnvironment {
        AWSEnvironment(
            files: .system, variables: ProcessInfo.processInfo.environment, tokens: TokenStore(),
            wallClock: Timestamp.wallClock)
    }

    /// Where a service is in place of Amazon's own address, as Amazon's tools are told:
    /// `AWS_ENDPOINT_URL_EC2`, or `AWS_ENDPOINT_URL` for all.
    public func endpoint(of service: String) -> String? {
        if variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.lowercased() == "true" { return nil }
        return ["AWS_ENDPOINT_URL_\(service.uppercased())", "AWS_ENDPOINT_URL"]
            .compactMap { variables[$0] }.first { !$0.isEmpty }
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
