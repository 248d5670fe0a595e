import Configuration
import Exposition
import Foundation
import Model

#if canImport(Glibc)
    import Glibc
#endif

/// What every program says of its process.
enum ProcessMetrics {
    static func register(in registry: MetricsRegistry) {
        // The process is hardly older than its metrics.
        registry.gauge(
            "process_start_time_seconds", help: "When the process started, in seconds since 1970."
        ).set(WallClock().now.seconds)
        registry.collect(
            "process_cpu_seconds_total", .counter, help: "CPU time used, in seconds."
        ) { cpuSeconds.map { [(.empty, $0)] } ?? [] }
        registry.collect(
            "process_resident_memory_bytes", .gauge, help: "Memory in use, in bytes."
        ) { residentBytes.map { [(.empty, $0)] } ?? [] }
    }

    private static var cpuSeconds: Double? {
        var usage = rusage()
        guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else {
            return nil
        }
        return [usage.ru_utime, usage.ru_stime].reduce(0) {
            $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
        }
    }

    /// The second number of `statm` is the resident pages.
    private static var residentBytes: Double? {
        guard let bytes = try? FileAccess.contents(of: "/proc/self/statm", limit: 4096) else {
            return nil
        }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Double(fields[1]) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
