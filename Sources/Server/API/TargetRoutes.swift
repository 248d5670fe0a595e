import Model
import Scrape

/// `/api/v1/targets`.
struct TargetRoutes {
    let scrapes: ScrapeManager
    /// This machine's name, for `globalUrl`.
    let host: String

    func targets(_ parameters: Parameters) -> [UInt8] {
        let status = scrapes.status
        let pool = parameters["scrapePool"] ?? ""
        let wanted = parameters["state"]?.lowercased() ?? "any"
        let active = status.active.filter { pool.isEmpty || $0.target.pool == pool }
        let dropped = status.dropped.filter { pool.isEmpty || $0.pool == pool }
        return APIEnvelope.success { json in
            json.object { json in
                json.key("activeTargets")
                json.array { json in
                    if wanted == "dropped" { return }
                    for target in active { write(target, &json) }
                }
                json.key("droppedTargets")
                json.array { json in
                    if wanted == "active" { return }
                    for target in dropped {
                        json.object { json in
                            json.key("discoveredLabels")
                            json.labels(target.discoveredLabels)
                            json.member("scrapePool", target.pool)
                        }
                    }
                }
                json.key("droppedTargetCounts")
                json.object { json in
                    for (pool, count) in status.droppedCounts.sorted(by: { $0.key < $1.key }) {
                        json.key(pool)
                        json.integer(count)
                    }
                }
            }
        }
    }

    private func write(_ status: TargetStatus, _ json: inout JSONWriter) {
        let target = status.target
        json.object { json in
            json.key("discoveredLabels")
            json.labels(target.discoveredLabels)
            json.key("labels")
            json.labels(target.labels)
            json.member("scrapePool", target.pool)
            json.member("scrapeUrl", target.url)
            json.member("globalUrl", target.globalURL(host: host))
            json.member("lastError", status.lastError)
            json.member("lastScrape", RuleRoutes.moment(status.lastScrape))
            json.key("lastScrapeDuration")
            json.double(status.lastScrapeDuration)
            json.member("health", status.health.rawValue)
            json.member("scrapeInterval", target.interval.description)
            json.member("scrapeTimeout", target.timeout.description)
        }
    }
}
