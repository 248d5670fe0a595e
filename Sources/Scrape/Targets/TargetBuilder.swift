import Configuration
import Model

/// Turns what a scrape configuration discovers into targets.
public struct TargetBuilder: Sendable {
    /// What one pass over the discovered groups gives.
    public struct Result: Sendable {
        /// The targets, no two of them the same.
        public var targets: [Target] = []
        /// Those that relabelling dropped, as many as are kept.
        public var dropped: [DroppedTarget] = []
        /// How many were dropped.
        public var droppedCount = 0
        /// What could not become a target, and why.
        public var failures: [String] = []
        private var known: Set<String> = []

        mutating func add(_ target: Target) {
            if known.insert(target.identity).inserted { targets.append(target) }
        }
    }

    private let configuration: ScrapeConfiguration

    /// For this scrape configuration.
    public init(_ configuration: ScrapeConfiguration) { self.configuration = configuration }

    /// The targets of these groups.
    public func build(_ groups: [DiscoveredGroup]) -> Result {
        var result = Result()
        for group in groups {
            for (index, labels) in group.targets.enumerated() {
                add(
                    group.labels.merging(labels), group.exposition,
                    "instance \(index) in \(group.place)", &result)
            }
        }
        return result
    }

    private func add(
        _ labels: Labels, _ source: Target.Source, _ name: String, _ result: inout Result
    ) {
        let discovered = withDefaults(labels, source)
        guard let relabelled = Relabel.apply(configuration.relabeling, to: discovered),
            !relabelled.isEmpty
        else {
            result.droppedCount += 1
            let limit = configuration.limits.keptDroppedTargets
            if limit == 0 || result.dropped.count < limit {
                result.dropped.append(
                    DroppedTarget(
                        pool: configuration.jobName, discoveredLabels: discovered))
            }
            return
        }
        do throws(TargetFailure) {
            result.add(try target(discovered, relabelled, source))
        } catch {
            result.failures.append("\(name): \(error.message)")
        }
    }

    private func withDefaults(_ labels: Labels, _ source: Target.Source) -> Labels {
        var defaults = [
            Label("job", configuration.jobName),
            Label("__scrape_interval__", configuration.scrapeInterval.description),
            Label("__scrape_timeout__", configuration.scrapeTimeout.description),
            Label("__metrics_path__", configuration.metricsPath),
            Label("__scheme__", configuration.scheme),
        ]
        defaults = defaults.filter { labels[$0.name] == nil }
        guard source == .http else { return labels.merging(Labels(defaults)) }
        let parameters = configuration.parameters.compactMap { parameter in
            parameter.values.first.map { Label("__param_" + parameter.name, $0) }
        }
        return Labels(labels.sorted + defaults + parameters)
    }

    private struct TargetFailure: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }

    private func target(
        _ discovered: Labels, _ relabelled: Labels, _ source: Target.Source
    ) throws(TargetFailure) -> Target {
        let address = relabelled.value("__address__")
        if address.isEmpty { throw TargetFailure("no address") }
        if source == .http, address.contains("/") {
            throw TargetFailure("\(address.goQuoted) is not a valid hostname")
        }
        let interval = try duration(relabelled, "__scrape_interval__", "interval")
        let timeout = try duration(relabelled, "__scrape_timeout__", "timeout")
        if timeout > interval {
            let texts = [timeout, interval].map(\.description.goQuoted)
            throw TargetFailure(
                "scrape timeout cannot be greater than scrape interval (\(texts[0]) > \(texts[1]))")
        }
        var labels = Labels(relabelled.sorted.filter { !$0.name.hasPrefix("__meta_") })
        if labels.value("instance").isEmpty { labels = labels.setting("instance", address) }
        return Target(
            pool: configuration.jobName, source: source, discoveredLabels: discovered,
            allLabels: labels, url: url(labels, source), interval: interval, timeout: timeout)
    }

    private func duration(
        _ labels: Labels, _ name: String, _ what: String
    ) throws(TargetFailure) -> Milliseconds {
        let duration: Milliseconds
        do throws(Milliseconds.ParseError) {
            duration = try Milliseconds(prometheus: labels.value(name))
        } catch {
            throw TargetFailure("error parsing scrape \(what): \(error)")
        }
        if duration <= .zero { throw TargetFailure("scrape \(what) cannot be 0") }
        return duration
    }

    private func url(_ labels: Labels, _ source: Target.Source) -> String {
        if case .textfile(let path, _) = source { return "file://" + PercentEncoding.path(path) }
        var parameters = configuration.parameters
        for label in labels.sorted where label.name.hasPrefix("__param_") {
            let name = String(label.name.dropFirst("__param_".count))
            if let index = parameters.firstIndex(where: { $0.name.bytesEqual(name) }),
                !parameters[index].values.isEmpty
            {
                parameters[index].values[0] = label.value
            } else {
                parameters.append(URLParameter(name, [label.value]))
            }
        }
        var path = labels.value("__metrics_path__")
        if !path.isEmpty, !path.hasPrefix("/") { path = "/" + path }
        let query = parameters.query
        return "\(labels.value("__scheme__"))://\(labels.value("__address__"))"
            + PercentEncoding.path(path) + (query.isEmpty ? "" : "?" + query)
    }
}
