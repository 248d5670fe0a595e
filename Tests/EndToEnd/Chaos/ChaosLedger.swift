import Foundation
import Synchronization

/// What was said of one alert in a message.
struct ToldAlert: Hashable, Sendable {
    /// The alert's name and the unit that it is about: what stays the same from incident to incident.
    var subject: String
    /// Counts a subject's incidents.
    var incident: Int
    var isFiring: Bool
    var startsAt: String
    var fingerprint: UInt64
}

/// A message as it reached a receiver.
struct ChaosPost: Hashable, Sendable {
    var id: Int
    var key: ChaosKey
    /// Which run of the daemon sent it, counted from 0.
    var run: Int
    var alerts: Set<ToldAlert>

    var firing: Set<UInt64> { Set(alerts.filter(\.isFiring).map(\.fingerprint)) }
    var resolved: Set<UInt64> { Set(alerts.filter { !$0.isFiring }.map(\.fingerprint)) }
}

/// A group at a receiver.
struct ChaosKey: Hashable, Sendable, Comparable {
    var receiver: String
    var group: String

    static func < (a: ChaosKey, b: ChaosKey) -> Bool {
        (a.receiver, a.group) < (b.receiver, b.group)
    }
}

/// What the state database held when a run had ended.
struct ChaosSnapshot: Hashable, Sendable {
    struct Slot: Hashable, Sendable {
        var inFlight: Bool
        var mayHaveArrived: Bool
    }

    struct Entry: Hashable, Sendable {
        var firing: Set<UInt64>
        var resolved: Set<UInt64>
    }

    var owed: [ChaosKey: Slot] = [:]
    var acknowledged: [ChaosKey: Entry] = [:]
}

/// What happened, in order.
enum ChaosEvent: Hashable, Sendable {
    /// An incident begins; receivers must hear of it where `isOwed`.
    case broke(subject: String, incident: Int, isOwed: Bool)
    /// It is over.
    case healed(subject: String, incident: Int)
    case arrived(ChaosPost)
    /// The receiver has written the answer 200 to the post with this number.
    case answered(Int)
    /// A run of the daemon was killed, or ended when it was asked to.
    case ended(run: Int, wasKilled: Bool, ChaosSnapshot)
}

/// The list of what happened, which threads share.
final class ChaosLedger: Sendable {
    private struct State {
        var events: [ChaosEvent] = []
        var posts = 0
        /// What each receiver has acknowledged last of each subject.
        var heard: [String: [String: ToldAlert]] = [:]
    }

    private let state = Mutex(State())

    var events: [ChaosEvent] { state.withLock { $0.events } }

    /// How many messages came so far.
    var posts: Int { state.withLock { $0.posts } }

    func add(_ event: ChaosEvent) { state.withLock { $0.events.append(event) } }

    func arrived(
        at receiver: String, group: String, run: Int, _ alerts: Set<ToldAlert>
    ) -> ChaosPost {
        state.withLock { state in
            let post = ChaosPost(
                id: state.posts, key: ChaosKey(receiver: receiver, group: group), run: run,
                alerts: alerts)
            state.posts += 1
            state.events.append(.arrived(post))
            return post
        }
    }

    func answered(_ post: ChaosPost) {
        state.withLock { state in
            state.events.append(.answered(post.id))
            for alert in post.alerts {
                state.heard[post.key.receiver, default: [:]][alert.subject] = alert
            }
        }
    }

    /// What the receiver has acknowledged last of the subject.
    func heard(_ subject: String, at receiver: String) -> ToldAlert? {
        state.withLock { $0.heard[receiver]?[subject] }
    }
}
