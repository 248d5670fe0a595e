import Exposition
import Model
import Scrape

/// How discovery fares, under the names that Prometheus gives it: `name` is `scrape` for targets and
/// `notify` for Alertmanagers, `config` the job or the entry.
enum DiscoveryMetrics {
    private static let prefix = "prometheus_sd_"

    private struct Family: Sendable {
        let name: String
        let type: MetricType
        let help: String
        let rows: @Sendable ([SourceState]) -> [(labels: [String: String], value: Double)]
    }

    private static let families = [
        Family(
            name: "discovered_targets", type: .gauge, help: "Targets found, before relabelling."
        ) { states in
            sums(states) {
                ["config": $0.pool]
            } of: {
                $0.targets
            }
        },
        Family(
            name: "failed_configs", type: .gauge,
            help: "Sources of targets that look no more because their settings cannot work."
        ) { [([:], Double($0.count(where: \.hasGivenUp)))] },
        Family(
            name: "last_update_timestamp_seconds", type: .gauge,
            help: "When the last update of any source came."
        ) { states in
            Dictionary(grouping: states, by: \.pool).sorted { $0.key < $1.key }
                .compactMap { pool, states in
                    states.compactMap(\.lastSuccess).max().map {
                        (labels: ["config": pool], value: $0.seconds)
                    }
                }
        },
        Family(
            name: "received_updates_total", type: .counter, help: "Looks of all sources."
        ) { [([:], Double($0.reduce(0) { $0 + $1.looks }))] },
        Family(
            name: "refresh_failures_total", type: .counter, help: "Looks that failed."
        ) { states in
            sums(states) {
                ["config": $0.pool, "mechanism": $0.mechanism]
            } of: {
                $0.failures
            }
        },
    ]

    private static func sums(
        _ states: [SourceState], by labels: (SourceState) -> [String: String],
        of value: (SourceState) -> Int
    ) -> [(labels: [String: String], value: Double)] {
        Dictionary(grouping: states, by: labels).map { labels, states in
            (labels, Double(states.reduce(0) { $0 + value($1) }))
        }
    }

    /// Families without a sample are left out.
    static func write(
        scrape: [SourceState], notify: [SourceState], to writer: inout ExpositionWriter
    ) {
        for family in families {
            let rows = [("notify", notify), ("scrape", scrape)].flatMap { name, states in
                family.rows(states).map { row in
                    (Labels(row.labels.merging(["name": name]) { $1 }), row.value)
                }
            }
            if rows.isEmpty { continue }
            writer.family(prefix + family.name, family.type, help: family.help)
            for (labels, value) in rows.sorted(by: { $0.0 < $1.0 }) {
                writer.sample(prefix + family.name, labels, value)
            }
        }
    }

    /// Every source with the labels that name it.
    static func sources(
        _ snapshot: SelfMetrics.Snapshot
    ) -> [(labels: Labels, source: SourceState)] {
        [("notify", snapshot.alertmanagerDiscovery), ("scrape", snapshot.discovery)]
            .flatMap { name, states in
                states.map { state in
                    (
                        Labels([
                            "name": name, "config": state.pool, "mechanism": state.mechanism,
                            "index": String(state.index),
                        ]), state
                    )
                }
            }
    }
}
