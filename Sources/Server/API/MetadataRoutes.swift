import Daemon
import Exposition
import Model
import PromQL
import Scrape

/// What targets, and those who write to us, say of their metrics: `/api/v1/metadata` and `targets/metadata`.
struct MetadataRoutes: Sendable {
    let service: QueryService
    let scrapes: ScrapeManager
    /// What senders say of theirs; nil in a replay.
    let written: WrittenMetadata?

    func metrics(_ parameters: Parameters) async throws -> [UInt8] {
        let limit = try parameters.count("limit")
        let perMetric = try parameters.count("limit_per_metric")
        let metric = parameters["metric"] ?? ""
        let (scrapes, written) = (scrapes, written)
        return try await service.work {
            var found: [String: [MetricMetadata]] = [:]
            let scraped = MetadataRoutes.ordered(scrapes).flatMap(\.metrics)
            for list in [scraped, written?.all.map { ($0.key, $0.value) } ?? []] {
                for (name, one) in list where metric.isEmpty || name.bytesEqual(metric) {
                    if !(found[name]?.contains(one) ?? false) {
                        found[name, default: []].append(one)
                    }
                }
            }
            let names = found.keys.sorted { $0.byteOrder($1) < 0 }.prefix(limit ?? .max)
            return APIEnvelope.success { json in
                json.object { json in
                    for name in names {
                        json.key(name)
                        json.array { json in
                            // As in Prometheus, 0 is no limit here.
                            let count = (perMetric ?? 0) == 0 ? .max : perMetric ?? .max
                            for one in (found[name] ?? []).prefix(count) {
                                json.object { $0.metadata(one) }
                            }
                        }
                    }
                }
            }
        }
    }

    func targets(_ parameters: Parameters) async throws -> [UInt8] {
        let limit = try parameters.count("limit") ?? .max
        let metric = parameters["metric"] ?? ""
        var matchers: [Matcher] = []
        if let text = parameters["match_target"], !text.isEmpty {
            do throws(APIError) { matchers = try Parameters.selector(text) } catch {
                throw APIError.invalidParameter("match_target", error.message)
            }
        }
        let (scrapes, conditions) = (scrapes, matchers)
        return try await service.work {
            var count = 0
            return APIEnvelope.success { json in
                json.array { json in
                    for (target, metrics) in MetadataRoutes.ordered(scrapes) {
                        // As in Prometheus, the limit stops at targets, not within one.
                        if count >= limit { break }
                        if !conditions.allSatisfy({ $0.matches(target.labels) }) { continue }
                        for (name, one) in metrics where metric.isEmpty || name.bytesEqual(metric) {
                            count += 1
                            json.object { json in
                                json.key("target")
                                json.labels(target.labels)
                                if metric.isEmpty { json.member("metric", name) }
                                json.metadata(one)
                            }
                        }
                    }
                }
            }
        }
    }

    private static func ordered(
        _ scrapes: ScrapeManager
    ) -> [(target: Target, metrics: [(String, MetricMetadata)])] {
        scrapes.metadata
            .sorted { ($0.target.pool, $0.target.url) < ($1.target.pool, $1.target.url) }
            .map { target, metrics in
                (target, metrics.sorted { $0.key.byteOrder($1.key) < 0 }.map { ($0.key, $0.value) })
            }
    }
}

extension JSONWriter {
    fileprivate mutating func metadata(_ metadata: MetricMetadata) {
        member("type", metadata.type.apiName)
        member("help", metadata.help)
        member("unit", metadata.unit)
    }
}
