import Configuration
import Foundation

/// The letters of a time zone at a moment, `CET` or `IST`, out of the system's zone files: Foundation
/// has them in few languages, and says `GMT+1` otherwise.
enum ZoneLetters {
    private static let folder = "/usr/share/zoneinfo/"
    private static let maximumBytes = 1 << 20

    /// The letters that go with `offset` seconds east of UTC; nil where the system knows none.
    static func of(_ name: String, at seconds: Int64, offset: Int) -> String? {
        guard !name.hasPrefix("/"), !name.contains(".."),
            let bytes = try? FileAccess.contents(of: folder + name, limit: maximumBytes)
        else { return nil }
        return ZoneFile(bytes)?.letters(at: seconds, offset: offset)
    }
}

/// A file of the zone database: format TZif, version 2 and later.
private struct ZoneFile {
    private struct Kind {
        let offset: Int
        let letters: String
    }

    private var kinds: [Kind] = []
    /// From when on which kind counts, in order.
    private var changes: [(from: Int64, kind: Int)] = []

    private static let headerLength = 44

    init?(_ bytes: [UInt8]) {
        // The first part, for 32 bits, is passed over.
        guard let old = ZoneFile.counts(bytes, at: 0) else { return nil }
        let skipped =
            old.changes * 5 + old.kinds * 6 + old.letters + old.leaps * 8 + old.standard + old.utc
        let second = ZoneFile.headerLength + skipped
        guard let counts = ZoneFile.counts(bytes, at: second) else { return nil }
        let times = second + ZoneFile.headerLength
        let indices = times + counts.changes * 8
        let types = indices + counts.changes
        let letters = types + counts.kinds * 6
        guard letters + counts.letters <= bytes.count else { return nil }
        for index in 0..<counts.kinds {
            let start = types + index * 6
            let begin = letters + Int(bytes[start + 5])
            guard begin < letters + counts.letters else { return nil }
            let text = bytes[begin..<(letters + counts.letters)].prefix { $0 != 0 }
            kinds.append(
                Kind(
                    offset: Int(Int32(truncatingIfNeeded: ZoneFile.integer(bytes, start, 4))),
                    letters: String(decoding: text, as: UTF8.self)))
        }
        for index in 0..<counts.changes {
            let kind = Int(bytes[indices + index])
            guard kind < kinds.count else { return nil }
            changes.append((ZoneFile.integer(bytes, times + index * 8, 8), kind))
        }
        if kinds.isEmpty { return nil }
    }

    /// Behind the last change a rule counts, of which the offset alone is known: the letters that
    /// went with it last.
    func letters(at seconds: Int64, offset: Int) -> String? {
        let current = changes.last { $0.from <= seconds }.map(\.kind) ?? 0
        if kinds[current].offset == offset { return kinds[current].letters }
        let latest = changes.last { kinds[$0.kind].offset == offset }.map(\.kind)
        return latest.map { kinds[$0].letters } ?? kinds.last { $0.offset == offset }?.letters
    }

    private struct Counts {
        let utc, standard, leaps, changes, kinds, letters: Int
    }

    private static func counts(_ bytes: [UInt8], at start: Int) -> Counts? {
        guard start + headerLength <= bytes.count,
            bytes[start..<(start + 4)].elementsEqual("TZif".utf8), bytes[start + 4] >= 0x32
        else { return nil }
        // No file of a megabyte has more of anything.
        let counts = (0..<6).map { integer(bytes, start + 20 + $0 * 4, 4) }
        guard counts.allSatisfy({ (0...(1 << 20)).contains($0) }) else { return nil }
        let all = counts.map { Int($0) }
        return Counts(
            utc: all[0], standard: all[1], leaps: all[2], changes: all[3], kinds: all[4],
            letters: all[5])
    }

    private static func integer(_ bytes: [UInt8], _ start: Int, _ length: Int) -> Int64 {
        bytes[start..<(start + length)].reduce(0) { $0 << 8 | Int64($1) }
    }
}
