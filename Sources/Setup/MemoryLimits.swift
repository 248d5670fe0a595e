import Configuration
import PromQL

extension MemoryLimits {
    /// Which part of the memory that there is all queries of clients may hold by default. Rules have as
    /// much of their own, and the rest is for the samples.
    static let defaultShare = 4
    /// The least that the default is.
    static let leastDefault = 64 << 20

    /// The limits that are configured, and a share of this machine's memory in the place of others.
    init(_ settings: QuerySettings, memory: MachineMemory = .own) {
        let total =
            settings.maximumMemory ?? max(Self.leastDefault, memory.bytes / Self.defaultShare)
        self.init(
            total: total, perQuery: min(total, settings.maximumMemoryPerQuery ?? total / 2))
    }
}
