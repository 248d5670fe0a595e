/// Why a database cannot be used, with the path that it is about.
public struct StorageFailure: Error, CustomStringConvertible, Sendable {
    /// What kind of failure it is.
    public enum Kind: Sendable {
        /// Somebody has to change something first: the folder cannot be made or written, another
        /// daemon runs on it, the file is of a newer version.
        case mistake
        /// The disk fails: full, or broken.
        case disk
    }

    /// The file or directory.
    public let path: String
    /// What is wrong.
    public let reason: String
    /// What kind of failure it is.
    public let kind: Kind

    public var description: String { "\(path): \(reason)" }

    init(_ path: String, _ reason: String, _ kind: Kind = .disk) {
        self.path = path
        self.reason = reason
        self.kind = kind
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
