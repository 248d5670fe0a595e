import Configuration
import Model

/// Which series each sender has written lately, so that none takes the place of all others.
///
/// A series counts for its sender from half an hour to an hour after it was last written.
struct WriterLedger {
    private struct Sender {
        /// When each series was last written, in generations; by the hash of its labels, which differs
        /// from process to process.
        var series: [Int: UInt32] = [:]
        var lastRequest: UInt32
    }

    /// How long a generation is.
    private static let generation = Milliseconds.minutes(30)

    private var senders: [String: Sender] = [:]
    private var current: UInt32 = 0
    private var began: Timestamp?

    /// Senders that wrote lately.
    var senderCount: Int { senders.count }

    /// Notes a request; false where there are as many senders as there may be.
    mutating func admit(_ sender: String, at now: Timestamp, maximum: Int) -> Bool {
        advance(to: now)
        if senders[sender] == nil, senders.count >= maximum { return false }
        senders[sender, default: Sender(lastRequest: current)].lastRequest = current
        return true
    }

    /// Notes a series of a sender that was admitted; false where it has as many as it may.
    mutating func admit(_ series: Labels, of sender: String, maximum: Int) -> Bool {
        let key = series.hashValue
        // Nothing else may hold the dictionary where it changes: it would be copied.
        let isKnown = senders[sender]?.series[key] != nil
        let count = senders[sender]?.series.count ?? maximum
        if !isKnown, count >= maximum { return false }
        senders[sender]?.series[key] = current
        return true
    }

    private mutating func advance(to now: Timestamp) {
        guard let began else {
            began = now
            return
        }
        if now < began + WriterLedger.generation { return }
        let isLong = now >= began + WriterLedger.generation + WriterLedger.generation
        current &+= isLong ? 2 : 1
        self.began = now
        let oldest = current &- 1
        senders = senders.filter { $0.value.lastRequest >= oldest }.mapValues { sender in
            var sender = sender
            sender.series = sender.series.filter { $0.value >= oldest }
            return sender
        }
    }
}
