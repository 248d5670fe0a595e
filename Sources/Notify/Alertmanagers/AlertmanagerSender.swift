import Configuration
import HTTPClient
import Logging
import Model
import Transport

/// Sends every alert to the Alertmanagers of `alerting.alertmanagers`, as Prometheus does: a queue for
/// each, so that one which is slow or dead delays neither another nor the rules.
public actor AlertmanagerSender {
    /// How sending to one Alertmanager stands.
    public struct Status: Sendable, Hashable {
        /// Where alerts are posted.
        public var url: String
        /// What became of alerts so far.
        public var counters: AlertQueue.Counters
        /// How many wait.
        public var waiting: Int
    }

    /// A request ended.
    public struct Attempt: Sendable {
        /// Where it was posted.
        public var url: String
        /// How long it took.
        public var duration: Duration
        /// Why it was not taken.
        public var failure: String?
    }

    private struct Loop {
        var queue = AlertQueue()
        var task: Task<Void, Never>?
        /// The configuration names it no more: it is rid of once its queue is empty.
        var isLeaving = false
    }

    private let transport: any Transporting
    private let surroundings: ReceiverSurroundings
    private let clients: ClientPool
    private let observe: @Sendable (Attempt) -> Void
    private let logger: Logger
    private var targets = AlertmanagerTargets([])
    private var loops: [AlertmanagerEndpoint: Loop] = [:]
    private var isClosed = false
    private var drainWaiter: CheckedContinuation<Void, Never>?

    /// Sends to the Alertmanagers of `configurations`. `observe` is told how each request ended.
    public init(
        _ configurations: [AlertmanagerConfiguration], transport: any Transporting,
        in surroundings: ReceiverSurroundings = .system,
        logger: Logger = Logger(label: "alertmanagers"),
        observe: @escaping @Sendable (Attempt) -> Void = { _ in }
    ) {
        self.transport = transport
        self.surroundings = surroundings
        clients = ClientPool(files: surroundings.files)
        self.logger = logger
        self.observe = observe
        targets = AlertmanagerTargets(configurations)
        for endpoint in targets.endpoints { loops[endpoint] = Loop() }
        for problem in targets.problems { logger.error("\(problem)") }
    }

    /// Goes on with other Alertmanagers; those that stay keep their queues, and what waits for those
    /// that go is tried once.
    public func apply(_ configurations: [AlertmanagerConfiguration]) {
        targets = AlertmanagerTargets(configurations)
        for problem in targets.problems { logger.error("\(problem)") }
        for endpoint in loops.keys { loops[endpoint]?.isLeaving = true }
        for endpoint in targets.endpoints { loops[endpoint, default: Loop()].isLeaving = false }
        clients.keep(only: Set(loops.keys.map(\.configuration.client)))
        for endpoint in Array(loops.keys) { advance(endpoint) }
    }

    /// Hands alerts to every Alertmanager's queue; returns without waiting for any of them.
    public func send(_ alerts: [Alert]) {
        if alerts.isEmpty || isClosed { return }
        for endpoint in targets.endpoints {
            let rules = endpoint.configuration.alertRelabeling
            let relabelled = alerts.compactMap { alert -> Alert? in
                guard let labels = Relabel.apply(rules, to: alert.labels) else { return nil }
                var alert = alert
                alert.labels = labels
                return alert
            }
            let dropped = loops[endpoint]?.queue.add(relabelled) ?? 0
            if dropped > 0 {
                logger.warning(
                    "queue full, oldest alerts dropped",
                    metadata: ["alertmanager": "\(shown(endpoint.url))", "count": "\(dropped)"])
            }
            advance(endpoint)
        }
    }

    /// Starts nothing new but what waits, and returns when every queue is empty (true) or the time is
    /// up (false).
    public func drain(timeout: Duration) async -> Bool {
        if !isIdle {
            let timer = Task { [weak self] in
                try? await Task.sleep(for: timeout)
                await self?.endDraining()
            }
            await withCheckedContinuation { drainWaiter = $0 }
            timer.cancel()
        }
        isClosed = true
        for loop in loops.values { loop.task?.cancel() }
        return isIdle
    }

    // MARK: Looking in

    /// Those that are sent alerts.
    public var status: [Status] {
        targets.endpoints.map { endpoint in
            let queue = loops[endpoint]?.queue ?? AlertQueue()
            return Status(
                url: shown(endpoint.url), counters: queue.counters, waiting: queue.count)
        }
    }

    /// The URLs of those that relabelling dropped.
    public var dropped: [String] { targets.dropped.map(shown) }

    private func shown(_ url: String) -> String { URLRedaction.redact(url) }

    // MARK: Steps

    private var isIdle: Bool { loops.values.allSatisfy(\.queue.isIdle) }

    private func endDraining() {
        drainWaiter?.resume()
        drainWaiter = nil
    }

    /// Sends the next batch, where there is one and none is under way.
    private func advance(_ endpoint: AlertmanagerEndpoint) {
        guard !isClosed, var loop = loops[endpoint] else { return }
        let batch = loop.queue.take()
        if batch.isEmpty {
            if loop.isLeaving, loop.queue.isIdle { loops[endpoint] = nil }
            if isIdle { endDraining() }
            return
        }
        let request = AlertmanagerRequest(
            endpoint: endpoint, alerts: batch,
            client: clients.client(endpoint.configuration.client), surroundings: surroundings)
        let transport = transport
        loop.task = Task { [weak self] in
            let clock = ContinuousClock()
            let start = clock.now
            let failure = await request.send(over: transport)
            await self?.end(endpoint, failure, batch.count, after: clock.now - start)
        }
        loops[endpoint] = loop
    }

    private func end(
        _ endpoint: AlertmanagerEndpoint, _ failure: String?, _ count: Int, after duration: Duration
    ) {
        let url = shown(endpoint.url)
        loops[endpoint]?.task = nil
        loops[endpoint]?.queue.finish(succeeded: failure == nil)
        if let failure, !isClosed {
            logger.error(
                "alerts were not taken: \(failure)",
                metadata: ["alertmanager": "\(url)", "count": "\(count)"])
        }
        observe(Attempt(url: url, duration: duration, failure: failure))
        advance(endpoint)
    }
}
