import Configuration
import Model

/// Something that is scraped: where, how often, and what labels its samples get.
public struct Target: Sendable, Hashable {
    /// How its exposition is got.
    public enum Source: Sendable, Hashable {
        /// From a URL.
        case http
        /// From a file that some program writes.
        case textfile(path: String, maximumAge: Milliseconds)
        /// It was recorded; only a replay brings it.
        case recording
    }

    /// The job of the scrape configuration, before relabelling.
    public var pool: String
    /// How its exposition is got.
    public var source: Source
    /// The labels before relabelling, `__address__` and its like among them.
    public var discoveredLabels: Labels
    /// `discoveredLabels` as they may be shown.
    public var shownLabels: Labels { Target.shown(discoveredLabels) }
    /// The labels after it, those with two underscores in front too.
    public var allLabels: Labels
    /// Where it is scraped.
    public var url: String
    /// How often.
    public var interval: Milliseconds
    /// How long a scrape may take.
    public var timeout: Milliseconds

    /// The labels that its samples get.
    public var labels: Labels {
        Labels(allLabels.sorted.filter { !$0.name.hasPrefix("__") })
    }

    /// The URL that `http_sd_configs` found it at.
    static let urlLabel = "__meta_url"

    /// The query of that URL may hold a token.
    fileprivate static func shown(_ labels: Labels) -> Labels {
        guard let url = labels[urlLabel] else { return labels }
        return labels.setting(urlLabel, URLRedaction.hidingCredentials(url))
    }

    /// What it is: labels and URL. Two targets with the same are one.
    public var identity: String { "\(pool) \(url) \(allLabels)" }

    /// The name of its axis in the store, the same after a restart.
    public var axisKey: String { "target:\(pool) \(url) \(labels)" }

    /// Where in its interval it is scraped: a stable hash spreads targets over the interval.
    public func offset(seed: UInt64) -> Milliseconds {
        var hash = FNV1a()
        hash.combine(allLabels.description)
        hash.combine(url)
        let size = UInt64(max(1, interval.value))
        return Milliseconds(Int64((hash.value ^ seed) % size))
    }
}

/// A target that relabelling dropped.
public struct DroppedTarget: Sendable, Hashable {
    /// The job of its scrape configuration.
    public var pool: String
    /// Its labels before relabelling.
    public var discoveredLabels: Labels
    /// `discoveredLabels` as they may be shown.
    public var shownLabels: Labels { Target.shown(discoveredLabels) }

    /// Which of these `relabel_configs` drops it, from 0; nil where no label is left.
    public func droppingRule(in rules: [RelabelRule]) -> Int? {
        var labels = discoveredLabels
        for (index, rule) in rules.enumerated() {
            guard let relabelled = Relabel.apply([rule], to: labels) else { return index }
            labels = relabelled
        }
        return nil
    }

    /// Why it is dropped, in words.
    public static func reason(droppingRule: Int?) -> String {
        droppingRule.map { "relabel_configs[\($0)] drops it" } ?? "no label is left"
    }
}

extension [URLParameter] {
    /// `a=1&b=2`, sorted by name.
    var query: String {
        sorted { $0.name.byteOrder($1.name) < 0 }
            .flatMap { parameter in
                parameter.values.map {
                    PercentEncoding.formValue(parameter.name) + "="
                        + PercentEncoding.formValue($0)
                }
            }
            .joined(separator: "&")
    }
}
