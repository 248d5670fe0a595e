/// A moment as somebody wrote it, with what a `Timestamp` has no room for.
public struct WrittenTime: Hashable, Sendable {
    /// What was written beyond milliseconds in UTC.
    public struct Detail: Hashable, Sendable, Codable {
        /// Nanoseconds beyond the whole milliseconds.
        public var nanoseconds: Int32
        /// Seconds east of UTC of the clock that was read; nil for UTC's, which is written `Z`.
        public var offset: Int32?

        /// A detail.
        public init(nanoseconds: Int32 = 0, offset: Int32? = nil) {
            self.nanoseconds = nanoseconds
            self.offset = offset
        }
    }

    /// The moment, cut to milliseconds.
    public var timestamp: Timestamp
    /// Nil where the timestamp says everything.
    public var detail: Detail?

    /// A moment, and how it was written.
    public init(_ timestamp: Timestamp, _ detail: Detail? = nil) {
        self.timestamp = timestamp
        self.detail = detail
    }

    /// Reads RFC 3339 (`2026-01-05T09:00:00.25+01:00`) or nil. Digits past the nanosecond are cut.
    public init?(rfc3339 text: String) {
        var reader = RFC3339Reader(text)
        guard let civil = reader.civilSeconds(), let nanoseconds = reader.fraction(),
            let zone = reader.zone(), reader.isAtEnd
        else { return nil }
        let milliseconds = (civil - Int64(zone ?? 0)) * 1000 + nanoseconds / 1_000_000
        timestamp = Timestamp(milliseconds: milliseconds)
        let rest = Int32(truncatingIfNeeded: nanoseconds % 1_000_000)
        detail = rest == 0 && zone == nil ? nil : Detail(nanoseconds: rest, offset: zone)
    }

    /// Whether it comes before `other`; the nanoseconds count.
    public func isBefore(_ other: WrittenTime) -> Bool {
        timestamp == other.timestamp
            ? (detail?.nanoseconds ?? 0) < (other.detail?.nanoseconds ?? 0)
            : timestamp < other.timestamp
    }
}

/// Reads the parts of a time in their order.
private struct RFC3339Reader {
    private let bytes: [UInt8]
    private var index = 19

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { index == bytes.count }

    private func number(_ range: Range<Int>) -> Int64? {
        guard range.upperBound <= bytes.count, bytes[range].allSatisfy(\.isDigit) else {
            return nil
        }
        return bytes[range].reduce(0) { $0 &* 10 &+ Int64($1 &- 0x30) }
    }

    /// Date and time of day, as seconds since 1970 of a clock in UTC.
    func civilSeconds() -> Int64? {
        guard bytes.count >= 20, bytes[4] == 0x2d, bytes[7] == 0x2d,
            bytes[10] == 0x54 || bytes[10] == 0x74 || bytes[10] == 0x20,
            bytes[13] == 0x3a, bytes[16] == 0x3a,
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16),
            let second = number(17..<19), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second < 61
        else { return nil }
        let days = CivilTime.days(year: Int(year), month: Int(month), day: Int(day))
        return days * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// The nanoseconds behind a point, 0 without one; nil where the point has no digits.
    mutating func fraction() -> Int64? {
        guard index < bytes.count, bytes[index] == 0x2e else { return 0 }
        let digits = bytes[(index + 1)...].prefix(while: \.isDigit)
        if digits.isEmpty { return nil }
        index += 1 + digits.count
        let known = digits.prefix(9).reduce(0) { $0 * 10 + Int64($1 &- 0x30) }
        return (digits.count..<max(9, digits.count)).reduce(known) { value, _ in value * 10 }
    }

    /// Seconds east of UTC, nil inside for `Z`; nil where there is no zone.
    mutating func zone() -> Int32?? {
        guard index < bytes.count else { return nil }
        let sign = bytes[index]
        if sign == 0x5a || sign == 0x7a {
            index += 1
            return .some(nil)
        }
        guard sign == 0x2b || sign == 0x2d, index + 6 <= bytes.count, bytes[index + 3] == 0x3a,
            let hours = number(index + 1..<index + 3), let minutes = number(index + 4..<index + 6)
        else { return nil }
        index += 6
        return .some(Int32((hours * 3600 + minutes * 60) * (sign == 0x2b ? 1 : -1)))
    }
}
