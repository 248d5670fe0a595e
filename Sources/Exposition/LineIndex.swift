/// Finds the lines of series by their keys: made for a reading that needs it, and gone after it.
///
/// It is a table of places with open addressing. The keys are hashes already, and secret ones, so an
/// exporter cannot make it slow.
struct LineIndex {
    /// A place and 1, or 0 where there is none. At least half of them are 0.
    private var slots: [UInt32] = []
    private var count = 0

    /// Of these lines.
    init(_ lines: [LineTable.Line]) { rebuild(lines) }

    /// Where the first line with that key stands.
    func place(of key: LineKey, in lines: [LineTable.Line]) -> Int? {
        let slot = slot(of: key, in: lines)
        return slots[slot] == 0 ? nil : Int(slots[slot]) - 1
    }

    /// The last of the lines is new.
    mutating func appended(to lines: [LineTable.Line]) {
        if 2 * (count + 1) > slots.count {
            rebuild(lines)
        } else {
            insert(lines.count - 1, lines)
        }
    }

    private mutating func rebuild(_ lines: [LineTable.Line]) {
        var size = 64
        while size < 3 * lines.count { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
        count = 0
        for place in lines.indices where lines[place].series != nil { insert(place, lines) }
    }

    private mutating func insert(_ place: Int, _ lines: [LineTable.Line]) {
        let slot = slot(of: lines[place].key, in: lines)
        guard slots[slot] == 0, let stored = UInt32(exactly: place + 1) else { return }
        slots[slot] = stored
        count += 1
    }

    /// The slot that holds the key, or the empty one where it belongs.
    private func slot(of key: LineKey, in lines: [LineTable.Line]) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: key.hash) & mask
        while slots[slot] != 0, lines[Int(slots[slot]) - 1].key != key { slot = (slot + 1) & mask }
        return slot
    }
}
