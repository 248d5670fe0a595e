#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Processor time: what others do on the machine does not count.
enum CPUTime {
    /// What this thread has used so far, in seconds.
    static var thread: Double {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// How often this thread has given its processor up by itself, as it does to wait for a lock.
    static var voluntarySwitches: Int {
        var usage = rusage()
        #if canImport(Glibc)
            // RUSAGE_THREAD, which the C library shows to GNU programs only.
            _ = unsafe getrusage(1, &usage)
        #endif
        return usage.ru_nvcsw
    }

    /// The least seconds that `body` took in so many calls.
    static func best(of runs: Int, _ body: () throws -> Void) rethrows -> Double {
        var best = Double.infinity
        for _ in 0..<runs {
            let start = thread
            try body()
            best = min(best, thread - start)
        }
        return best
    }
}
