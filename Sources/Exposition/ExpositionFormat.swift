import Model

/// A format of expositions: its names, and what reads it.
public struct ExpositionFormat: Sendable {
    /// The names under which `scrape_protocols` asks for it, what each adds to the Accept header, and
    /// whether names are escaped in it as the request wants.
    public let protocols: [(name: String, accept: String, escapesNames: Bool)]
    /// The media type of an answer in it.
    public let mediaType: String
    /// What reads it.
    public let reader: any ExpositionReader
    /// Whether `_created` lines say since when the series of their metric count.
    public var hasCreatedLines = false

    /// What is read. A format is a row here.
    public static let all: [ExpositionFormat] = [
        ExpositionFormat(
            protocols: [
                ("OpenMetricsText1.0.0", "application/openmetrics-text;version=1.0.0", true),
                ("OpenMetricsText0.0.1", "application/openmetrics-text;version=0.0.1", false),
            ], mediaType: "application/openmetrics-text", reader: OpenMetricsReader(),
            hasCreatedLines: true),
        ExpositionFormat(
            protocols: [
                ("PrometheusText1.0.0", "text/plain;version=1.0.0", true),
                ("PrometheusText0.0.4", "text/plain;version=0.0.4", false),
            ], mediaType: "text/plain", reader: TextReader()),
        ExpositionFormat(
            protocols: [
                (
                    "PrometheusProto",
                    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                        + "encoding=delimited", false
                )
            ], mediaType: "application/vnd.google.protobuf", reader: ProtobufReader()),
    ]

    /// The Accept header that asks for these protocols in this order, and for anything at last, with
    /// names escaped by `escaping` where the format can do that. The weights are Prometheus's.
    public static func accept(_ protocols: [String], escaping: String) -> String {
        let known = all.flatMap(\.protocols)
        var values = protocols.compactMap { name in
            known.first { $0.name == name }.map {
                $0.accept + ($0.escapesNames ? ";escaping=" + escaping : "")
            }
        }
        values.append("*/*")
        return values.enumerated().map { index, value in
            "\(value);q=0.\(known.count + 1 - index)"
        }.joined(separator: ",")
    }

    /// The format of an answer with that Content-Type; `fallback` is the protocol that
    /// `fallback_scrape_protocol` names. Throws why there is none, in Prometheus's words.
    public static func of(
        contentType: String, fallback: String?
    ) throws(ExpositionError) -> ExpositionFormat {
        let refusal: String
        if contentType.isEmpty {
            refusal =
                "non-compliant scrape target sending blank Content-Type and no "
                + "fallback_scrape_protocol specified for target"
        } else {
            do throws(MediaType.ParseError) {
                let mediaType = try MediaType.parse(contentType)
                if let format = all.first(where: { $0.mediaType == mediaType }) { return format }
                refusal =
                    "received unsupported Content-Type \(contentType.goQuoted) and no "
                    + "fallback_scrape_protocol specified for target"
            } catch {
                refusal =
                    "cannot parse Content-Type \(contentType.goQuoted) and no "
                    + "fallback_scrape_protocol for target\n\(error.message)"
            }
        }
        let named = all.first { format in format.protocols.contains { $0.name == fallback } }
        guard let named else { throw ExpositionError(refusal) }
        return named
    }
}
