import Exposition
import Foundation
import TestSupport
import Testing

@Suite("Lint of expositions") struct MetricsLintTests {
    private func findings(
        _ text: String, _ contentType: String = "text/plain"
    ) throws -> [String] {
        try MetricsLint.findings(
            in: Array(text.utf8),
            format: ExpositionFormat.of(contentType: contentType, fallback: nil)
        ).map(\.description)
    }

    @Test(arguments: [
        ("# HELP a_total x\n# TYPE a_total counter\na_total 1\n", []),
        ("# HELP a \n# TYPE a gauge\na 1\n", ["a no help text"]),
        ("# HELP a x\n# TYPE a gauge\n", []),
        ("", []),
        (
            "# HELP x_kilobytes x\n# TYPE x_kilobytes gauge\nx_kilobytes 1\n",
            [#"x_kilobytes use base unit "bytes" instead of "kilobytes""#]
        ),
        (
            "# HELP a x\n# TYPE a counter\na 1\n",
            [#"a counter metrics should have "_total" suffix"#]
        ),
        (
            "# HELP a_sum x\n# TYPE a_sum gauge\na_sum 1\n",
            [#"a_sum non-histogram and non-summary metrics should not have "_sum" suffix"#]
        ),
        (
            "# HELP a:gauge_b x\n# TYPE a:gauge_b gauge\na:gauge_b{le=\"1\",quantile=\"1\"} 1\n",
            [
                "a:gauge_b metric names should not contain ':'",
                "a:gauge_b metric names should not contain abbreviated units",
                #"a:gauge_b non-histogram metrics should not have "le" label"#,
                #"a:gauge_b non-summary metrics should not have "quantile" label"#,
            ]
        ),
        (
            "# HELP a_histogram x\n# TYPE a_histogram histogram\n"
                + "a_histogram_bucket{le=\"1\",q=\"1\"} 1\na_histogram_bucket{le=\"+Inf\",q=\"1\"} 1\n"
                + "a_histogram_sum{q=\"1\"} 1\na_histogram_count{q=\"1\"} 1\n",
            ["a_histogram metric name should not include type 'histogram'"]
        ),
        (
            "# HELP a x\n# TYPE a gauge\na{b=\"c\"} 1\na{b=\"c\",} 2\na{b=\"c\"} 3\n",
            ["a metric not unique", "a metric not unique"]
        ),
        (
            "# HELP aB x\n# TYPE aB gauge\naB{cD=\"c\"} 1\n",
            [
                "aB label names should be written in 'snake_case' not 'camelCase'",
                "aB metric names should be written in 'snake_case' not 'camelCase'",
            ]
        ),
        (
            "a_count 1\n# HELP a x\n# TYPE a summary\na_sum 1\na{quantile=\"0.5\"} 1\n",
            ["a_count no help text"]
        ),
    ])
    func eachRuleHasPromtoolsWords(text: String, expected: [String]) throws {
        #expect(try findings(text) == expected)
    }

    @Test(arguments: [
        (
            "a 1\n# TYPE a gauge\n",
            #"second TYPE line for metric name "a", or TYPE reported after samples (line 2)"#
        ),
        ("# HELP a x\n# HELP a y\na 1\n", #"second HELP line for metric name "a" (line 2)"#),
        ("a 1\nb 2", "unexpected end of input stream (line 2)"),
        ("a{x=\"1\",x=\"2\"} 1\n", #"label name "x" is not unique: invalid sample (line 1)"#),
    ])
    func whatPromtoolRefusesIsRefused(text: String, expected: String) {
        let error = #expect(throws: ExpositionError.self) { try findings(text) }
        #expect(error?.description == expected)
    }

    /// A counter is called `x` there and `x_total` in the text format.
    @Test func openMetricsIsHeldToTheSameRules() throws {
        let text = """
            # HELP jobs Done.
            # TYPE jobs counter
            jobs_total 1
            jobs_created 1
            # TYPE version info
            version_info{v="1"} 1
            # EOF

            """
        #expect(
            try findings(text, "application/openmetrics-text") == ["version_info no help text"])
    }

    @Test(.enabled(if: SharedData.has("fixtures/expositions"), "\(SharedData.missing)"))
    func allFormatsOfAnExporterSayTheSame() throws {
        for name in ["alertmanager", "node-exporter", "prometheus"] {
            func findings(_ ending: String, _ contentType: String) throws -> [String] {
                let file = try #require(
                    SharedData.files("fixtures/expositions", endingIn: "\(name).\(ending)").first)
                return try MetricsLint.findings(
                    in: Array(try Data(contentsOf: file)),
                    format: ExpositionFormat.of(contentType: contentType, fallback: nil)
                ).map(\.description)
            }
            let text = try findings("txt", "text/plain")
            #expect(try findings("pb", "application/vnd.google.protobuf") == text, "\(name)")
            #expect(text.isEmpty == (name == "alertmanager"))
        }
    }
}
