import Model

/// What a target's last exposition looked like: its lines in order, and which series each was.
///
/// The sink numbers the series, and the table finds the number by what the line begins with. It keeps 16
/// bytes for each line, however long the line is: a keyed hash, the length, and the number. Lines of the
/// same hash and length are taken for the same; `LineHash` says how improbable an error is.
///
/// A reader asks `series(_:)` for the number of each sample's series, reports what is new with `learn`, and
/// ends with `end(isWhole:)`. While the lines come in last time's order nothing is written, searched or
/// allocated. The first line that does not makes an index, which is gone when the reading ends.
public struct LineTable: Sendable {
    /// A line of the last exposition.
    struct Line: Sendable {
        /// Of its series; of a comment, of the whole line.
        let key: LineKey
        /// The number of its series; below 0 for a comment.
        private let meaning: Int32

        /// A line with a sample; nil where no exposition has so many series.
        init?(_ key: LineKey, series: Int) {
            guard let meaning = Int32(exactly: series), meaning >= 0 else { return nil }
            self.key = key
            self.meaning = meaning
        }

        /// A comment, and what it said where it is a `TYPE` line.
        init(comment key: LineKey, type: MetricType?) {
            self.key = key
            let place = type.flatMap { Line.types.firstIndex(of: $0) }
            meaning = Int32(-1 - (place.map { $0 + 1 } ?? 0))
        }

        /// The number of its series; nil for a comment.
        @inline(__always) var series: Int? { meaning < 0 ? nil : Int(meaning) }

        /// What a `TYPE` line said.
        var type: MetricType? { meaning < -1 ? Line.types[Int(-meaning) - 2] : nil }

        private static let types = MetricType.allCases
    }

    /// The last exposition's lines, and behind them series that are known and were not in it.
    private(set) var lines: [Line] = []
    /// The line that should come next in the reading under way.
    private(set) var next = 0
    /// What was read, from the first line that was not the expected one.
    private var read: [Line]?
    private var hasNewComments = false
    private var index: LineIndex?

    /// Of a target that has not been read yet.
    public init() {}

    /// How many lines are kept, at 16 bytes each.
    public var count: Int { lines.count }

    // MARK: A reading

    /// The lines up to that place were read, just as they stand.
    mutating func advance(to place: Int) {
        read?.append(contentsOf: lines[next..<place])
        next = place
    }

    /// The number of the series that was read now, by its key; nil where it is not known.
    mutating func series(_ key: LineKey) -> Int? {
        if next < lines.count, lines[next].key == key, let series = lines[next].series {
            advance(to: next + 1)
            return series
        }
        let index = self.index ?? LineIndex(lines)
        self.index = index
        guard let place = index.place(of: key, in: lines) else { return nil }
        noteOtherOrder()
        // Lines may have come or gone: go on where this one stood.
        next = place
        advance(to: place + 1)
        return lines[place].series
    }

    /// The series that was read now has that number from here on.
    mutating func learn(_ key: LineKey, series number: Int) {
        guard let line = Line(key, series: number) else { return }
        noteOtherOrder()
        read?.append(line)
        lines.append(line)
        index?.appended(to: lines)
    }

    /// A comment was read now which is none of those expected.
    mutating func learn(comment key: LineKey, type: MetricType?) {
        noteOtherOrder()
        read?.append(Line(comment: key, type: type))
        hasNewComments = true
    }

    /// The reading is over. Where it was whole the next one is compared with it; else with the one
    /// before. Series stay known in either case, until `renumber` says otherwise.
    mutating func end(isWhole: Bool) {
        if isWhole, next < lines.count { noteOtherOrder() }
        if let read {
            lines = isWhole ? LineTable.joined(read, lines) : LineTable.packed(lines)
        }
        if !isWhole, hasNewComments { forgetComments() }
        next = 0
        read = nil
        index = nil
        hasNewComments = false
    }

    private mutating func noteOtherOrder() {
        if read == nil { read = Array(lines[..<next]) }
    }

    /// The lines, and behind them those of the others whose series are not among them. Sinks number their
    /// series from 0 on, so a list by number is no longer than the lines.
    private static func joined(_ lines: [Line], _ others: [Line]) -> [Line] {
        let most = (lines + others).lazy.compactMap(\.series).max() ?? -1
        var isThere = [Bool](repeating: false, count: most + 1)
        for case let series? in lines.lazy.map(\.series) { isThere[series] = true }
        return packed(lines + others.filter { line in line.series.map { !isThere[$0] } ?? false })
    }

    /// The lines with no room for more.
    private static func packed(_ lines: [Line]) -> [Line] {
        var packed: [Line] = []
        packed.reserveCapacity(lines.count)
        packed.append(contentsOf: lines)
        return packed
    }

    // MARK: Between readings

    /// The next exposition's comments are all told to the sink; series are still known.
    public mutating func forgetComments() {
        lines = LineTable.packed(lines.filter { $0.series != nil })
    }

    /// Series have other numbers now: `numbers[old]` is the new one, or negative where it is forgotten.
    public mutating func renumber(_ numbers: [Int]) {
        lines = LineTable.packed(
            lines.compactMap { line in
                guard let series = line.series else { return line }
                return numbers.indices.contains(series)
                    ? Line(line.key, series: numbers[series]) : nil
            })
    }
}
