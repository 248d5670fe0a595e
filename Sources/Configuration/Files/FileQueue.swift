import Dispatch

/// Where files are read: threads of their own, because a read that blocks (a network file system that
/// hangs) must not take a thread of Swift's pool, on which everything else waits for its turn.
public enum FileQueue {
    private static let queue = DispatchQueue(label: "files", attributes: .concurrent)

    /// Runs `body` on such a thread.
    public static func apart<R: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> R
    ) async throws(Failure) -> R {
        let result = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }
}
