import Foundation
import Model
import PromQL
import Store
import Testing

/// The engine against a naive interpreter: random expressions over random series. A failure names its
/// seed; `TOCSIN_ORACLE_SEED` runs that world alone and prints its series, `TOCSIN_ORACLE_CASES` says
/// how many evaluations there are.
@Suite struct OracleTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let cases = environment["TOCSIN_ORACLE_CASES"].flatMap { Int($0) } ?? 3_000
    private static let seed = environment["TOCSIN_ORACLE_SEED"].flatMap { UInt64($0) }
    private static let perWorld = 150

    @Test func instantAndRangeQueries() {
        var tally = OracleTally()
        let worlds = Self.seed.map { [$0] } ?? Self.seeds(Self.cases)
        for seed in worlds {
            let world = OracleWorld(seed: seed)
            if Self.seed != nil { print(world.history.text) }
            var dice = Dice(seed &+ 77)
            for query in world.expressions(Self.perWorld / 2, seed: seed) {
                world.compareInstant(query, at: world.moment(&dice), &tally)
                world.compareRange(query, &dice, &tally)
            }
            if tally.failures >= 20 { break }
        }
        tally.report()
        #expect(tally.compared >= (Self.seed == nil ? Self.cases : 1))
        #expect(tally.withSamples * 2 > tally.compared, "most answers should have samples")
        #expect(tally.undetermined * 100 < tally.compared)
    }

    /// What is bound once and stepped while series come and go answers as what is bound afresh.
    @Test func preparedQueriesStepAsFreshOnes() {
        var tally = OracleTally()
        for seed in Self.seed.map({ [$0] }) ?? Self.seeds(Self.cases) {
            OracleWorld.compareStepping(seed: seed, queries: 25, steps: 6, &tally)
            if tally.failures >= 20 { break }
        }
        tally.report()
        #expect(tally.compared >= (Self.seed == nil ? Self.cases : 1))
        #expect(tally.withSamples * 2 > tally.compared, "most answers should have samples")
        #expect(tally.undetermined * 100 < tally.compared)
    }

    /// Queries that share what they have in common answer as those that do not, whatever is written
    /// between them; and they do share.
    @Test func queriesOfOnePlanStepAsTheirOwn() throws {
        var tally = OracleTally()
        var reuses = 0
        for seed in Self.seed.map({ [$0] }) ?? Self.seeds(Self.cases) {
            reuses += try OracleWorld.compareSharing(seed: seed, queries: 25, steps: 6, &tally)
            if tally.failures >= 20 { break }
        }
        tally.report()
        #expect(tally.compared >= (Self.seed == nil ? Self.cases : 1))
        #expect(tally.withSamples * 3 > tally.compared, "many answers should have samples")
        #expect(reuses * 2 > tally.compared, "every other query should find something there")
    }

    private static func seeds(_ cases: Int) -> [UInt64] {
        (0..<(cases + perWorld - 1) / perWorld).map { UInt64($0) &+ 1 }
    }
}

/// How a comparison went.
struct OracleTally {
    var compared = 0
    var withSamples = 0
    var errors = 0
    /// Differences that the oracle has with itself where series come in another order.
    var undetermined = 0
    var failures = 0

    mutating func fail(_ text: String) {
        failures += 1
        Issue.record("\(text)")
    }

    func report() {
        print(
            "oracle: \(compared) evaluations, \(withSamples) with samples, \(errors) errors, "
                + "\(undetermined) that depend on the order of series")
    }
}
