import Model

/// What reading a document gave: all that is wrong with it, and its value unless something is.
public struct LoadResult<Value: Sendable>: Sendable {
    /// The document; nil where there is an error.
    public var value: Value?
    /// Errors and warnings, in the order of their places.
    public var problems: [Problem]
    /// What could be read, even where there are errors: to look for more of them, not to be used.
    public var draft: Value?

    /// A result.
    public init(value: Value?, problems: [Problem], draft: Value? = nil) {
        self.value = value
        self.problems = problems
        self.draft = draft ?? value
    }

    /// The errors among the problems.
    public var errors: [Problem] { problems.filter { $0.severity == .error } }

    /// The warnings among the problems.
    public var warnings: [Problem] { problems.filter { $0.severity == .warning } }

    /// The document, or its errors.
    public func get() throws(Problems) -> Value {
        guard let value else { throw Problems(errors) }
        return value
    }
}
