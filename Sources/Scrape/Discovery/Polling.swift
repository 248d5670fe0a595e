import Model

extension SourceEnvironment {
    /// The least pause between two looks, whatever `refresh_interval` says.
    static let shortestInterval = Milliseconds.seconds(1)

    /// Looks at once and then every `interval`, until the task is cancelled. `look` makes what is known
    /// of what was known before; `found` is called after each. With `pausingFromStart` the time that a look
    /// takes counts as pause: for looks that wait for something new.
    func poll<Known: Sendable>(
        every interval: Milliseconds, from start: Known, pausingFromStart: Bool = false,
        look: @Sendable (Known, Timestamp) async -> Known, found: @Sendable (Known) -> Void
    ) async {
        let pause = max(interval, SourceEnvironment.shortestInterval)
        var known = start
        while !Task.isCancelled {
            let begin = clock.now
            known = await look(known, begin)
            if Task.isCancelled { return }
            found(known)
            let end = (pausingFromStart ? begin : clock.now) + pause
            do { try await clock.sleep(until: end) } catch { return }
        }
    }

    /// The same of a source whose every look brings all groups, or an error that keeps those of before.
    func refresh(
        every interval: Milliseconds, _ yield: @Sendable (SourceUpdate) -> Void,
        look: @Sendable () async throws(APIError) -> [DiscoveredGroup]
    ) async {
        await poll(every: interval, from: SourceUpdate(groups: nil)) { _, _ in
            do throws(APIError) {
                return SourceUpdate(groups: try await look())
            } catch {
                return .failure(error.description)
            }
        } found: { update in
            yield(update)
        }
    }
}
