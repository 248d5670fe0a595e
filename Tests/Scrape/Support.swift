import Configuration
import Foundation
import Model
import Scrape
import Store
import Synchronization
import Transport

/// A clock that stands still until a test moves it.
final class ManualClock: PipelineClock {
    private struct State {
        var now: Timestamp
        var sleepers: [Int: (moment: Timestamp, continuation: CheckedContinuation<Bool, Never>)] =
            [:]
        var nextID = 0
    }

    private let state: Mutex<State>

    init(_ now: Int64 = 1_000_000_000) {
        state = Mutex(State(now: Timestamp(milliseconds: now)))
    }

    var now: Timestamp { state.withLock { $0.now } }

    func sleep(until moment: Timestamp) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let isWoken = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.now >= moment { return true }
                    state.sleepers[id] = (moment, continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation
                .resume(returning: false)
        }
        if !isWoken { throw CancellationError() }
    }

    /// Moves to the moment and wakes whoever waited for it.
    func advance(to moment: Timestamp) {
        let due = state.withLock { state in
            state.now = max(state.now, moment)
            let due = state.sleepers.filter { $0.value.moment <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.moment < $1.moment }
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }

    /// Moves to the next moment that anybody waits for, once `count` wait; nowhere where the task is
    /// cancelled, or time has come to a stop.
    func advanceToNext(sleepers count: Int, unless isStopped: () -> Bool = { false }) async {
        while state.withLock({ $0.sleepers.count }) < count, !Task.isCancelled {
            await Task.yield()
        }
        if Task.isCancelled || isStopped() { return }
        let next = state.withLock { $0.sleepers.values.map(\.moment).min() }
        if let next { advance(to: next) }
    }
}

/// A transport whose answers a test makes up.
struct FakeTransport: Transporting {
    var answer: @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        try answer(request)
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        throw TransportError(.invalidRequest, "no mail here")
    }

    static func text(_ body: String, type: String = "text/plain; version=0.0.4") -> HTTPResponse {
        HTTPResponse(
            status: 200, reason: "OK", headers: [.init("Content-Type", type)],
            body: Array(body.utf8))
    }
}

extension Store {
    /// Every series with a sample at the moment, as PromQL prints them.
    func vector(at time: Timestamp, _ matchers: [Matcher] = []) -> [String: Double] {
        let selection = select(matchers)
        var values: [Double] = []
        var times: [Int64] = []
        selection.instant(
            at: time, lookback: .minutes(5), pin: pin(), values: &values, timestamps: &times)
        var result: [String: Double] = [:]
        for (index, labels) in selection.labels.enumerated()
        where !SampleValue.isStale(values[index]) {
            result[labels.metricDescription] = values[index]
        }
        return result
    }

    /// The same without the five series that report on a scrape.
    func samples(at time: Timestamp) -> [String: Double] {
        vector(at: time).filter { name, _ in
            !TargetScraper.reportNames.contains { name.hasPrefix($0 + "{") }
        }
    }
}

extension Timestamp {
    static func seconds(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: seconds * 1000)
    }
}
