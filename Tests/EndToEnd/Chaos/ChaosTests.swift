import Foundation
import TestSupport
import Testing

/// Incidents go on while the daemon is killed, its receivers misbehave and its disk fills up; what
/// arrived is held against what was owed.
///
/// `make chaos` sets `TOCSIN_CHAOS_RUNS` and `TOCSIN_CHAOS_KILLS` (of each run), and `TOCSIN_CHAOS_SEED`.
@Suite("Chaos", .serialized)
struct ChaosTests {
    private static func setting(_ name: String, _ other: Int) -> Int {
        ProcessInfo.processInfo.environment["TOCSIN_CHAOS_" + name].flatMap { Int($0) } ?? other
    }

    @Test("nothing owed is lost, nothing acknowledged comes again, no end is overtaken")
    func chaos() async throws {
        let runs = ChaosTests.setting("RUNS", 1)
        let kills = ChaosTests.setting("KILLS", 15)
        let seed = ChaosTests.setting("SEED", 1)
        for run in 0..<runs {
            // Each second run has a disk of its own, if this user can have one.
            let outcome = try await ChaosRun(
                kills: kills, seed: UInt64(truncatingIfNeeded: seed &+ run),
                fillsDisk: run % 2 == 0
            ).run()
            let verdict = outcome.verdict
            print(
                "chaos \(seed &+ run): \(verdict.summary), silences \(outcome.silences), "
                    + "full disks \(outcome.fullDisks)")
            for violation in verdict.violations.prefix(50) { Issue.record("\(violation)") }
            #expect(verdict.violations.isEmpty)
            // A run in which nothing happened would prove nothing.
            #expect(verdict.kills + verdict.stops == kills + 1)
            #expect(verdict.kills > kills / 2)
            #expect(verdict.incidents > kills)
            #expect(verdict.acknowledged > kills)
        }
    }
}

/// The judge sees each kind of broken promise.
@Suite("The judge of chaos")
struct ChaosVerdictTests {
    private let key = ChaosKey(receiver: "r", group: "g")

    private func said(_ incident: Int, _ isFiring: Bool) -> Set<ToldAlert> {
        [
            ToldAlert(
                subject: "A 0", incident: incident, isFiring: isFiring, startsAt: "\(incident)",
                fingerprint: 7)
        ]
    }

    private func post(_ id: Int, run: Int = 0, _ incident: Int, _ isFiring: Bool) -> ChaosEvent {
        .arrived(ChaosPost(id: id, key: key, run: run, alerts: said(incident, isFiring)))
    }

    private func ended(
        _ run: Int, inFlight: Bool? = nil, firing: Set<UInt64> = [], resolved: Set<UInt64> = []
    ) -> ChaosEvent {
        var snapshot = ChaosSnapshot()
        if let inFlight {
            snapshot.owed[key] = ChaosSnapshot.Slot(inFlight: inFlight, mayHaveArrived: false)
        }
        if !firing.isEmpty || !resolved.isEmpty {
            snapshot.acknowledged[key] = ChaosSnapshot.Entry(firing: firing, resolved: resolved)
        }
        return .ended(run: run, wasKilled: true, snapshot)
    }

    private let broke = ChaosEvent.broke(subject: "A 0", incident: 1, isOwed: true)
    private let healed = ChaosEvent.healed(subject: "A 0", incident: 1)

    private func judge(_ events: [ChaosEvent], silenced: Set<String> = []) -> ChaosVerdict {
        ChaosVerdict(events, receivers: ["r"], silenced: silenced)
    }

    @Test("an incident that was told and ended is in order")
    func sound() {
        let verdict = judge([
            broke, post(0, 1, true), .answered(0), ended(0, firing: [7]), healed,
            post(1, run: 1, 1, false), .answered(1), ended(1, resolved: [7]),
        ])
        #expect(verdict.violations == [])
        #expect(verdict.kills == 2)
        #expect(verdict.incidents == 1)
        #expect(verdict.acknowledged == 2)
    }

    @Test(
        "a repetition is in order only where the run ended before the acknowledgement was written")
    func repetition() {
        let before = [broke, post(0, 1, true), .answered(0)]
        let after = [post(1, run: 1, 1, true), .answered(1), ended(1, firing: [7])]
        let inFlight = judge(before + [ended(0, inFlight: true)] + after)
        #expect(inFlight.repeatedInFlight == 1)
        #expect(inFlight.violations == [])
        let committed = judge(before + [ended(0, firing: [7])] + after)
        #expect(committed.repeatedAfterCommit == 1)
        #expect(committed.violations.count == 1)
        let alive = judge(before + [post(1, 1, true), .answered(1), ended(0, inFlight: true)])
        #expect(alive.repeatedAfterCommit == 1)
        // Nobody had acknowledged it.
        let refused = judge([broke, post(0, 1, true), ended(0)] + after)
        #expect(refused.violations == [])
        #expect(refused.repeatedInFlight == 0)
    }

    @Test("an incident that was not told, or not ended, is lost")
    func losses() {
        #expect(judge([broke, post(0, 1, true)]).lost == 1)
        #expect(judge([broke, post(0, 1, true), .answered(0), healed]).lost == 2)
        let flapped = ChaosEvent.broke(subject: "A 0", incident: 1, isOwed: false)
        #expect(judge([flapped]).lost == 0)
        #expect(judge([flapped, post(0, 1, true), .answered(0), healed]).lost == 1)
    }

    @Test("firing behind resolved, and an end that was none")
    func order() {
        let start = [broke, post(0, 1, true), .answered(0)]
        let end = [post(1, 1, false), .answered(1)]
        let overtaken = judge(start + [healed] + end + [post(2, 1, true)])
        #expect(overtaken.firingAfterResolved == 1)
        #expect(overtaken.violations.count == 1)
        let early = judge(start + end + [healed])
        #expect(early.falseEnds == 1)
        #expect(early.violations.count == 1)
    }

    @Test("what is silenced, and what the database believes or does not know")
    func beliefs() {
        let told = [broke, post(0, 1, true), .answered(0)]
        #expect(judge(told, silenced: ["A 0"]).violations.count == 1)
        #expect(judge(told + [ended(0)]).violations.count == 1)
        #expect(judge(told + [ended(0, firing: [8])]).violations.count == 1)
        #expect(judge([broke, post(0, 1, true), ended(0, firing: [7])]).lost == 1)
        #expect(judge([broke, post(0, 1, true), ended(0, firing: [7])]).violations.count == 2)
    }
}
