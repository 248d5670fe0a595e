import Model
import Rules
import Testing

/// Going on after a restart, at the level of the machine.
struct RestoreTests {
    let start = Timestamp(milliseconds: 1_767_603_600_000)

    func parameters(
        hold: Milliseconds, keep: Milliseconds = .zero
    ) -> AlertingState.Parameters {
        var parameters = AlertingState.Parameters(name: "A", key: "f;g;A")
        parameters.holdDuration = hold
        parameters.keepFiringFor = keep
        parameters.interval = .seconds(30)
        return parameters
    }

    let found = [
        AlertingState.Found(
            labels: Labels(["alertname": "A", "s": "x"]), annotations: .empty, value: 1)
    ]

    func at(_ step: Int) -> Timestamp { start + .seconds(Int64(step) * 30) }

    /// A rule that has been evaluated `steps` times with the condition holding.
    func running(_ parameters: AlertingState.Parameters, steps: Int) throws -> AlertingState {
        var state = AlertingState(parameters)
        for step in 0..<steps { _ = try state.evaluate(at: at(step), found) }
        return state
    }

    func restarted(
        _ state: AlertingState, lastEvaluation: Timestamp, now: Timestamp
    ) -> AlertingState {
        var next = AlertingState(state.parameters)
        next.restore(state.active, lastEvaluation: lastEvaluation, now: now)
        return next
    }

    /// When the restored alert fires, evaluated every half minute from `now` on.
    func firing(_ state: inout AlertingState, from now: Timestamp) throws -> Timestamp? {
        for step in 0..<400 {
            let t = now + .seconds(Int64(step) * 30)
            let kinds = try state.evaluate(at: t, found).transitions.map(\.kind)
            if kinds.contains(.firing) { return t }
            #expect(!kinds.contains(.pending) && !kinds.contains(.inactive))
        }
        return nil
    }

    @Test(arguments: [Milliseconds.minutes(2), .minutes(5), .minutes(30), .minutes(60)])
    func aQuickRestartChangesNothing(hold: Milliseconds) throws {
        let state = try running(parameters(hold: hold), steps: 3)
        var next = restarted(state, lastEvaluation: at(2), now: at(2) + .seconds(20))
        #expect(try firing(&next, from: at(3)) == start + hold)
    }

    @Test func missedTimeDoesNotCountTowardsAShortFor() throws {
        // Two of five minutes have passed; ten evaluations are missed.
        let state = try running(parameters(hold: .minutes(5)), steps: 5)
        var next = restarted(state, lastEvaluation: at(4), now: at(14))
        #expect(try firing(&next, from: at(15)) == at(20))
    }

    @Test func aLongForFiresNoEarlierThanTheGracePeriod() throws {
        // 28 of 30 minutes have passed.
        let state = try running(parameters(hold: .minutes(30)), steps: 57)
        var next = restarted(state, lastEvaluation: at(56), now: at(70))
        #expect(try firing(&next, from: at(70)) == at(70) + .minutes(10))
    }

    @Test func beyondTheToleranceAPendingAlertStartsOver() throws {
        let state = try running(parameters(hold: .minutes(5)), steps: 5)
        let later = at(4) + .minutes(61)
        var next = restarted(state, lastEvaluation: at(4), now: later)
        let step = try next.evaluate(at: later, found)
        #expect(step.transitions.map(\.kind) == [.pending])
        #expect(next.active.first?.activeAt == later)
    }

    @Test func firingStaysFiringHoweverLongTheOutage() throws {
        let state = try running(parameters(hold: .minutes(1)), steps: 5)
        let later = at(4) + .minutes(600)
        var next = restarted(state, lastEvaluation: at(4), now: later)
        let step = try next.evaluate(at: later, found)
        #expect(step.transitions.isEmpty)
        #expect(step.toSend.count == 1)
        #expect(next.active.first?.activeAt == start)
    }

    @Test func aRestoredAlertIsHeldUntilItsInputsAreRead() throws {
        let state = try running(parameters(hold: .minutes(1)), steps: 5)
        var next = restarted(state, lastEvaluation: at(4), now: at(10))
        let held = try next.evaluate(at: at(10), [], isHeld: { _ in true })
        #expect(held.transitions.isEmpty)
        #expect(next.active.count == 1)
        #expect(held.toSend.count == 1)
        let read = try next.evaluate(at: at(11), [], isHeld: { _ in false })
        #expect(read.transitions.map(\.kind) == [.resolved])
    }

    @Test func holdingEndsAfterAWhile() throws {
        let state = try running(parameters(hold: .minutes(1)), steps: 5)
        var next = restarted(state, lastEvaluation: at(4), now: at(10))
        for step in 10..<30 {
            #expect(
                try next.evaluate(at: at(step), [], isHeld: { _ in true }).transitions.isEmpty)
        }
        let last = try next.evaluate(at: at(30), [], isHeld: { _ in true })
        #expect(last.transitions.map(\.kind) == [.resolved])
    }

    @Test func onceConfirmedAnAlertIsNotHeldAgain() throws {
        let state = try running(parameters(hold: .minutes(1)), steps: 5)
        var next = restarted(state, lastEvaluation: at(4), now: at(5))
        _ = try next.evaluate(at: at(5), found)
        let gone = try next.evaluate(at: at(6), [], isHeld: { _ in true })
        #expect(gone.transitions.map(\.kind) == [.resolved])
    }

    @Test func aHeldPendingAlertGoesOnFromWhereItWas() throws {
        let state = try running(parameters(hold: .minutes(2)), steps: 3)
        var next = restarted(state, lastEvaluation: at(2), now: at(3))
        for step in 3..<6 { _ = try next.evaluate(at: at(step), [], isHeld: { _ in true }) }
        // One minute had passed, one is left.
        #expect(try firing(&next, from: at(6)) == at(7))
    }

    @Test func keepFiringForSurvives() throws {
        var state = try running(
            parameters(hold: .zero, keep: .minutes(2)), steps: 2)
        _ = try state.evaluate(at: at(2), [])
        var next = restarted(state, lastEvaluation: at(2), now: at(3))
        for step in 3..<6 {
            #expect(try next.evaluate(at: at(step), []).transitions.isEmpty)
        }
        #expect(try next.evaluate(at: at(6), []).transitions.map(\.kind) == [.resolved])
    }
}
