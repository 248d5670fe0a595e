import Exposition
import Foundation
import TestSupport
import Testing

@Suite("Strict OpenMetrics 1.0") struct OpenMetricsCheckTests {
    static let folder = "conformance/openmetrics"

    private struct Case: Decodable {
        let file: String
        let shouldParse: Bool
    }

    @Test(.enabled(if: SharedData.has(folder), "\(SharedData.missing)"))
    func everyConformanceCaseHasItsVerdict() throws {
        let files = SharedData.files(Self.folder, endingIn: "test.json")
        #expect(files.count == 211)
        for file in files {
            let one = try JSONDecoder().decode(Case.self, from: Data(contentsOf: file))
            let folder = file.deletingLastPathComponent()
            let text = try Data(contentsOf: folder.appendingPathComponent(one.file))
            let problem = OpenMetricsCheck.problem(in: Array(text))
            #expect(
                (problem == nil) == one.shouldParse,
                "\(folder.lastPathComponent): \(problem?.description ?? "no problem")")
        }
    }

    /// The first violation, with its line.
    @Test(
        arguments: [
            (
                "# TYPE a gauge\na 1\n# HELP a x\n# EOF\n",
                #"metadata of "a" comes after its samples: move it before them (line 3)"#
            ),
            (
                "# TYPE a counter\na_total -1\n# EOF\n",
                #""a_total" is -1: what counts is a number from 0 (line 2)"#
            ),
            (
                "# TYPE a histogram\na_bucket{le=\"1\"} 1\n# EOF\n",
                #""a_bucket": the bucket "+Inf" is missing (line 3)"#
            ),
            ("a 1\n", "data does not end with # EOF (line 2)"),
        ])
    func aProblemSaysWhereAndWhat(text: String, expected: String) {
        #expect(OpenMetricsCheck.problem(in: Array(text.utf8))?.description == expected)
    }

    @Test func anyChangeOfTextIsGoodOrRefused() {
        let whole = Array(
            """
            # TYPE a_s histogram
            # UNIT a_s s
            a_s_bucket{b="c",le="-1"} 1 12 # {a="b"} 1 2
            a_s_bucket{b="c",le="+Inf"} 1 12
            # TYPE s summary
            s{quantile="0.5"} 1
            # EOF

            """.utf8)
        #expect(OpenMetricsCheck.problem(in: whole) == nil)
        // The last line break may be missing.
        for index in whole.indices.dropLast() {
            for byte: UInt8 in [0, 0x0a, 0x20, 0x22, 0x2d, 0x39, 0x7b, 0x7d, 0xff] {
                var changed = whole
                changed[index] = byte
                _ = OpenMetricsCheck.problem(in: changed)
                changed.removeSubrange(index...)
                #expect(OpenMetricsCheck.problem(in: changed) != nil)
            }
        }
    }
}
