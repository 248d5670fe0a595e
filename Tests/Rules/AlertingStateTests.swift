import Model
import Rules
import Testing

/// The machine alone: results in, transitions out, every half minute.
struct AlertingStateTests {
    let start = Timestamp(milliseconds: 1_767_603_600_000)

    func parameters(
        hold: Int64 = 0, keep: Int64 = 0, limit: Int = 0
    ) -> AlertingState.Parameters {
        var parameters = AlertingState.Parameters(name: "A", key: "f;g;A")
        parameters.holdDuration = .seconds(hold)
        parameters.keepFiringFor = .seconds(keep)
        parameters.limit = limit
        parameters.interval = .seconds(30)
        return parameters
    }

    func at(_ step: Int) -> Timestamp { start + .seconds(Int64(step) * 30) }

    func found(_ series: String..., value: Double = 1) -> [AlertingState.Found] {
        series.map {
            AlertingState.Found(
                labels: Labels(["alertname": "A", "s": $0]),
                annotations: Annotations(["v": "\(value)"]),
                value: value)
        }
    }

    func kinds(_ step: AlertingState.Step) -> [Transition.Kind] { step.transitions.map(\.kind) }

    @Test func withoutForFiresAtOnce() throws {
        var state = AlertingState(parameters())
        let step = try state.evaluate(at: at(0), found("x", value: 7))
        #expect(kinds(step) == [.firing])
        #expect(step.transitions.first?.value == 7)
        #expect(step.transitions.first?.activeAt == at(0))
        #expect(step.toSend.count == 1)
        #expect(step.toSend.first?.validUntil == at(0) + .minutes(4))
    }

    @Test func firesWhenForHasPassedAndNotBefore() throws {
        var state = AlertingState(parameters(hold: 60))
        #expect(kinds(try state.evaluate(at: at(0), found("x"))) == [.pending])
        #expect(kinds(try state.evaluate(at: at(1), found("x"))).isEmpty)
        #expect(state.state == .pending)
        #expect(kinds(try state.evaluate(at: at(2), found("x"))) == [.firing])
        #expect(state.state == .firing)
        let over = try state.evaluate(at: at(3), [])
        #expect(kinds(over) == [.resolved])
        #expect(over.toSend.first?.resolvedAt == at(3))
        #expect(over.changes.map(\.value) == [nil])
        #expect(state.state == .inactive)
    }

    @Test func aPendingAlertThatVanishesStartsOver() throws {
        var state = AlertingState(parameters(hold: 60))
        _ = try state.evaluate(at: at(0), found("x"))
        #expect(kinds(try state.evaluate(at: at(1), [])) == [.inactive])
        #expect(state.all.isEmpty)
        #expect(kinds(try state.evaluate(at: at(2), found("x"))) == [.pending])
        #expect(kinds(try state.evaluate(at: at(3), found("x"))).isEmpty)
        #expect(kinds(try state.evaluate(at: at(4), found("x"))) == [.firing])
    }

    @Test func keepFiringForOutlastsTheCondition() throws {
        var state = AlertingState(parameters(keep: 60))
        _ = try state.evaluate(at: at(0), found("x"))
        let kept = try state.evaluate(at: at(1), [])
        #expect(kinds(kept).isEmpty)
        #expect(state.active.first?.keepFiringSince == at(1))
        #expect(kept.changes.count == 1)
        #expect(kinds(try state.evaluate(at: at(2), found("x"))).isEmpty)
        #expect(state.active.first?.keepFiringSince == nil)
        #expect(kinds(try state.evaluate(at: at(3), [])).isEmpty)
        #expect(kinds(try state.evaluate(at: at(4), [])).isEmpty)
        #expect(kinds(try state.evaluate(at: at(5), [])) == [.resolved])
    }

    @Test func goingOnIsToldAgainAfterTheDelayOnly() throws {
        var state = AlertingState(parameters())
        var sent: [Int] = []
        for step in 0..<8
        where try !state.evaluate(at: at(step), found("x")).toSend.isEmpty { sent.append(step) }
        // A minute must have passed, not merely be reached.
        #expect(sent == [0, 3, 6])
    }

    @Test func theEndIsToldAgainForFifteenMinutes() throws {
        var state = AlertingState(parameters())
        _ = try state.evaluate(at: at(0), found("x"))
        var told = 0
        for step in 1...60 { told += try state.evaluate(at: at(step), []).toSend.count }
        #expect(told == 11)
        #expect(state.all.isEmpty)
    }

    @Test func anAlertThatComesBackBeginsAnew() throws {
        var state = AlertingState(parameters(hold: 30))
        for step in 0...1 { _ = try state.evaluate(at: at(step), found("x")) }
        _ = try state.evaluate(at: at(2), [])
        let back = try state.evaluate(at: at(3), found("x"))
        #expect(kinds(back) == [.pending])
        #expect(back.toSend.isEmpty)
        let fires = try state.evaluate(at: at(4), found("x"))
        #expect(fires.transitions.first?.activeAt == at(3))
        #expect(fires.toSend.count == 1)
    }

    @Test func theSameLabelsTwiceIsAnErrorThatChangesNothing() throws {
        var state = AlertingState(parameters())
        _ = try state.evaluate(at: at(0), found("x"))
        let error = #expect(throws: EvaluationFailure.self) {
            _ = try state.evaluate(at: at(1), found("y", "y"))
        }
        #expect(
            error?.description
                == "vector contains metrics with the same labelset after applying alert labels")
        #expect(state.active.map(\.labels) == found("x").map(\.labels))
    }

    @Test func overTheLimitHoldsWhatFires() throws {
        var state = AlertingState(parameters(limit: 2))
        _ = try state.evaluate(at: at(0), found("x", "y"))
        let error = #expect(throws: EvaluationFailure.self) {
            _ = try state.evaluate(at: at(1), found("x", "y", "z"))
        }
        #expect(error?.description == "exceeded limit of 2 with 3 alerts")
        #expect(state.state == .firing)
        #expect(state.active.count == 2)
        // Held for long, they are still told, so that nobody believes them over.
        #expect(state.hold(at: at(3)).toSend.count == 2)
        #expect(state.hold(at: at(4)).toSend.isEmpty)
    }

    @Test func rowsAreWrittenOnlyWhereDurableFactsChange() throws {
        var state = AlertingState(parameters(hold: 60))
        var counts: [Int] = []
        for step in 0..<5 {
            counts.append(
                try state.evaluate(at: at(step), found("x", value: Double(step))).changes.count)
        }
        #expect(counts == [1, 0, 1, 0, 0])
        #expect(state.active.first?.value == 4)
        #expect(state.active.first?.annotations.value("v") == "4.0")
    }

    @Test func endingTellsWhatFired() throws {
        var state = AlertingState(parameters(hold: 30))
        _ = try state.evaluate(at: at(0), found("x"))
        _ = try state.evaluate(at: at(1), found("x", "y"))
        let step = state.end(at: at(2))
        #expect(kinds(step) == [.resolved, .inactive])
        #expect(step.toSend.map(\.resolvedAt) == [at(2)])
        #expect(step.changes.allSatisfy { $0.value == nil })
        #expect(step.changes.count == 2)
    }

    /// The same alerts under a rule with another `for`, as after a reload.
    func reloaded(
        _ state: AlertingState, hold: Int64, keep: Int64 = 0
    ) -> AlertingState {
        var next = AlertingState(parameters(hold: hold, keep: keep))
        next.adopt(state)
        return next
    }

    @Test func aLongerForMakesAFiringAlertPendingAgain() throws {
        var state = AlertingState(parameters(hold: 30))
        for step in 0...2 { _ = try state.evaluate(at: at(step), found("x")) }
        #expect(state.state == .firing)
        state = reloaded(state, hold: 120)
        let step = try state.evaluate(at: at(3), found("x"))
        #expect(kinds(step) == [.pending])
        #expect(step.toSend.isEmpty)
        #expect(step.changes.count == 1)
        #expect(state.active.map(\.state) == [.pending])
        #expect(state.active.map(\.activeAt) == [at(0)])
        let fires = try state.evaluate(at: at(4), found("x"))
        #expect(kinds(fires) == [.firing])
        #expect(fires.transitions.first?.activeAt == at(0))
        #expect(fires.toSend.map(\.firedAt) == [at(4)])
    }

    @Test func aForThatHasPassedChangesNothing() throws {
        var state = AlertingState(parameters(hold: 30))
        for step in 0...3 { _ = try state.evaluate(at: at(step), found("x")) }
        state = reloaded(state, hold: 120)
        #expect(try state.evaluate(at: at(4), found("x")).transitions.isEmpty)
        #expect(state.state == .firing)
    }

    @Test func aLongerForEndsKeepFiring() throws {
        var state = AlertingState(parameters(keep: 600))
        _ = try state.evaluate(at: at(0), found("x"))
        _ = try state.evaluate(at: at(1), [])
        state = reloaded(state, hold: 3600, keep: 600)
        #expect(kinds(try state.evaluate(at: at(2), [])) == [.pending])
        #expect(kinds(try state.evaluate(at: at(3), [])) == [.inactive])
    }
}
