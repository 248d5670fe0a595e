import Model

/// Runs one reload after the other, in the order in which they were asked for, whether or not who asked
/// still waits.
actor ReloadQueue {
    private var last: Task<Result<Void, Problems>, Never>?

    func run(_ reload: @escaping @Sendable () async -> Result<Void, Problems>)
        async throws(Problems)
    {
        let previous = last
        let task = Task {
            _ = await previous?.value
            return await reload()
        }
        last = task
        try await task.value.get()
    }
}
