import Model

/// Writes the text format, version 0.0.4.
///
///     var writer = ExpositionWriter()
///     writer.family("tocsin_alerts", .gauge, help: "Alerts by state.")
///     writer.sample("tocsin_alerts", Labels(["state": "firing"]), 2)
public struct ExpositionWriter: Sendable {
    /// What it writes, as an HTTP header says it.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

    /// What has been written.
    public private(set) var bytes: [UInt8] = []

    /// Nothing written yet.
    public init() {}

    /// Begins a metric family; its samples follow.
    public mutating func family(_ name: String, _ type: MetricType, help: String) {
        let shown = name.isLegacyMetricName ? name : "\"" + escaped(name, quotes: true) + "\""
        bytes.append(contentsOf: "# HELP \(shown) \(escaped(help, quotes: false))\n".utf8)
        bytes.append(contentsOf: "# TYPE \(shown) \(type.rawValue)\n".utf8)
    }

    /// Writes a sample.
    public mutating func sample(_ name: String, _ labels: Labels = .empty, _ value: Double) {
        sample(name, labels.sorted, value)
    }

    mutating func sample(_ name: String, _ labels: [Label], _ value: Double) {
        var parts: [String] = []
        if name.isLegacyMetricName {
            bytes.append(contentsOf: name.utf8)
        } else {
            parts.append("\"" + escaped(name, quotes: true) + "\"")
        }
        for label in labels {
            let isPlain = label.name.isLegacyLabelName
            let shown = isPlain ? label.name : "\"" + escaped(label.name, quotes: true) + "\""
            parts.append("\(shown)=\"\(escaped(label.value, quotes: true))\"")
        }
        if !parts.isEmpty { bytes.append(contentsOf: "{\(parts.joined(separator: ","))}".utf8) }
        bytes.append(contentsOf: " \(GoFloat.general(value))\n".utf8)
    }

    /// Writes the samples of a histogram: cumulative buckets, sum, count.
    public mutating func histogram(
        _ name: String, _ labels: Labels, bounds: [Double], counts: [UInt64], sum: Double
    ) {
        var total: UInt64 = 0
        for (bound, count) in zip(bounds + [.infinity], counts) {
            total &+= count
            let le = Label("le", GoFloat.general(bound))
            sample(name + "_bucket", labels.sorted + [le], Double(total))
        }
        sample(name + "_sum", labels, sum)
        sample(name + "_count", labels, Double(total))
    }

    private func escaped(_ text: String, quotes: Bool) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case Byte.backslash: out.append(contentsOf: #"\\"#.utf8)
            case Byte.newline: out.append(contentsOf: #"\n"#.utf8)
            case Byte.quote where quotes: out.append(contentsOf: #"\""#.utf8)
            default: out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
