import Model

/// What a target's last exposition looked like: its lines in order, and which series each was.
///
/// The sink numbers the series; the table finds them again by the bytes that a line begins with.
public struct LineTable: Sendable {
    /// A line of the last exposition: the bytes it is known by, and its series, or -1 for a comment.
    struct Line: Sendable {
        var start: Int
        var length: Int
        var series: Int
        /// What a `TYPE` line said.
        var type: MetricType?
    }

    private(set) var body: [UInt8] = []
    private(set) var lines: [Line] = []
    private var spare: [Line] = []
    private var seriesOf: [[UInt8]: Int] = [:]
    /// Where each series stood last, by its number.
    private var placeOf: [Int] = []

    /// Of a target that has not been read yet.
    public init() {}

    /// The number of the series that begins with these bytes.
    func series(_ key: [UInt8]) -> Int? { seriesOf[key] }

    /// The line on which the series stood.
    func place(ofSeries number: Int) -> Int? {
        guard placeOf.indices.contains(number) else { return nil }
        let place = placeOf[number]
        return place < lines.count && lines[place].series == number ? place : nil
    }

    mutating func learn(_ key: [UInt8], series number: Int) { seriesOf[key] = number }

    /// An empty list for the lines of the exposition that is read now.
    mutating func takeSpare() -> [Line] {
        defer { spare = [] }
        spare.removeAll(keepingCapacity: true)
        return spare
    }

    /// The exposition was read whole: the next one is compared with it.
    mutating func replace(body: [UInt8], lines: [Line]) {
        self.body = body
        spare = self.lines
        self.lines = lines
        notePlaces()
    }

    private mutating func notePlaces() {
        for index in lines.indices where lines[index].series >= 0 {
            let number = lines[index].series
            while placeOf.count <= number { placeOf.append(0) }
            placeOf[number] = index
        }
    }

    /// The next exposition is read line by line, comments too; series are still known.
    public mutating func forgetLines() {
        body = []
        lines = []
    }

    /// Series have other numbers now: `numbers[old]` is the new one, or negative where it is forgotten.
    public mutating func renumber(_ numbers: [Int]) {
        seriesOf = seriesOf.compactMapValues { number in
            numbers.indices.contains(number) && numbers[number] >= 0 ? numbers[number] : nil
        }
        for index in lines.indices where lines[index].series >= 0 {
            let number = lines[index].series
            let moved = numbers.indices.contains(number) ? numbers[number] : -1
            lines[index].series = moved
            // A line without a series must be read again: nothing begins as it does.
            if moved < 0 { lines[index].length = .max }
        }
        placeOf = []
        notePlaces()
    }
}
