import Foundation
import Synchronization

/// A thread of its own for an actor: evaluation must not wait for a place in the shared pool, where
/// two busy tasks delay everything else.
public final class ThreadExecutor: SerialExecutor {
    private let shared = Shared()

    /// Starts the thread; it ends with the executor.
    public init(name: String) {
        let shared = shared
        let thread = Thread { shared.run() }
        thread.name = name
        // Deep expressions recurse; the trees' height limit fits this with room to spare.
        thread.stackSize = 16 << 20
        thread.start()
    }

    deinit { shared.stop() }

    public func enqueue(_ job: consuming ExecutorJob) {
        unsafe shared.add(UnownedJob(job), on: asUnownedSerialExecutor())
    }

    @safe private final class Shared: @unchecked Sendable {
        // @unchecked: every access is under the condition's lock. @safe: an executor outlives the
        // jobs that were enqueued on it, since their actor holds it.
        private let condition = NSCondition()
        private var jobs: [(UnownedJob, UnownedSerialExecutor)] = unsafe []
        private var isStopped = false

        func add(_ job: UnownedJob, on executor: UnownedSerialExecutor) {
            condition.lock()
            unsafe jobs.append((job, executor))
            condition.signal()
            condition.unlock()
        }

        func stop() {
            condition.lock()
            isStopped = true
            condition.signal()
            condition.unlock()
        }

        func run() {
            while true {
                condition.lock()
                while unsafe jobs.isEmpty, !isStopped { condition.wait() }
                let batch = unsafe jobs
                unsafe jobs = []
                let ended = unsafe isStopped && batch.isEmpty
                condition.unlock()
                if ended { return }
                for unsafe(job, executor) in unsafe batch {
                    unsafe job.runSynchronously(on: executor)
                }
            }
        }
    }
}
