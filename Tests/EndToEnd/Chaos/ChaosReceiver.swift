import Foundation
import Synchronization
import TestSupport

/// A webhook whose mood changes, and that writes down what reaches it.
final class ChaosReceiver: Sendable {
    /// How it treats who calls.
    enum Mood: CaseIterable, Sendable {
        case willing
        /// Takes it after a moment.
        case slow
        /// 500.
        case failing
        /// 400: the daemon may not count on a second chance, and must give itself one.
        case refusing
        /// 429.
        case busy
        /// Reads the message and goes away without a word.
        case silent
        /// Does not even listen.
        case gone
    }

    private struct State {
        var mood = Mood.willing
        var server: HTTPServer?
    }

    let name: String
    let port: Int
    private let ledger: ChaosLedger
    private let trigger: ChaosTrigger
    private let state = Mutex(State())

    init(_ name: String, _ ledger: ChaosLedger, _ trigger: ChaosTrigger) throws {
        (self.name, self.ledger, self.trigger) = (name, ledger, trigger)
        port = try Listener.freePort()
        set(.willing)
        guard state.withLock({ $0.server != nil }) else {
            throw TimedOut("nothing can listen on port \(port)")
        }
    }

    /// Where one run of the daemon calls it. What a run sent may be read when the next one has begun.
    func url(run: Int) -> String { "http://127.0.0.1:\(port)/\(run)" }

    func set(_ mood: Mood) {
        let retired = state.withLock { state -> HTTPServer? in
            state.mood = mood
            if mood == .gone { return state.server.take() }
            if state.server == nil {
                state.server = try? HTTPServer(port: port) { [weak self] in
                    self?.answer($0) ?? .close
                }
            }
            return nil
        }
        retired?.stop()
    }

    private func answer(_ request: Request) -> Answer {
        guard let post = post(request) else { return .respond(status: 400) }
        trigger.pull(.arrival)
        switch state.withLock({ $0.mood }) {
        case .willing: break
        case .slow: Thread.sleep(forTimeInterval: 0.15)
        case .failing: return .respond(status: 500)
        case .refusing: return .respond(status: 400)
        case .busy: return .respond(status: 429, headers: ["Retry-After": "1"])
        case .silent, .gone: return .close
        }
        return .stream { [ledger, trigger] connection in
            let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            if connection.write(Array(answer.utf8)) {
                ledger.answered(post)
                trigger.pull(.answer)
            }
        }
    }

    private func post(_ request: Request) -> ChaosPost? {
        guard
            let payload = try? JSONDecoder().decode(
                Receiver.Payload.self, from: Data(request.body)),
            let run = Int(request.path.dropFirst())
        else { return nil }
        let alerts = payload.alerts.compactMap { alert -> ToldAlert? in
            guard let incident = Int(alert.annotations["incident"] ?? ""),
                let fingerprint = UInt64(alert.fingerprint, radix: 16)
            else { return nil }
            return ToldAlert(
                subject: "\(alert.labels["alertname"] ?? "") \(alert.labels["unit"] ?? "")",
                incident: incident, isFiring: alert.status == "firing", startsAt: alert.startsAt,
                fingerprint: fingerprint)
        }
        if alerts.count != payload.alerts.count { return nil }
        return ledger.arrived(at: name, group: payload.groupKey, run: run, Set(alerts))
    }
}

/// Does something once, when something else happens.
final class ChaosTrigger: Sendable {
    enum Cause: Sendable, Hashable {
        /// A message has reached a receiver, which has not answered.
        case arrival
        /// A receiver has answered 200.
        case answer
        /// The daemon has answered 200 to an alert that was posted, or to a silence.
        case accepted
    }

    private let armed = Mutex<(cause: Cause, action: @Sendable () -> Void)?>(nil)

    func arm(_ cause: Cause, _ action: @escaping @Sendable () -> Void) {
        armed.withLock { $0 = (cause, action) }
    }

    func disarm() { armed.withLock { $0 = nil } }

    func pull(_ cause: Cause) {
        let action = armed.withLock { armed -> (@Sendable () -> Void)? in
            guard let (wanted, action) = armed, wanted == cause else { return nil }
            armed = nil
            return action
        }
        action?()
    }
}
