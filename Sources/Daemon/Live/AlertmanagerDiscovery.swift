import Configuration
import Logging
import Model
import Notify
import Scrape

/// Finds the Alertmanagers of `alerting.alertmanagers`, those in files too, and tells the sender as
/// they change.
actor AlertmanagerDiscovery {
    private let sender: AlertmanagerSender
    private let clock: any PipelineClock
    private let logger = Logger(label: "alertmanagers")
    private var found: [(configuration: AlertmanagerConfiguration, targets: TargetDiscovery)] = []
    private var problems: [String] = []

    init(_ sender: AlertmanagerSender, clock: any PipelineClock) {
        self.sender = sender
        self.clock = clock
    }

    /// Goes on with these.
    func apply(_ configurations: [AlertmanagerConfiguration]) async {
        found = configurations.map { configuration in
            (
                configuration,
                TargetDiscovery(
                    staticTargets: configuration.staticTargets,
                    files: configuration.fileDiscoveries)
            )
        }
        _ = refresh()
        await tell()
    }

    /// Looks at the files now and then until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do { try await clock.sleep(until: clock.now + TargetDiscovery.pollInterval) } catch {
                return
            }
            if refresh() { await tell() }
        }
    }

    private func refresh() -> Bool {
        let now = clock.now
        var isChanged = false
        for index in found.indices {
            isChanged = found[index].targets.refresh(now: now) || isChanged
        }
        let problems = found.flatMap(\.targets.problems)
        if problems != self.problems { for problem in problems { logger.error("\(problem)") } }
        self.problems = problems
        return isChanged
    }

    private func tell() async {
        await sender.apply(
            found.map { configuration, targets in
                var configuration = configuration
                configuration.staticTargets = targets.groups
                return configuration
            })
    }
}
