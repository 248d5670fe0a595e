import Model
import Zones

/// Go's `time.Time` in templates: a moment, to the nanosecond, and the zone whose clock shows it.
public struct TemplateTime: TemplateObject, Hashable {
    /// The moment, cut to milliseconds.
    public let moment: Timestamp
    /// Nanoseconds beyond the whole milliseconds.
    let fraction: Int
    /// Whose clock shows it.
    let zone: Zone

    /// Go's zero time, year 1: what "no time" looks like.
    public static let zero = TemplateTime(Timestamp(milliseconds: -62_135_596_800_000))

    /// A moment as the zone's clock shows it.
    public init(_ moment: Timestamp, in zone: Zone = .utc) {
        self.init(moment, fraction: 0, in: zone)
    }

    /// A moment as the clock showed it by which it was written.
    public init(_ time: WrittenTime) {
        let zone = time.detail?.offset.map {
            Zone.written(offset: Int($0), at: time.timestamp.wholeSeconds)
        }
        self.init(
            time.timestamp, fraction: Int(time.detail?.nanoseconds ?? 0), in: zone ?? .utc)
    }

    private init(_ moment: Timestamp, fraction: Int, in zone: Zone) {
        self.moment = moment
        self.fraction = fraction
        self.zone = zone
    }

    /// The nearest time that fits.
    init(nanoseconds: Int128, in zone: Zone) {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let milliseconds = Int64(clamping: rest < 0 ? whole - 1 : whole)
        self.init(
            Timestamp(milliseconds: milliseconds),
            fraction: Int(rest < 0 ? rest + 1_000_000 : rest),
            in: zone)
    }

    public var typeName: String { "time.Time" }

    /// As Go prints a time: `2006-01-02 15:04:05.999999999 -0700 MST`.
    public var formatted: String? { formatted(layout: "2006-01-02 15:04:05.999999999 -0700 MST") }

    /// As Go's `RFC3339Nano` layout has it.
    public var rfc3339: String { formatted(layout: "2006-01-02T15:04:05.999999999Z07:00") }

    /// In Go's layout language, where 2006-01-02 15:04:05 stands for the parts.
    public func formatted(layout: String) -> String {
        TimeLayout.format(self, layout)
    }

    /// The same moment by the clock of another zone.
    public func moved(to zone: Zone) -> TemplateTime {
        TemplateTime(moment, fraction: fraction, in: zone)
    }

    /// How much later it is than `other`; the nearest length that fits.
    public func since(_ other: TemplateTime) -> TemplateDuration {
        TemplateDuration(nanoseconds: Int64(clamping: nanoseconds - other.nanoseconds))
    }

    // MARK: Parts

    /// Nanoseconds since 1970.
    var nanoseconds: Int128 { Int128(moment.milliseconds) * 1_000_000 + Int128(fraction) }

    /// Whole seconds since 1970.
    var seconds: Int64 { moment.wholeSeconds }

    /// Nanoseconds beyond the whole seconds.
    var nanosecond: Int {
        Int(moment.milliseconds &- seconds.multipliedSaturating(1000)) * 1_000_000 + fraction
    }

    var clock: Zone.Clock { zone.clock(at: seconds) }

    var civil: CivilTime {
        CivilTime(secondsSinceEpoch: seconds.addingSaturating(Int64(clock.offset)))
    }
}

/// Go's `*time.Location`, which prints its name.
struct TemplateLocation: TemplateObject {
    let zone: Zone

    var typeName: String { "*time.Location" }
    var formatted: String? { zone.name }

    func method(_ name: String) -> TemplateFunction? {
        name == "String" ? TemplateFunction { _ in .string(zone.name) } : nil
    }
}
