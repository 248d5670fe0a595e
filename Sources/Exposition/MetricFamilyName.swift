import Model

/// Which metric a series belongs to: `http_requests_total` to `http_requests`, `latency_bucket` to
/// `latency`.
public enum MetricFamilyName {
    private static let suffixes: [(text: String, types: [MetricType])] = [
        ("_created", [.counter, .histogram, .summary]), ("_total", [.counter]),
        ("_bucket", [.histogram, .gaugehistogram]),
        ("_sum", [.histogram, .gaugehistogram, .summary]),
        ("_count", [.histogram, .gaugehistogram, .summary]), ("_gsum", [.gaugehistogram]),
        ("_gcount", [.gaugehistogram]), ("_info", [.info]),
    ]

    /// The metric of a series of that name, which is of that type: a histogram's or a summary's series
    /// have suffixes, those of others are part of the name.
    public static func of(_ series: String, type: MetricType) -> String {
        guard [.histogram, .gaugehistogram, .summary].contains(type),
            let suffix = suffixes.first(where: {
                series.hasSuffix($0.text) && $0.types.contains(type)
            })
        else { return series }
        return String(series.dropLast(suffix.text.count))
    }

    /// Those of the text format, in which a counter and its series have the same name.
    public static let suffixesOfText = suffixes.filter {
        ["_bucket", "_count", "_sum"].contains($0.text)
    }

    /// The metric of a series of that name, and the suffix that the series has: the one among
    /// `metadata` whose type has such series, or else the one with the series' own name. Nil where
    /// neither is known.
    public static func of(
        _ series: String, in metadata: [String: MetricMetadata]
    ) -> (name: String, suffix: String, metadata: MetricMetadata)? {
        for (suffix, types) in suffixes where series.hasSuffix(suffix) {
            let name = String(series.dropLast(suffix.count))
            if let found = metadata[name], types.contains(found.type) {
                return (name, suffix, found)
            }
        }
        return metadata[series].map { (series, "", $0) }
    }
}
