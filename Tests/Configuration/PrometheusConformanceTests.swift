import Configuration
import Foundation
import Testing

/// Prometheus's own test configurations, with promtool's verdicts.
@Suite(.enabled(if: SharedData.root != nil, SharedData.isMissing))
struct PrometheusConformanceTests {
    /// Where we differ from promtool's exit code on purpose.
    static let differing: [String: String] = [
        "scrape_config_files_double_import.bad.yml": "promtool does not open scrape_config_files",
        "scrape_config_files_duplicate.bad.yml": "promtool does not open scrape_config_files",
        "scrape_config_files_global.bad.yml": "promtool does not open scrape_config_files",
        "scrape_config_files_global_duplicate.bad.yml":
            "promtool does not open scrape_config_files",
        "tsdb_chunk_encoding_floats_xor.good.yml": "a key that is younger than that promtool",
        "tsdb_chunk_encoding_floats_xor2.good.yml": "a key that is younger than that promtool",
    ]

    /// File name to whether it is good: promtool's verdict, or where it has none the name's.
    static func verdicts() -> [String: Bool] {
        var verdicts: [String: Bool] = [:]
        for name in SharedData.files("prometheus-config", endingIn: [".yml"]) {
            verdicts[name] = !name.hasSuffix(".bad.yml")
        }
        for line in SharedData.text("prometheus-config/VERDICTS.txt").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 3, words[0] == "exit" {
                verdicts[String(words[2])] = words[1] == "0"
            }
        }
        for name in differing.keys { verdicts[name]?.toggle() }
        return verdicts
    }

    @Test func everyFileGetsItsVerdict() {
        let verdicts = Self.verdicts()
        #expect(verdicts.count == 217)
        var wrong: [String] = []
        for (name, isGood) in verdicts.sorted(by: { $0.key < $1.key }) {
            let result = TocsinConfiguration.load(
                path: SharedData.path("prometheus-config/\(name)"), environment: ["TEST": "t"])
            let problems = result.errors.map(\.description).joined(separator: "\n")
            if (result.value != nil) != isGood { wrong.append("\(name): \(problems)") }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }
}
