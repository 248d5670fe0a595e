import Setup
import Testing

/// How much memory a process may use, from what the system's files say.
struct MachineMemoryTests {
    private func bytes(_ files: [String: String], addressSpace: Int? = nil) -> Int {
        MachineMemory(read: { files[$0] }, addressSpace: addressSpace).bytes
    }

    private let installed = "MemTotal:       16000000 kB\nMemFree:  1 kB\n"

    @Test func theMachineHasTheLastWord() {
        #expect(bytes(["/proc/meminfo": installed]) == 16_000_000 << 10)
        #expect(bytes(["/proc/meminfo": installed], addressSpace: 1 << 30) == 1 << 30)
        #expect(bytes([:]) == 2 << 30)
        #expect(bytes(["/proc/meminfo": "nonsense"], addressSpace: 5000) == 5000)
        #expect(MachineMemory.own.bytes > 1 << 20)
    }

    @Test func groupsOfTheSecondVersion() {
        var files = [
            "/proc/meminfo": installed, "/proc/self/cgroup": "0::/system.slice/tocsin.service\n",
            "/sys/fs/cgroup/system.slice/tocsin.service/memory.max": "max\n",
            "/sys/fs/cgroup/system.slice/memory.max": "8000000000\n",
        ]
        #expect(bytes(files) == 8_000_000_000)
        files["/sys/fs/cgroup/system.slice/tocsin.service/memory.max"] = "512000000\n"
        #expect(bytes(files) == 512_000_000)
        files["/sys/fs/cgroup/system.slice/tocsin.service/memory.high"] = "256000000\n"
        #expect(bytes(files) == 256_000_000)
        // Inside of a container the group is the root of what can be seen.
        let inside = [
            "/proc/meminfo": installed, "/proc/self/cgroup": "0::/\n",
            "/sys/fs/cgroup/memory.max": "100000000\n",
        ]
        #expect(bytes(inside) == 100_000_000)
    }

    @Test func groupsOfTheFirstVersion() {
        var files = [
            "/proc/meminfo": installed,
            "/proc/self/cgroup": "5:cpu,cpuacct:/a\n4:memory:/docker/abc\n0::/\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        ]
        #expect(bytes(files) == 16_000_000 << 10)
        files["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "300000000\n"
        #expect(bytes(files) == 300_000_000)
        files["/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes"] = "200000000\n"
        #expect(bytes(files) == 200_000_000)
    }
}
