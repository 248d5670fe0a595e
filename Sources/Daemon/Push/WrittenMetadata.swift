import Model
import Synchronization

/// What senders said of metrics, by metric family name: kept in memory until a restart.
public final class WrittenMetadata: Sendable {
    private let held = Mutex<[String: MetricMetadata]>([:])

    init() {}

    /// All of it.
    public var all: [String: MetricMetadata] { held.locked { $0 } }

    /// Takes over what is said; says how much of it is left out since there would be more than `maximum`
    /// or since a text is longer than `length` bytes.
    func take(_ metadata: [String: MetricMetadata], maximum: Int, length: Int) -> Int {
        held.locked { held in
            var left = 0
            for (name, one) in metadata {
                let longest = max(
                    name.utf8.count, max(one.help.utf8.count, one.unit.utf8.count))
                if longest > length || held[name] == nil && held.count >= maximum {
                    left += 1
                } else {
                    held[name] = one
                }
            }
            return left
        }
    }
}
