import Foundation
import Model
import PromQL
import TestSupport
import Testing

/// The engine against Debian's Prometheus over the same samples: random expressions, instant and
/// range. What differs has to be what the two versions mean to differ in (`Departure`), to the digit.
/// `TOCSIN_DIFFERENTIAL_CASES` says how many evaluations there are, `TOCSIN_DIFFERENTIAL_SEED` where
/// they begin.
@Suite struct DifferentialTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let cases =
        environment["TOCSIN_DIFFERENTIAL_CASES"].flatMap { Int($0) } ?? 2_000
    private static let seed =
        environment["TOCSIN_DIFFERENTIAL_SEED"].flatMap { UInt64($0) } ?? 1

    @Test(
        .enabled(if: Prometheus.path != nil, "Prometheus is not installed here"),
        .enabled(if: Recording.folder("lynex-a") != nil, "\(SharedData.missing)"))
    func debiansPrometheusAgrees() async throws {
        let prometheus = try await Prometheus(try #require(Prometheus.path))
        guard prometheus.version.hasPrefix("2.42.") else {
            // Another version has other differences; what agrees with it is another run's business.
            print(
                "differential: Prometheus \(prometheus.version) is not the 2.42 that is known here")
            return
        }
        let data = DifferentialData(
            try Recording.writes(try #require(Recording.folder("lynex-a"))))
        try prometheus.write(data.history)
        var comparison = Comparison(data: data, prometheus: prometheus)
        var dice = Dice(Self.seed)
        var generators = data.vocabularies.map { ExpressionGenerator($0, seed: dice.next()) }
        while comparison.compared < Self.cases && comparison.failures < 25 {
            // Half of them over the recording.
            let which = dice.chance(50) ? 0 : dice.below(generators.count)
            let query = generators[which].expression()
            try comparison.instant(query, &dice)
            try comparison.range(query, &dice)
        }
        comparison.report()
        #expect(comparison.compared >= Self.cases)
        #expect(comparison.withSamples * 2 > comparison.compared)
        #expect(comparison.undetermined * 100 <= comparison.compared)
    }
}
