/// Why a command cannot do what it was asked, in words for whoever typed it.
public struct ConsoleError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    /// An explanation.
    public init(_ description: String) { self.description = description }
}
