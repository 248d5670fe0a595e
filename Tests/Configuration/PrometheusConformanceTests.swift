import Configuration
import Foundation
import TestSupport
import Testing

/// Prometheus's own test configurations, with promtool's verdicts.
@Suite(.enabled(if: SharedData.has("conformance/prometheus-config"), "\(SharedData.missing)"))
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
        let folder = SharedData.url("conformance/prometheus-config")?.path ?? ""
        for file in SharedData.files("conformance/prometheus-config", endingIn: ".yml") {
            let name = String(file.path.dropFirst(folder.count + 1))
            verdicts[name] = !name.hasSuffix(".bad.yml")
        }
        for line in (SharedData.text("conformance/prometheus-config/VERDICTS.txt") ?? "").split(
            separator: "\n")
        {
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
                path: SharedData.url("conformance/prometheus-config/\(name)")?.path ?? name,
                environment: ["TEST": "t"])
            let problems = result.errors.map(\.description).joined(separator: "\n")
            if (result.value != nil) != isGood { wrong.append("\(name): \(problems)") }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    /// Prometheus's reason for each refusal, without the parts that depend on its own types.
    static func reasons() -> [String: String] {
        var reasons: [String: String] = [:]
        var last = ""
        for line in (SharedData.text("conformance/prometheus-config/VERDICTS.txt") ?? "").split(
            separator: "\n")
        {
            let words = line.split(separator: " ")
            if words.count == 3, words[0] == "exit" {
                last = String(words[2])
            } else if let range = line.range(of: "FAILED: parsing YAML file ./\(last): ") {
                reasons[last] = String(line[range.upperBound...])
            }
        }
        return reasons.filter { !$0.value.hasPrefix("yaml: unmarshal errors") }
    }

    /// Refused for the same reason in other words: each problem apart and where it stands, without
    /// repeating the job's name; RE2's own message; no bytes that are not UTF-8.
    static let otherWords: Set<String> = [
        "labelname.bad.yml", "labelvalue.bad.yml", "regex.bad.yml", "tsdb_retention_size.bad.yml",
        "otlp_sanitize_ignore_resource_attributes.bad.yml",
        "otlp_sanitize_promote_resource_attributes.bad.yml",
        "scrape_config_files_fallback_scrape_protocol1.bad.yml",
        "scrape_config_files_scrape_protocols.bad.yml",
        "scrape_config_files_scrape_protocols2.bad.yml",
    ]

    @Test func refusalsGiveTheSameReason() {
        let reasons = Self.reasons()
        #expect(reasons.count == 100)
        var wrong: [String] = []
        for (name, reason) in reasons.sorted(by: { $0.key < $1.key }) {
            let problems = TocsinConfiguration.load(
                path: SharedData.url("conformance/prometheus-config/\(name)")?.path ?? name
            ).errors.map(\.message)
            if Self.otherWords.contains(name) {
                #expect(!problems.isEmpty, "\(name)")
            } else if !problems.contains(where: { $0.contains(reason) }) {
                wrong.append("\(name): \(reason) / \(problems)")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }
}
