import Exposition
import Foundation
import Model
import TestSupport
import Testing

/// The table of what the strict check refuses and a scrape takes.
@Suite("Strict check and scrape differ as documented") struct OpenMetricsTableTests {
    private struct CountingSink: SampleSink {
        var series = 0

        func admit(labelCount: Int) throws(ExpositionError) {}

        mutating func add(series labels: [Label]) throws(ExpositionError) -> Int? {
            series += 1
            return series - 1
        }

        mutating func take(_ samples: [ReadSample]) {}

        var histograms: HistogramPolicy { HistogramPolicy() }

        mutating func take(_ sample: ReadHistogram) throws(ExpositionError) {}

        mutating func describe(_ metric: String, _ statement: MetadataStatement) {}
    }

    /// Why a scrape refuses it, or nil.
    private func scrape(_ text: [UInt8]) -> ExpositionError? {
        var (lines, sink) = (LineTable(), CountingSink())
        do throws(ExpositionError) {
            try OpenMetricsReader().read(text, lines: &lines, into: &sink)
            return nil
        } catch {
            return error
        }
    }

    private func examples() throws -> [String] {
        let page = Program.repository.appendingPathComponent("docs/openmetrics.md")
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
            .drop { !$0.hasPrefix("| the check refuses") }.prefix { $0.hasPrefix("|") }.dropFirst(2)
        return try rows.map { row in
            let cells = row.split(separator: "|")
            try #require(cells.count == 3, "\(row)")
            return cells[1].trimmingCharacters(in: .whitespaces.union(["`"]))
                .replacing(#"\n"#, with: "\n")
                .replacing("…", with: String(repeating: "x", count: 130)) + "\n# EOF\n"
        }
    }

    @Test func everyRowHolds() throws {
        let examples = try examples()
        #expect(examples.count == 28 && Set(examples).count == 28)
        for example in examples {
            let text = Array(example.utf8)
            #expect(OpenMetricsCheck.problem(in: text) != nil, "\(example)")
            #expect(scrape(text) == nil, "\(example)")
        }
    }

    @Test(.enabled(if: SharedData.has("conformance/openmetrics"), "\(SharedData.missing)"))
    func whatAScrapeRefusesTheCheckRefuses() throws {
        let files = SharedData.files("conformance/openmetrics", endingIn: "/metrics")
        #expect(files.count == 211)
        var taken = 0
        for file in files {
            let text = Array(try Data(contentsOf: file))
            let isRefused = OpenMetricsCheck.problem(in: text) != nil
            if scrape(text) == nil {
                if isRefused { taken += 1 }
            } else {
                #expect(isRefused, "\(file.path)")
            }
        }
        #expect(taken > 50)
    }
}
