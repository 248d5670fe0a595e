import Configuration
import Model

extension Located<String> {
    /// Where the byte at `offset` of the value stands. Exact with the file's `source` at hand, for
    /// plain, quoted and literal scalars without escapes; without it, as for a plain one.
    func place(ofByte offset: Int, in source: [UInt8]?) -> SourcePlace {
        var place = self.place
        if place.line == 0 { return place }
        let before = Array(value.utf8.prefix(max(0, offset)))
        let breaks = before.count { $0 == UInt8(ascii: "\n") }
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = String(decoding: before[start...], as: UTF8.self).count
        guard let source, let lines = Optional(source.split(byte: UInt8(ascii: "\n"))),
            place.line <= lines.count
        else {
            if breaks == 0 { place.column += column }
            return place
        }
        let line = String(decoding: lines[place.line - 1], as: UTF8.self)
        switch line.dropFirst(place.column - 1).first {
        case "\"", "'":
            if breaks == 0 { place.column += 1 + column }
        case "|":
            let at = place.line + breaks
            guard at < lines.count else { return place }
            let first = lines[place.line...].first { !$0.allSatisfy { $0 == 0x20 } } ?? []
            place.line = at + 1
            place.column = first.prefix { $0 == 0x20 }.count + column + 1
        case ">": break
        default:
            let at = place.line - 1 + breaks
            if breaks == 0 {
                place.column += column
            } else if at < lines.count, lines[at].starts(with: before[start...]) {
                // A text that is no YAML, and stands there as it is.
                place.line += breaks
                place.column = column + 1
            }
        }
        return place
    }
}

extension [UInt8] {
    fileprivate func split(byte: UInt8) -> [[UInt8]] {
        split(separator: byte, omittingEmptySubsequences: false).map(Array.init)
    }
}
