import Synchronization

/// The memory that several queries hold together, in bytes as they count it.
///
/// A query reserves what it is about to take, so that one that needs too much fails before the process
/// does. What is counted is what data makes large: series, samples, texts and the answer.
public final class QueryMemory: Sendable {
    private let held = Atomic<Int>(0)

    /// Nothing is held.
    public init() {}

    /// What all queries hold now.
    public var bytes: Int { held.load(ordering: .relaxed) }

    /// False, and nothing taken, where more than `limit` would be held.
    fileprivate func take(_ bytes: Int, limit: Int) -> Bool {
        let total = held.add(bytes, ordering: .relaxed).newValue
        if total <= limit { return true }
        give(bytes)
        return false
    }

    fileprivate func give(_ bytes: Int) { held.subtract(bytes, ordering: .relaxed) }
}

/// The bytes that queries may hold.
public struct MemoryLimits: Sendable, Hashable {
    /// All queries together: `query.max_memory`.
    public var total: Int
    /// One query: `query.max_memory_per_query`.
    public var perQuery: Int

    /// Limits.
    public init(total: Int, perQuery: Int) {
        self.total = total
        self.perQuery = perQuery
    }

    /// No limits.
    public static let none = MemoryLimits(total: .max / 2, perQuery: .max / 2)
}

/// What one query holds of the memory of all, from its evaluation until its answer is written. Gives it
/// back at its end.
public final class MemoryReservation: Sendable {
    private let memory: QueryMemory
    private let limits: MemoryLimits
    private let held = Atomic<Int>(0)

    /// Nothing is reserved yet.
    public init(_ memory: QueryMemory, _ limits: MemoryLimits) {
        self.memory = memory
        self.limits = limits
    }

    deinit { memory.give(held.load(ordering: .relaxed)) }

    /// What is reserved.
    public var bytes: Int { held.load(ordering: .relaxed) }

    /// Reserves what is about to be taken; throws, and reserves nothing, where a limit forbids it.
    public func take(_ bytes: Int) throws(QueryError) {
        let own = held.add(bytes, ordering: .relaxed).newValue
        if own > limits.perQuery {
            held.subtract(bytes, ordering: .relaxed)
            throw .tooMuchMemory("query.max_memory_per_query", limits.perQuery)
        }
        if !memory.take(bytes, limit: limits.total) {
            held.subtract(bytes, ordering: .relaxed)
            throw .tooMuchMemory("query.max_memory", limits.total)
        }
    }

    /// Gives a part back.
    public func give(_ bytes: Int) {
        held.subtract(bytes, ordering: .relaxed)
        memory.give(bytes)
    }
}

/// A reservation that is asked in small pieces, for one thread.
struct MemoryAccount {
    /// Where the pieces come from.
    let reservation: MemoryReservation
    /// Reserved, and not taken yet.
    private var spare = 0

    /// What is reserved at once.
    private static let grain = 64 << 10

    init(_ reservation: MemoryReservation) { self.reservation = reservation }

    /// Reserves what is about to be taken.
    @inline(__always)
    mutating func take(_ bytes: Int) throws(QueryError) {
        spare -= bytes
        if spare < 0 { try refill(bytes) }
    }

    /// Gives back what is not held any more.
    mutating func give(_ bytes: Int) {
        spare += bytes
        if spare <= 4 * Self.grain { return }
        reservation.give(spare - Self.grain)
        spare = Self.grain
    }

    /// The whole grains that make up for what is missing.
    private mutating func refill(_ bytes: Int) throws(QueryError) {
        let missing = (-spare + Self.grain - 1) / Self.grain * Self.grain
        do throws(QueryError) {
            try reservation.take(missing)
        } catch {
            spare += bytes
            throw error
        }
        spare += missing
    }
}
