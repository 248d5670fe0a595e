import Configuration
import Model
import Scrape
import Store
import Testing

/// A request in OTLP's JSON, and what becomes of it.
struct OTLPRequest {
    /// The time of data points that `point` makes, in seconds.
    static let seconds: Int64 = 1_700_000_000
    static let time = "\"timeUnixNano\":\"\(seconds)000000000\""

    var settings = OTLPSettings()
    /// The resource's attributes, in JSON without the brackets.
    var resource = ""
    var scope = "{}"
    var schemaURL = ""

    init(_ change: (inout OTLPRequest) -> Void = { _ in }) { change(&self) }

    /// Attributes with text values.
    static func attributes(_ pairs: KeyValuePairs<String, String>) -> String {
        pairs.map { #"{"key":"\#($0.key)","value":{"stringValue":"\#($0.value)"}}"# }
            .joined(separator: ",")
    }

    /// A data point: the time, and what else is in it.
    static func point(_ rest: String) -> String { "{\(time),\(rest)}" }

    static func gauge(_ name: String, unit: String = "", _ points: String...) -> String {
        metric(name, unit, #""gauge":{"dataPoints":[\#(points.joined(separator: ","))]}"#)
    }

    /// `temporality` is 1 for delta and 2 for cumulative.
    static func sum(
        _ name: String, unit: String = "", temporality: Int = 2, isMonotonic: Bool = true,
        _ points: String...
    ) -> String {
        metric(
            name, unit,
            #""sum":{"aggregationTemporality":\#(temporality),"isMonotonic":\#(isMonotonic),"#
                + #""dataPoints":[\#(points.joined(separator: ","))]}"#)
    }

    static func histogram(
        _ name: String, kind: String = "histogram", temporality: Int = 2, _ points: String...
    ) -> String {
        metric(
            name, "",
            #""\#(kind)":{"aggregationTemporality":\#(temporality),"#
                + #""dataPoints":[\#(points.joined(separator: ","))]}"#)
    }

    static func metric(_ name: String, _ unit: String, _ data: String) -> String {
        #"{"name":"\#(name)","unit":"\#(unit)","description":"Help.",\#(data)}"#
    }

    func json(_ metrics: String...) -> [UInt8] {
        let resource = #"{"attributes":[\#(resource)]}"#
        let scope =
            #"{"scope":\#(scope),"schemaUrl":"\#(schemaURL)","metrics":[\#(metrics.joined(separator: ","))]}"#
        return Array(
            #"{"resourceMetrics":[{"resource":\#(resource),"scopeMetrics":[\#(scope)]}]}"#.utf8)
    }

    /// What becomes of metrics.
    func outcome(_ metrics: String...) throws -> OTLPOutcome {
        var sums = OTLPDeltaSums()
        return try outcome(metrics, &sums)
    }

    func outcome(
        _ metrics: [String], _ sums: inout OTLPDeltaSums, at seconds: Int64 = OTLPRequest.seconds
    ) throws -> OTLPOutcome {
        let body = try OTLPBody(
            json(metrics.joined(separator: ",")), contentType: "application/json")
        return OTLPTranslator(settings).translate(
            body, sums: &sums, at: Timestamp(milliseconds: seconds * 1000))
    }
}

extension OTLPOutcome {
    /// The samples as text: labels and value.
    var lines: [String] {
        batch.samples.map { sample in
            let value = sample.histogram.map(\.description) ?? GoFloat.fixed(sample.value)
            let labels = batch.series[sample.series].description
            return labels + " " + (SampleValue.isStale(sample.value) ? "stale" : value)
        }
    }

    /// The same without `target_info`.
    var dataLines: [String] { lines.filter { !$0.contains("target_info") } }
}
