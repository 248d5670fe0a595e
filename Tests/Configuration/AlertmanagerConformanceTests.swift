import Configuration
import Foundation
import TestSupport
import Testing

/// Alertmanager's own test configurations, with amtool's verdicts and reasons.
@Suite(.enabled(if: SharedData.has("conformance/alertmanager-config"), "\(SharedData.missing)"))
struct AlertmanagerConformanceTests {
    struct Verdict {
        var isGood: Bool
        var reason = ""
    }

    static func verdicts() -> [String: Verdict] {
        var verdicts: [String: Verdict] = [:]
        var last = ""
        for line in (SharedData.text("conformance/alertmanager-config/VERDICTS.txt") ?? "").split(
            separator: "\n")
        {
            if line.hasPrefix("good ") || line.hasPrefix("bad ") {
                last = String(line.split(separator: " ")[1])
                verdicts[last] = Verdict(isGood: line.hasPrefix("good "))
            } else if let range = line.range(of: "FAILED: ") {
                verdicts[last]?.reason = String(line[range.upperBound...])
            }
        }
        return verdicts
    }

    @Test func everyFileGetsItsVerdict() {
        let verdicts = Self.verdicts()
        #expect(verdicts.count == 50)
        for (name, verdict) in verdicts.sorted(by: { $0.key < $1.key }) {
            let result = NotifierConfiguration.load(
                path: SharedData.url("conformance/alertmanager-config/\(name)")?.path ?? name)
            let problems = result.errors.map(\.description).joined(separator: "\n")
            #expect((result.value != nil) == verdict.isGood, "\(name): \(problems)")
            if !verdict.isGood, !verdict.reason.hasPrefix("yaml:") {
                #expect(problems.contains(verdict.reason), "\(name): \(problems)")
            }
        }
    }
}
