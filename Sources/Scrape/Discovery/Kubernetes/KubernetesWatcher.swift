import Model
import Transport

/// Keeps one resource of one namespace, or of all, up to date: I/O around a `WatchPlan`.
struct KubernetesWatcher: Sendable {
    /// How long a watch has to last to count as one that works, where it tells nothing.
    private static let steady = Milliseconds.seconds(1)

    let number: Int
    let resource: KubernetesResource
    let namespace: String?
    let client: KubernetesClient
    let desk: KubernetesDesk

    private var clock: any PipelineClock { client.environment.clock }

    /// Looks until the task is cancelled.
    func run() async {
        var plan = WatchPlan()
        // Of nodes that are only there for their labels the rest is not kept.
        let isWhole = resource != .nodes || client.settings.primary == .nodes
        var reading = KubernetesReading(resource, isWhole: isWhole)
        while !Task.isCancelled {
            let outcome =
                switch plan.step {
                case .list(let pageSize): await list(pageSize, &reading)
                case .watch(let version): await watch(from: version, &reading)
                }
            plan.take(outcome)
            let delay = plan.delay(jitter: Double.random(in: 0...1))
            if outcome.waits, delay > .zero {
                do { try await clock.sleep(until: clock.now + delay) } catch { return }
            }
        }
    }

    /// Gets all objects, page by page: none of them holds more than a page.
    private func list(
        _ pageSize: Int, _ reading: inout KubernetesReading
    ) async -> WatchPlan.Outcome {
        var keys: Set<String> = []
        var token = ""
        do throws(KubernetesError) {
            while true {
                let bytes = try await client.list(
                    resource, in: namespace, limit: pageSize, after: token)
                let page = try read(bytes) { (bytes) throws(JSONError) in try reading.page(bytes) }
                keys.formUnion(page.objects.map(\.meta.key))
                desk.put(page.objects, resource)
                token = page.next
                if !token.isEmpty { continue }
                desk.listed(keys, resource, in: namespace, by: number)
                return .listed(version: page.version)
            }
        } catch {
            // Smaller pages are next.
            if error.kind != .tooLarge || pageSize == 1 { desk.failed(error.message, by: number) }
            switch error.kind {
            case .expired: return .expired
            case .tooLarge: return .tooLarge
            case .other: return .failed
            }
        }
    }

    private func read<T>(
        _ bytes: [UInt8], _ body: ([UInt8]) throws(JSONError) -> T
    ) throws(KubernetesError) -> T {
        do { return try body(bytes) } catch {
            let (line, column) = error.place(in: bytes)
            throw KubernetesError(
                message:
                    "\(resource.rawValue): the answer's line \(line), column \(column): \(error)"
            )
        }
    }

    private func watch(
        from start: String, _ reading: inout KubernetesReading
    ) async -> WatchPlan.Outcome {
        let began = clock.now
        let stream: HTTPStream
        do throws(KubernetesError) {
            stream = try await client.watch(resource, in: namespace, from: start)
        } catch {
            if error.kind == .expired { return .expired }
            desk.failed(error.message, by: number)
            return .failed
        }
        desk.works(number)
        var version = start
        do throws(KubernetesError) {
            var lines = LineSplitter(maximumLineBytes: KubernetesClient.maximumEventBytes)
            while let piece = try await next(of: stream) {
                for bytes in try events(in: piece, &lines) {
                    let event = try read(bytes) { (bytes) throws(JSONError) in
                        try reading.event(bytes)
                    }
                    if case .failed(let status) = event { return failed(status) }
                    take(event, &version)
                }
            }
        } catch {
            desk.failed(error.message, by: number)
            return .confused
        }
        let lasted = clock.now - began >= KubernetesWatcher.steady
        return .ended(version: version, hasProgressed: version != start || lasted)
    }

    private func events(
        in piece: [UInt8], _ lines: inout LineSplitter
    ) throws(KubernetesError) -> [[UInt8]] {
        do { return try lines.take(piece) } catch {
            throw KubernetesError(
                message: "watch \(resource.rawValue): an event: \(error.message)")
        }
    }

    /// The next piece. A connection that breaks off ends the watch; nothing is lost by that.
    private func next(of stream: HTTPStream) async throws(KubernetesError) -> [UInt8]? {
        do { return try await stream.next() } catch {
            if error.isTemporary || error.kind == .cancelled { return nil }
            throw KubernetesError(message: "watch \(resource.rawValue): \(error.message)")
        }
    }

    private func take(_ event: KubernetesReading.Event, _ version: inout String) {
        let new: String
        switch event {
        case .changed(let object, let told):
            desk.put([object], resource)
            new = told
        case .deleted(let key, let told):
            desk.remove(key, resource)
            new = told
        case .bookmark(let told): new = told
        case .failed: return
        }
        if !new.isEmpty { version = new }
    }

    private func failed(_ status: KubernetesReading.Status) -> WatchPlan.Outcome {
        if status.code == 410 { return .expired }
        desk.failed(
            "watch \(resource.rawValue): the server says \(status.code): \(status.message)",
            by: number)
        return .confused
    }
}

extension WatchPlan.Outcome {
    /// Whether the next step may have to wait.
    fileprivate var waits: Bool {
        switch self {
        case .listed, .tooLarge: false
        case .ended, .expired, .failed, .confused: true
        }
    }
}
