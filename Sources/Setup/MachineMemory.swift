import Configuration

#if canImport(Glibc)
    import Glibc
#endif

/// How much memory this process may use: the machine's, or less where its control group or its limit on
/// address space (`ulimit -v`) says so.
public struct MachineMemory: Sendable {
    private let read: @Sendable (String) -> String?
    private let addressSpace: Int?

    /// `read` gives a file's text, nil where it cannot be read; `addressSpace` is the limit on address
    /// space, nil where there is none.
    public init(read: @escaping @Sendable (String) -> String?, addressSpace: Int?) {
        self.read = read
        self.addressSpace = addressSpace
    }

    /// This machine's.
    public static let own = MachineMemory(
        read: { path in
            (try? FileAccess.contents(of: path, limit: maximumFileBytes))
                .map { String(decoding: $0, as: UTF8.self) }
        },
        addressSpace: ownAddressSpace)

    /// The kernel's files are smaller.
    private static let maximumFileBytes = 1 << 20

    /// What is taken where nothing can be read.
    static let assumed = 2 << 30

    /// The smallest of all limits, in bytes.
    public var bytes: Int {
        ([addressSpace, installed] + groupLimits).compactMap(\.self).min() ?? Self.assumed
    }

    private var installed: Int? {
        for line in lines("/proc/meminfo") where line.hasPrefix("MemTotal:") {
            let fields = line.split(separator: " ")
            guard fields.count > 1, let kibibytes = Int(fields[1]) else { return nil }
            return kibibytes.multipliedReportingOverflow(by: 1024).partialValue
        }
        return nil
    }

    /// The limits of the process's control groups and of those around them, of both versions. Inside of
    /// a container a group's path may be the one outside: then the root's limit is the container's.
    private var groupLimits: [Int?] {
        var limits: [Int?] = []
        for line in lines("/proc/self/cgroup") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[0] == "0", fields[1].isEmpty {
                for folder in Self.folders(of: fields[2], under: "/sys/fs/cgroup") {
                    limits.append(limit(folder + "/memory.max"))
                    limits.append(limit(folder + "/memory.high"))
                }
            } else if fields[1].split(separator: ",").contains("memory") {
                for folder in Self.folders(of: fields[2], under: "/sys/fs/cgroup/memory") {
                    limits.append(limit(folder + "/memory.limit_in_bytes"))
                }
            }
        }
        return limits
    }

    /// The folder of a group and those around it.
    private static func folders(of group: Substring, under root: String) -> [String] {
        var folders = [root]
        for name in group.split(separator: "/") where name != ".." {
            folders.append(folders[folders.count - 1] + "/" + name)
        }
        return folders
    }

    /// `max`, and a number beyond all memory, are no limit.
    private func limit(_ path: String) -> Int? {
        guard let line = lines(path).first, let bytes = Int(line), bytes > 0 else { return nil }
        return bytes < 1 << 60 ? bytes : nil
    }

    private func lines(_ path: String) -> [Substring] {
        (read(path) ?? "").split(whereSeparator: \.isNewline)
    }

    private static var ownAddressSpace: Int? {
        #if canImport(Glibc)
            var limit = rlimit()
            guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
                limit.rlim_cur < 1 << 60
            else { return nil }
            return Int(limit.rlim_cur)
        #else
            return nil
        #endif
    }
}
