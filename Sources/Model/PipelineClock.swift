/// The pipeline's clock: live it is the wall clock, a replay jumps it, the demo runs it faster.
///
/// Nothing below the command line reads any other time, except the monotonic clock of I/O timeouts.
public protocol PipelineClock: Sendable {
    /// The moment it is.
    var now: Timestamp { get }
    /// Returns when it is `moment` or later; throws `CancellationError` where the task is cancelled.
    func sleep(until moment: Timestamp) async throws
}
