import Model

extension SourceEnvironment {
    /// Looks at once and then every `interval`, until the task is cancelled. `look` makes what is known
    /// of what was known before; `found` is called after each.
    func poll<Known: Sendable>(
        every interval: Milliseconds, from start: Known,
        look: @Sendable (Known, Timestamp) async -> Known, found: @Sendable (Known) -> Void
    ) async {
        var known = start
        while !Task.isCancelled {
            known = await look(known, clock.now)
            if Task.isCancelled { return }
            found(known)
            do { try await clock.sleep(until: clock.now + interval) } catch { return }
        }
    }
}
