/// How far the answers to a blocking query are known, by Consul's rules for its clients.
struct ConsulIndex {
    /// What to wait for a successor of; 0 for an answer at once.
    private(set) var value: UInt64 = 0

    /// Whether an answer with this index brings anything new. One that is lower than before, which
    /// follows a restored server, or that is missing, starts from the beginning.
    mutating func take(_ answered: UInt64?) -> Bool {
        guard let answered, answered > 0 else {
            value = 0
            return true
        }
        defer { value = answered < value ? 0 : answered }
        return answered != value
    }
}
