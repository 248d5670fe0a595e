/// Why a database cannot be used, with the path that it is about.
public struct StorageFailure: Error, CustomStringConvertible, Sendable {
    /// The file or directory.
    public let path: String
    /// What is wrong.
    public let reason: String

    /// Whether another daemon has the directory.
    public let isHeldByAnother: Bool

    public var description: String { "\(path): \(reason)" }

    init(_ path: String, _ reason: String, isHeldByAnother: Bool = false) {
        self.path = path
        self.reason = reason
        self.isHeldByAnother = isHeldByAnother
    }
}

/// A database that could not be read was moved aside, and an empty one made in its place.
public struct MovedAside: Sendable, Equatable, CustomStringConvertible {
    /// The database's path.
    public let path: String
    /// Where the damaged one is now.
    public let asidePath: String
    /// What was wrong with it.
    public let reason: String

    public var description: String {
        "\(path) was damaged (\(reason)); it is now \(asidePath), and an empty one took its place"
    }
}
