/// Whether the daemon does its job, and what it lacks.
public struct Readiness: Sendable {
    /// Whether it scrapes and evaluates.
    public var isReady: Bool
    /// What does not work as it should while the rest goes on: a receiver without its secret, a disk
    /// that cannot be written.
    public var details: [String]

    /// A readiness.
    public init(isReady: Bool, details: [String] = []) {
        self.isReady = isReady
        self.details = details
    }
}
