import Foundation

/// A file of the zone database, format TZif: RFC 9636.
struct ZoneFile: Sendable, Hashable {
    private struct Change: Sendable, Hashable {
        let start: Int64
        let clock: Int
    }

    private let clocks: [Zone.Clock]
    /// From when on which clock counts, in order.
    private let changes: [Change]
    /// The clock before the first change.
    private let first: Zone.Clock
    /// What counts from the last change on.
    private let rule: ZoneRule?

    /// No zone file is nearly as large.
    private static let maximumBytes = 1 << 20

    /// The file at `path`; nil where there is none, or it is no zone file.
    init?(path: String) {
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: ZoneFile.maximumBytes)
        else { return nil }
        self.init(Array(data))
    }

    /// A file with these bytes; nil where they are no zone file.
    init?(_ bytes: [UInt8]) {
        guard var block = ZoneBlock(bytes, at: 0, timeBytes: 4) else { return nil }
        var footer = ""
        if block.version >= UInt8(ascii: "2") {
            // What comes first is for readers that know times of 32 bits only.
            guard let second = ZoneBlock(bytes, at: block.end, timeBytes: 8) else { return nil }
            block = second
            footer = block.footer
        }
        guard let clocks = block.clocks, let times = block.changes else { return nil }
        let changes = times.map { Change(start: $0.start, clock: $0.clock) }
        guard let first = ZoneFile.first(clocks, changes) else { return nil }
        self.clocks = clocks
        self.changes = changes
        self.first = first
        rule = ZoneRule(footer)
    }

    /// As Go finds it: the first clock where no change leads to it, else the last standard time before
    /// the first change's daylight saving time, else any standard time.
    private static func first(_ clocks: [Zone.Clock], _ changes: [Change]) -> Zone.Clock? {
        guard let start = changes.first, changes.contains(where: { $0.clock == 0 }) else {
            return clocks.first
        }
        if clocks[start.clock].isDaylightSaving,
            let before = clocks[..<start.clock].last(where: { !$0.isDaylightSaving })
        {
            return before
        }
        return clocks.first { !$0.isDaylightSaving } ?? clocks.first
    }

    /// The clock that counts at a moment, in seconds since 1970.
    func clock(at seconds: Int64) -> Zone.Clock {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].start <= seconds { low = middle + 1 } else { high = middle }
        }
        if low == changes.count, let rule { return rule.clock(at: seconds) }
        return low == 0 ? first : clocks[changes[low - 1].clock]
    }
}

/// The part of a zone file whose times have `timeBytes` bytes. Its bytes are all there; what stands in
/// them is checked where it is read.
private struct ZoneBlock {
    private static let headerLength = 44

    let version: UInt8
    /// Where the next part begins.
    let end: Int
    private let bytes: [UInt8]
    private let timeBytes: Int
    private let changesStart, indicesStart, clocksStart, lettersStart: Int
    private let changeCount, clockCount, letterCount: Int

    init?(_ bytes: [UInt8], at start: Int, timeBytes: Int) {
        let body = start + ZoneBlock.headerLength
        guard body <= bytes.count, bytes[start..<(start + 4)].elementsEqual("TZif".utf8) else {
            return nil
        }
        // No file of a megabyte has more of anything.
        let counts = (0..<6).map { Int(ZoneBlock.integer(bytes, start + 20 + $0 * 4, 4)) }
        guard counts.allSatisfy({ (0...(1 << 20)).contains($0) }) else { return nil }
        let (utc, standard, leaps) = (counts[0], counts[1], counts[2])
        (changeCount, clockCount, letterCount) = (counts[3], counts[4], counts[5])
        changesStart = body
        indicesStart = changesStart + changeCount * timeBytes
        clocksStart = indicesStart + changeCount
        lettersStart = clocksStart + clockCount * 6
        end = lettersStart + letterCount + leaps * (timeBytes + 4) + standard + utc
        guard end <= bytes.count, clockCount > 0 else { return nil }
        version = bytes[start + 4]
        self.bytes = bytes
        self.timeBytes = timeBytes
    }

    /// Nil where one has letters that are not there.
    var clocks: [Zone.Clock]? {
        var clocks: [Zone.Clock] = []
        let letters = bytes[lettersStart..<(lettersStart + letterCount)]
        for index in 0..<clockCount {
            let start = clocksStart + index * 6
            let rest = letters.dropFirst(Int(bytes[start + 5]))
            if rest.isEmpty { return nil }
            clocks.append(
                Zone.Clock(
                    Int(Int32(truncatingIfNeeded: ZoneBlock.integer(bytes, start, 4))),
                    String(decoding: rest.prefix { $0 != 0 }, as: UTF8.self),
                    isDaylightSaving: bytes[start + 4] != 0))
        }
        return clocks
    }

    /// Nil where one leads to a clock that is not there.
    var changes: [(start: Int64, clock: Int)]? {
        var changes: [(start: Int64, clock: Int)] = []
        for index in 0..<changeCount {
            let clock = Int(bytes[indicesStart + index])
            guard clock < clockCount else { return nil }
            let start = ZoneBlock.integer(bytes, changesStart + index * timeBytes, timeBytes)
            changes.append(
                (timeBytes == 4 ? Int64(Int32(truncatingIfNeeded: start)) : start, clock))
        }
        return changes
    }

    /// The line behind the block.
    var footer: String {
        let rest = bytes[end...]
        guard rest.first == 0x0a, let close = rest.dropFirst().firstIndex(of: 0x0a) else {
            return ""
        }
        return String(decoding: rest[(end + 1)..<close], as: UTF8.self)
    }

    private static func integer(_ bytes: [UInt8], _ start: Int, _ length: Int) -> Int64 {
        bytes[start..<(start + length)].reduce(0) { $0 << 8 | Int64($1) }
    }
}
