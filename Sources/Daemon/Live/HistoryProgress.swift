import Model
import Synchronization

/// How far a daemon that starts has read what the last one left. Until that is whole, an answer from it
/// would look like all there is.
public final class HistoryProgress: Sendable {
    /// How many targets' and rules' samples there are to be read, and how many are.
    public struct State: Sendable, Hashable {
        /// All that there are.
        public var total = 0
        /// Those that are read.
        public var read = 0
        /// Whether alerts and samples are there.
        public var isWhole = true
    }

    private let held = Mutex(State())

    /// Nothing is to be read.
    public init() {}

    /// Where it stands.
    public var state: State { held.withLock { $0 } }

    /// Something is to be read before anybody is answered.
    public func begin() { held.withLock { $0.isWhole = false } }

    func advance(to read: Int, of total: Int) {
        held.withLock { ($0.read, $0.total) = (read, total) }
    }

    /// All of it is there.
    public func end() { held.withLock { $0.isWhole = true } }
}
