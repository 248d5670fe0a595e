/// A stretch of the query text, in bytes from its start.
public struct PositionRange: Hashable, Sendable {
    /// Where it begins.
    public var start: Int
    /// Where it ends (exclusive).
    public var end: Int

    /// From `start` to `end`.
    public init(_ start: Int, _ end: Int) {
        self.start = start
        self.end = end
    }
}
