import Configuration
import Model
import Scrape

/// `/api/v1/tocsin/discovery`: how each source of targets and Alertmanagers fares, and why targets were
/// dropped.
struct DiscoveryRoutes: Sendable {
    let scrapes: ScrapeManager
    /// The sources of Alertmanagers.
    let alertmanagers: @Sendable () -> [SourceState]
    /// What is configured.
    let configurations: @Sendable () -> [ScrapeConfiguration]
    let clock: any PipelineClock

    /// How many dropped targets of a job are listed: relabelling is repeated for each.
    static let maximumDropped = 1000

    func discovery(_ parameters: Parameters) -> [UInt8] {
        let status = scrapes.status
        let only = parameters["scrapePool"] ?? ""
        let jobs = configurations()
            .filter { only.isEmpty || $0.jobName.bytesEqual(only) }
            .sorted { $0.jobName.byteOrder($1.jobName) < 0 }
        let now = clock.now
        return APIEnvelope.success { json in
            json.object { json in
                json.key("jobs")
                json.array { json in
                    for job in jobs { write(job, status, now, &json) }
                }
                json.key("alertmanagers")
                json.array { json in
                    for source in alertmanagers() { json.source(source, now) }
                }
            }
        }
    }

    private func write(
        _ job: ScrapeConfiguration, _ status: ScrapeStatus, _ now: Timestamp,
        _ json: inout JSONWriter
    ) {
        let name = job.jobName
        json.object { json in
            json.member("scrapePool", name)
            json.key("sources")
            json.array { json in
                for source in status.sources where source.pool.bytesEqual(name) {
                    json.source(source, now)
                }
            }
            json.key("activeTargets")
            json.integer(status.active.count { $0.target.pool.bytesEqual(name) })
            json.member("limitError", status.limitErrors[name] ?? "")
            json.key("failures")
            json.strings(status.failures[name] ?? [])
            json.key("droppedTargetCount")
            json.integer(status.droppedCounts[name] ?? 0)
            json.key("droppedTargets")
            json.array { json in
                let dropped = status.dropped.lazy.filter { $0.pool.bytesEqual(name) }
                for target in dropped.prefix(DiscoveryRoutes.maximumDropped) {
                    let rule = target.droppingRule(in: job.relabeling)
                    json.object { json in
                        json.key("discoveredLabels")
                        json.labels(target.shownLabels)
                        json.member("reason", DroppedTarget.reason(droppingRule: rule))
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func source(_ source: SourceState, _ now: Timestamp) {
        object { json in
            json.member("config", source.pool)
            json.member("section", source.section)
            json.key("index")
            json.integer(source.index)
            json.member("state", source.health)
            json.member("lastSuccess", RuleRoutes.moment(source.lastSuccess))
            json.key("age")
            if let success = source.lastSuccess {
                json.double((now - success).inSeconds)
            } else {
                json.null()
            }
            json.member("lastErrorTime", RuleRoutes.moment(source.lastFailure))
            json.member("lastError", source.lastProblems.joined(separator: "\n"))
            json.key("groups")
            json.integer(source.groups)
            json.key("targets")
            json.integer(source.targets)
            json.key("looks")
            json.integer(source.looks)
            json.key("failures")
            json.integer(source.failures)
        }
    }
}

extension SourceState {
    /// One word for how it fares.
    fileprivate var health: String {
        if hasGivenUp { return "ended" }
        if !problems.isEmpty { return "failing" }
        return lastSuccess == nil ? "waiting" : "ok"
    }
}
