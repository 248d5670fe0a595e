import Configuration
import Foundation
import Model
import Scrape

/// `/api/v1/targets`, `scrape_pools` and `targets/relabel_steps`.
struct TargetRoutes: Sendable {
    let scrapes: ScrapeManager
    let globalURL: @Sendable () -> GlobalURL
    /// What is configured.
    let configurations: @Sendable () -> [ScrapeConfiguration]

    func targets(_ parameters: Parameters) -> [UInt8] {
        let status = scrapes.status
        let globalURL = globalURL()
        let pool = parameters["scrapePool"] ?? ""
        let state = parameters["state"]?.lowercased() ?? ""
        let showsActive = ["", "any", "active"].contains(state)
        let showsDropped = ["", "any", "dropped"].contains(state)
        let active = status.active.filter { pool.isEmpty || $0.target.pool.bytesEqual(pool) }
        let dropped = status.dropped.filter { pool.isEmpty || $0.pool.bytesEqual(pool) }
        return APIEnvelope.success { json in
            json.object { json in
                json.key("activeTargets")
                json.array { json in
                    for target in active where showsActive { write(target, globalURL, &json) }
                }
                json.key("droppedTargets")
                json.array { json in
                    for target in dropped where showsDropped {
                        json.object { json in
                            json.key("discoveredLabels")
                            json.labels(target.shownLabels)
                            json.member("scrapePool", target.pool)
                        }
                    }
                }
                json.key("droppedTargetCounts")
                if showsDropped {
                    json.object { json in
                        let counts = status.droppedCounts
                            .sorted { $0.key.byteOrder($1.key) < 0 }
                        for (pool, count) in counts {
                            json.key(pool)
                            json.integer(count)
                        }
                    }
                } else {
                    json.null()
                }
            }
        }
    }

    private func write(
        _ status: TargetStatus, _ globalURL: GlobalURL, _ json: inout JSONWriter
    ) {
        let target = status.target
        json.object { json in
            json.key("discoveredLabels")
            json.labels(target.shownLabels)
            json.key("labels")
            json.labels(target.labels)
            json.member("scrapePool", target.pool)
            json.member("scrapeUrl", target.url)
            json.member("globalUrl", globalURL.of(target.url))
            json.member("lastError", status.lastError)
            json.member("lastScrape", RuleRoutes.moment(status.lastScrape))
            json.key("lastScrapeDuration")
            json.double(status.lastScrapeDuration)
            json.member("health", status.health.rawValue)
            json.member("scrapeInterval", target.interval.description)
            json.member("scrapeTimeout", target.timeout.description)
        }
    }

    func pools(_ parameters: Parameters) -> [UInt8] {
        let status = scrapes.status
        var names = Array(status.droppedCounts.keys)
        for pool in status.active.map(\.target.pool) where !names.contains(pool) {
            names.append(pool)
        }
        names.sort { $0.byteOrder($1) < 0 }
        return APIEnvelope.success { json in
            json.object { json in
                json.key("scrapePools")
                json.strings(names)
            }
        }
    }

    // MARK: Relabelling

    func relabelSteps(_ parameters: Parameters) throws -> [UInt8] {
        guard let pool = parameters["scrapePool"], !pool.isEmpty else {
            throw APIError(.badData, "no scrapePool parameter provided")
        }
        guard let text = parameters["labels"], !text.isEmpty else {
            throw APIError(.badData, "no labels parameter provided")
        }
        guard let labels = try? JSONDecoder().decode(Labels.self, from: Data(text.utf8)) else {
            throw APIError(.badData, "error parsing labels: an object of texts was expected")
        }
        guard let job = configurations().first(where: { $0.jobName.bytesEqual(pool) }) else {
            throw APIError(
                .badData,
                "error retrieving scrape config: scrape pool \(pool.goQuoted) not found")
        }
        let rules = job.relabeling
        return APIEnvelope.success { json in
            json.object { json in
                json.key("steps")
                json.array { json in
                    for (index, rule) in rules.enumerated() {
                        let output = Relabel.apply(Array(rules[...index]), to: labels)
                        json.object { json in
                            json.key("rule")
                            json.relabelRule(rule)
                            json.key("output")
                            json.labels(output ?? .empty)
                            json.key("keep")
                            json.bool(output != nil)
                        }
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func relabelRule(_ rule: RelabelRule) {
        object { json in
            if !rule.sourceLabels.isEmpty {
                json.key("sourceLabels")
                json.strings(rule.sourceLabels)
            }
            if !rule.separator.isEmpty { json.member("separator", rule.separator) }
            json.member("regex", rule.regexText)
            if rule.modulus != 0 {
                json.key("modulus")
                json.integer(rule.modulus)
            }
            if !rule.targetLabel.isEmpty { json.member("targetLabel", rule.targetLabel) }
            if !rule.replacement.isEmpty { json.member("replacement", rule.replacement) }
            json.member("action", rule.action.rawValue)
        }
    }
}

/// Makes URLs of targets that name this machine as `localhost` those by which others reach them.
struct GlobalURL: Sendable {
    /// The port that this server listens on.
    let port: String
    /// Host, with its port, and scheme of the external URL.
    let host: String
    let scheme: String

    init(listenAddress: String, externalURL: String) {
        port = GlobalURL.split(listenAddress).port
        let external = try? ParsedURL(externalURL)
        scheme = external.flatMap { $0.scheme.isEmpty ? nil : $0.scheme } ?? "http"
        host = external?.hostAndPort ?? ""
    }

    func of(_ url: String) -> String {
        guard let parsed = try? ParsedURL(url),
            ["127.0.0.1", "localhost", "::1"].contains(parsed.host)
        else { return url }
        // Our own port is this very program, which has an address for others.
        if parsed.port == port { return "\(scheme)://\(host)\(parsed.afterOrigin)" }
        let outside = GlobalURL.split(host).name
        let shown = outside.contains(":") ? "[\(outside)]" : outside
        let suffix = parsed.port.isEmpty ? "" : ":" + parsed.port
        return "\(parsed.scheme)://\(shown)\(suffix)\(parsed.afterOrigin)"
    }

    private static func split(_ authority: String) -> (name: String, port: String) {
        let isBare = authority.hasSuffix("]")
        guard !isBare, let colon = authority.lastIndex(of: ":") else {
            return (authority.trimmingBrackets, "")
        }
        let name = String(authority[..<colon])
        return (name.trimmingBrackets, String(authority[authority.index(after: colon)...]))
    }
}

extension String {
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}
