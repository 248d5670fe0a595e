import Model

/// Why a query gave no answer; the messages are Prometheus's.
public struct QueryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the API calls the error's type.
    public enum Kind: String, Sendable, Hashable {
        /// The query or its parameters are wrong.
        case badData = "bad_data"
        /// The data does not allow an answer.
        case execution
        case timeout
        case canceled
        /// A limit on samples was reached (`EngineOptions.maximumSamples`).
        case tooManySamples
        /// A limit on memory was reached (`EngineOptions.memory`).
        case tooMuchMemory
    }

    /// What went wrong.
    public var kind: Kind
    /// In words.
    public var message: String

    /// An error.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// The name in the API's `errorType`: limits on size are execution errors there.
    public var apiType: String {
        switch kind {
        case .tooManySamples, .tooMuchMemory: Kind.execution.rawValue
        default: kind.rawValue
        }
    }

    /// Whether it may have interrupted anything halfway, and not just what the data forbids.
    var interrupts: Bool {
        switch kind {
        case .timeout, .canceled, .tooManySamples, .tooMuchMemory: true
        case .badData, .execution: false
        }
    }

    static func execution(_ message: String) -> QueryError { QueryError(.execution, message) }

    static let sameLabels = QueryError.execution(
        "vector cannot contain metrics with the same labelset")
    static let tooManySamples = QueryError(
        .tooManySamples,
        "query processing would load too many samples into memory in query execution")

    static func tooMuchMemory(_ limit: String, _ bytes: Int) -> QueryError {
        QueryError(
            .tooMuchMemory,
            "query processing would take too much memory in query execution (limit \(limit): "
                + "\(ByteCount(bytes)))")
    }
}
