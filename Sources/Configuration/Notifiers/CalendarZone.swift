import Foundation
import Model

/// The clock of a place, by its name in the IANA time zone database. A name that is not known here
/// makes no zone: nothing is ever taken for UTC in silence.
public struct CalendarZone: Sendable, Hashable {
    /// The name as it was written.
    public let name: String
    private let zone: TimeZone

    /// The zone of this name; nil where this machine knows none. As in Go, `UTC` and the empty name are
    /// UTC, and `Local` is the machine's own.
    public init?(_ name: String) {
        self.name = name
        switch name {
        case "", "UTC": zone = .gmt
        case "Local": zone = .current
        default:
            guard CalendarZone.isDatabaseName(name), let zone = TimeZone(identifier: name) else {
                return nil
            }
            self.zone = zone
        }
    }

    /// Foundation takes offsets such as `GMT+0530`, which are in no database.
    private static func isDatabaseName(_ name: String) -> Bool {
        let offset = name.hasPrefix("GMT") || name.hasPrefix("UTC") ? name.dropFirst(3) : ""
        return offset.isEmpty || ["+0", "-0", "0"].contains(offset)
    }

    /// How far its clock is ahead of UTC at the moment, in seconds.
    public func offset(at moment: Timestamp) -> Int64 {
        Int64(
            zone.secondsFromGMT(
                for: Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000)))
    }
}
