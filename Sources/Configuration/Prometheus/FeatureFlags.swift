import Model

/// The names of Prometheus's `--enable-feature`, which `tocsin: enable_features:` and the flag of the
/// same name take. As there, an unknown name is a warning, never an error.
public enum FeatureFlags {
    /// Samples with delta temporality that come by OTLP are added up.
    public static let deltaToCumulative = "otlp-deltatocumulative"
    /// Samples with delta temporality that come by OTLP are stored as they are.
    public static let nativeDeltaIngestion = "otlp-native-delta-ingestion"

    /// Those that turn something on here.
    public static let effective = [
        "created-timestamp-zero-ingestion", "exemplar-storage", deltaToCumulative,
        nativeDeltaIngestion, "promql-binop-fill-modifiers",
        "promql-delayed-name-removal", "promql-duration-expr",
        "promql-experimental-functions", "promql-extended-range-selectors",
        "promql-per-step-stats", "st-storage", "type-and-unit-labels", "use-start-timestamps",
    ]

    /// Those of things that are always on.
    static let permanent = [
        "promql-at-modifier", "promql-negative-offset", "native-histograms",
        "ooo-native-histograms",
    ]

    /// Those of things that Tocsin does not have, or does in its own way.
    static let inert = [
        "auto-reload-config", "concurrent-rule-eval", "delayed-compaction", "extra-scrape-metrics",
        "memory-snapshot-on-shutdown", "metadata-wal-records", "old-ui",
        "use-uncached-io", "xor2-encoding",
    ]

    /// What is wrong with having all of them on, or nil.
    static func conflict(_ names: [String]) -> String? {
        guard names.contains(deltaToCumulative), names.contains(nativeDeltaIngestion) else {
            return nil
        }
        return "cannot enable \(deltaToCumulative) and \(nativeDeltaIngestion) features at the "
            + "same time"
    }

    /// The names in lists with commas between, as the flag takes them.
    public static func names(_ lists: [String]) -> [String] {
        lists.flatMap { list in
            list.utf8.split(separator: UInt8(ascii: ",")).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }

    /// What there is to say of a name, or nil.
    public static func remark(_ name: String) -> String? {
        if effective.contains(where: name.bytesEqual) { return nil }
        if permanent.contains(where: name.bytesEqual) {
            return "\(name.goQuoted) is always on and therefore changes nothing"
        }
        if inert.contains(where: name.bytesEqual) {
            return "\(name.goQuoted) changes nothing: Tocsin has no such feature"
        }
        return "unknown feature \(name.goQuoted)" + suggestion(name, effective)
    }

    /// The remarks on names that the command line gives.
    public static func problems(_ names: [String]) -> [Problem] {
        names.compactMap { name in
            remark(name).map {
                Problem(.warning, at: SourcePlace(file: "--enable-feature"), $0)
            }
        }
    }
}
