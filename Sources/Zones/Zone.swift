import Foundation

/// The clocks of a place: what Go's `time.Location` holds.
///
/// A zone comes out of the system's zone files, by the rules by which Go finds them, or else out of
/// Foundation's data: a system may have few zone files, or none. A name that is not
/// known is an error: nothing is taken for UTC in silence, except what `TZ` says, as in Go.
public struct Zone: Sendable, Hashable {
    /// How far a clock is ahead of UTC, and what it is called.
    public struct Clock: Sendable, Hashable {
        /// Seconds east of UTC.
        public let offset: Int
        /// E.g. `CEST`; empty where there is none but the offset.
        public let abbreviation: String
        /// Whether it is daylight saving time.
        public let isDaylightSaving: Bool

        init(_ offset: Int, _ abbreviation: String, isDaylightSaving: Bool = false) {
            self.offset = offset
            self.abbreviation = abbreviation
            self.isDaylightSaving = isDaylightSaving
        }
    }

    private enum Source: Sendable, Hashable {
        case fixed(Clock)
        case file(ZoneFile)
        /// Foundation's own data, for what the system's zone files lack.
        case foundation(TimeZone)
    }

    /// The name, as Go prints a location.
    public let name: String
    /// Whether it was asked for as the machine's own zone.
    public let isLocal: Bool
    private let source: Source

    private init(_ name: String, _ source: Source, isLocal: Bool = false) {
        self.name = name
        self.source = source
        self.isLocal = isLocal
    }

    /// UTC.
    public static let utc = Zone("UTC", .fixed(Clock(0, "UTC")))

    /// A clock without a name, `offset` seconds east of UTC.
    public static func fixed(offset: Int) -> Zone { Zone("", .fixed(Clock(offset, ""))) }

    /// The zone of a time that was written with this offset: the machine's own where its clock has the
    /// same offset at the moment (seconds since 1970), otherwise one without a name.
    public static func written(offset: Int, at seconds: Int64) -> Zone {
        local.clock(at: seconds).offset == offset ? local : fixed(offset: offset)
    }

    /// The zone of this name. The empty name is UTC, and `Local` the machine's own zone.
    public init(named name: String) throws(ZoneError) {
        switch name {
        case "", "UTC": self = .utc
        case "Local": self = .local
        default:
            if name.contains("..") || name.hasPrefix("/") || name.hasPrefix("\\") {
                throw ZoneError("time: invalid location name")
            }
            guard let zone = Zone.inDatabase(name) else {
                throw ZoneError("unknown time zone \(name)")
            }
            self = zone
        }
    }

    /// The machine's own zone: what the environment's `TZ` says when it is first asked for.
    public static let local = local(ProcessInfo.processInfo.environment["TZ"])

    /// What `TZ` means: nil (not set) is `/etc/localtime`, empty is UTC, otherwise a name or the path
    /// of a zone file, with or without a colon before it. What is not found is UTC.
    public static func local(_ setting: String?) -> Zone {
        guard let setting else {
            return local("Local", at: "/etc/localtime") ?? localUTC
        }
        let place = setting.hasPrefix(":") ? String(setting.dropFirst()) : setting
        if place.isEmpty || place == "UTC" { return localUTC }
        if place.hasPrefix("/") {
            return local(place == "/etc/localtime" ? "Local" : place, at: place) ?? localUTC
        }
        guard let zone = inDatabase(place) else { return localUTC }
        return Zone(place, zone.source, isLocal: true)
    }

    private static let localUTC = Zone("UTC", utc.source, isLocal: true)

    private static func local(_ name: String, at path: String) -> Zone? {
        ZoneFile(path: path).map { Zone(name, .file($0), isLocal: true) }
    }

    // MARK: The database

    /// Where zone files are looked for, in this order.
    private static let folders = [
        "/usr/share/zoneinfo/", "/usr/share/lib/zoneinfo/", "/usr/lib/locale/TZ/", "/etc/zoneinfo/",
    ]

    private static func inDatabase(_ name: String) -> Zone? {
        let own = ProcessInfo.processInfo.environment["ZONEINFO"].map { [$0 + "/"] } ?? []
        for folder in own + folders {
            if let file = ZoneFile(path: folder + name) { return Zone(name, .file(file)) }
        }
        guard isDatabaseName(name), let zone = TimeZone(identifier: name) else { return nil }
        return Zone(name, .foundation(zone))
    }

    /// Foundation takes offsets such as `GMT+0530`, which are in no database.
    private static func isDatabaseName(_ name: String) -> Bool {
        let offset = name.hasPrefix("GMT") || name.hasPrefix("UTC") ? name.dropFirst(3) : ""
        return offset.isEmpty || ["+0", "-0", "0"].contains(offset)
    }

    // MARK: Clocks

    /// The clock that counts at a moment, in seconds since 1970.
    public func clock(at seconds: Int64) -> Clock {
        switch source {
        case .fixed(let clock): return clock
        case .file(let file): return file.clock(at: seconds)
        case .foundation(let zone):
            let date = Date(timeIntervalSince1970: Double(seconds))
            let letters = zone.abbreviation(for: date) ?? ""
            // `GMT+1` stands for no letters.
            return Clock(
                zone.secondsFromGMT(for: date),
                letters.hasPrefix("GMT") && letters != name ? "" : letters,
                isDaylightSaving: zone.isDaylightSavingTime(for: date))
        }
    }

    /// The moment at which this clock shows what a clock of UTC shows `seconds` after 1970. Of a time
    /// that comes twice or never, as when clocks change, it is the one that Go takes.
    public func moment(shownAs seconds: Int64) -> Int64 {
        let guess = clock(at: seconds).offset
        if guess == 0 { return seconds }
        let moment = seconds.subtractingSaturating(guess)
        return seconds.subtractingSaturating(clock(at: moment).offset)
    }
}

/// Why there is no zone of a name; the text is Go's.
public struct ZoneError: Error, Hashable, Sendable, CustomStringConvertible {
    /// E.g. `unknown time zone Europe/Atlantis`.
    public let description: String

    init(_ description: String) { self.description = description }
}

extension Int64 {
    fileprivate func subtractingSaturating(_ other: Int) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(Int64(other))
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
