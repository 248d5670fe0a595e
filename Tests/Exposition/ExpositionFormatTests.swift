import Exposition
import Model
import Testing

@Suite struct ExpositionFormatTests {
    /// As Go's `mime.ParseMediaType` and Prometheus 3.12's `extractMediaType` have it.
    @Test(
        arguments: [
            ("text/plain", nil), ("Text/Plain ; version=0.0.4", nil), ("text/plain;", nil),
            (#"text/plain; charset="utf-8"; x=y"#, nil), ("text/plain; a=b; A=b", nil),
            (
                "",
                "non-compliant scrape target sending blank Content-Type and no "
                    + "fallback_scrape_protocol specified for target"
            ),
            (
                "text/html",
                #"received unsupported Content-Type "text/html" and no "#
                    + "fallback_scrape_protocol specified for target"
            ),
            (
                "text/plain; charset",
                #"cannot parse Content-Type "text/plain; charset" and no "#
                    + "fallback_scrape_protocol for target\nmime: invalid media parameter"
            ),
            (
                "text/plain; a=b; a=c",
                #"cannot parse Content-Type "text/plain; a=b; a=c" and no "#
                    + "fallback_scrape_protocol for target\nmime: duplicate parameter name"
            ),
            (
                "text/",
                #"cannot parse Content-Type "text/" and no "#
                    + "fallback_scrape_protocol for target\nmime: expected token after slash"
            ),
            (
                "text plain",
                #"cannot parse Content-Type "text plain" and no "#
                    + "fallback_scrape_protocol for target\nmime: expected slash after first token"
            ),
            (
                "text/plain, text/html",
                #"cannot parse Content-Type "text/plain, text/html" and no "#
                    + "fallback_scrape_protocol for target\n"
                    + "mime: unexpected content after media subtype"
            ),
            (
                "; q=1",
                #"cannot parse Content-Type "; q=1" and no "#
                    + "fallback_scrape_protocol for target\nmime: no media type"
            ),
        ] as [(String, String?)])
    func theContentTypeChoosesTheReader(contentType: String, refusal: String?) throws {
        var found: String?
        do {
            #expect(
                try ExpositionFormat.of(contentType: contentType, fallback: nil).mediaType
                    == "text/plain")
        } catch { found = "\(error)" }
        #expect(found == refusal)
        // With a fallback everything has a reader.
        let fallback = try ExpositionFormat.of(
            contentType: contentType, fallback: "PrometheusText0.0.4")
        #expect(fallback.mediaType == "text/plain")
    }

    @Test func openMetricsIsReadByItsOwnReader() throws {
        for contentType in [
            "application/openmetrics-text",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ] {
            let format = try ExpositionFormat.of(contentType: contentType, fallback: nil)
            #expect(format.reader is OpenMetricsReader)
        }
        let fallback = try ExpositionFormat.of(contentType: "", fallback: "OpenMetricsText0.0.1")
        #expect(fallback.reader is OpenMetricsReader)
    }

    @Test func theAcceptHeaderIsPrometheuss() {
        #expect(
            ExpositionFormat.accept(
                ["OpenMetricsText1.0.0", "PrometheusText0.0.4"], escaping: "allow-utf-8")
                == "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.4")
        #expect(
            ExpositionFormat.accept(
                ["PrometheusProto", "PrometheusText1.0.0"], escaping: "underscores")
                == "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                + "encoding=delimited;q=0.6,text/plain;version=1.0.0;escaping=underscores;q=0.5,"
                + "*/*;q=0.4")
    }
}
