import Model

/// What reading a document gave: all that is wrong with it, and its value unless something is.
public struct LoadResult<Value: Sendable>: Sendable {
    /// The document; nil where there is an error.
    public var value: Value?
    /// Errors and warnings, in the order of their places.
    public var problems: [Problem]
    /// What could be read, even where there are errors: to look for more of them, not to be used.
    public var draft: Value?

    /// The document's text as others may see it: without comments and secrets. Empty where there is none.
    public var shown: String

    /// A result.
    public init(value: Value?, problems: [Problem], draft: Value? = nil, shown: String = "") {
        self.value = value
        self.problems = problems
        self.draft = draft ?? value
        self.shown = shown
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
