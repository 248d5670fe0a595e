import Model
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The system's clock, in real time, which never goes back: see `SteadyTime`.
public struct WallClock: PipelineClock {
    private static let start = ContinuousClock.now
    private static let time = Mutex(SteadyTime(wall: .wallClock()))

    /// The wall clock; all of a process agree.
    public init() {}

    public var now: Timestamp {
        let (seconds, attoseconds) = (ContinuousClock.now - Self.start).components
        let elapsed = seconds.multipliedSaturating(1000) + attoseconds / 1_000_000_000_000_000
        let wall = Timestamp.wallClock()
        return Self.time.locked { $0.advance(elapsed: Milliseconds(elapsed), wall: wall) }
    }

    /// Sleeps on the monotonic clock, at most a second at a time, so that a wall clock that was set is
    /// noticed.
    public func sleep(until moment: Timestamp) async throws {
        while true {
            let left = moment.milliseconds - now.milliseconds
            if left <= 0 { return }
            try await Task.sleep(for: .milliseconds(min(left, 1000)))
        }
    }
}

/// A clock that runs `speed` times as fast as real time from the moment it was made; the demo's.
public struct AcceleratedClock: PipelineClock {
    private let origin: Timestamp
    private let start: ContinuousClock.Instant
    /// How many pipeline seconds pass in one real second.
    public let speed: Double

    /// Starts at `origin`. `speed` is clamped to 0.001…100,000.
    public init(origin: Timestamp, speed: Double) {
        self.origin = origin
        self.speed = min(max(speed, 0.001), 100_000)
        start = ContinuousClock.now
    }

    public var now: Timestamp {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        let elapsed = Double(seconds) * 1000 + Double(attoseconds) / 1e15
        return origin + Milliseconds(Int64(clamping: elapsed * speed))
    }

    public func sleep(until moment: Timestamp) async throws {
        while true {
            let left = Double(moment.milliseconds - now.milliseconds) / speed
            if left <= 0 { return }
            try await Task.sleep(for: .microseconds(Int64(clamping: min(left, 1000) * 1000) + 1))
        }
    }
}

/// A clock that stands until it is moved; a replay's.
public final class ReplayClock: PipelineClock {
    private let moment: Mutex<Timestamp>

    /// Stands at `moment`.
    public init(at moment: Timestamp) { self.moment = Mutex(moment) }

    public var now: Timestamp { moment.locked { $0 } }

    /// Moves the clock forward; it never goes back.
    public func advance(to moment: Timestamp) {
        self.moment.locked { $0 = max($0, moment) }
    }

    /// Returns at once where the moment has come; otherwise polls, since only its owner moves it.
    public func sleep(until moment: Timestamp) async throws {
        while now < moment {
            try Task.checkCancellation()
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}
