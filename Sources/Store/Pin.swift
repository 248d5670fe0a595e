import Synchronization

/// What one evaluation may see: the frames that were committed when it was taken.
///
/// Every commit of a store has a number; a pin is the number of the last one it sees. It costs
/// nothing to take and holds nothing: rings keep a slack of time for evaluations that are under way.
public struct Pin: Sendable {
    /// The number of the last commit that it sees of every axis.
    public let sequence: UInt64
    private(set) var later: [Int: UInt64] = [:]

    init(sequence: UInt64) { self.sequence = sequence }

    /// Sees everything that is committed when it is read.
    public static let latest = Pin(sequence: .max)

    /// Whether it sees everything that is committed when it is read.
    public var isOpen: Bool { sequence == .max }

    /// Lets the evaluation also see what has meanwhile been committed on `axis`: how a recording
    /// rule's output reaches the later rules of its group.
    public mutating func include(_ axis: Axis) {
        later[axis.id] = axis.clock.now
    }

    /// The last commit that is seen of the axis called `id`.
    func sequence(ofAxis id: Int) -> UInt64 {
        later.isEmpty ? sequence : max(sequence, later[id] ?? 0)
    }
}

/// Numbers the commits of a store. A number is taken inside the lock of the axis it is for, so whoever
/// sees a number and then takes that lock finds the commit complete.
final class CommitClock: Sendable {
    private let last = Atomic<UInt64>(0)

    var now: UInt64 { last.load(ordering: .acquiring) }

    func next() -> UInt64 { last.add(1, ordering: .acquiringAndReleasing).newValue }

    private let newest = Atomic<Int64>(.min)

    /// The newest time of all that was committed.
    var newestTime: Int64 { newest.load(ordering: .relaxed) }

    /// Something of that time was committed.
    func see(_ time: Int64) { newest.max(time, ordering: .relaxed) }
}
