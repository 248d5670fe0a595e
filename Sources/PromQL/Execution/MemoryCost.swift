import Model

/// What things take, in bytes: estimates that are rather too high than too low.
enum MemoryCost {
    /// An array's header, and what its allocation is rounded up by.
    static let buffer = 48
    /// An entry of a table by labels, at the load that it has on average.
    static let tableEntry = 64
    /// A slot of a node: labels, mark, value, where it goes, and its entry in a table.
    static let slot = 48 + tableEntry

    /// A slot whose labels are another's.
    static let sharedSlot = 48
    /// A node of a plan, and the expression that it is made of, without their series.
    static let node = 1024
    /// What a character of a query may become in a tree of expressions.
    static let character = 96

    /// A label set that is made, with texts that exist already.
    static func labels(_ labels: Labels) -> Int {
        buffer + labels.count * MemoryLayout<Label>.stride
    }

    /// A text that is made.
    static func text(_ bytes: Int) -> Int { bytes < 16 ? 0 : buffer + bytes }
}

/// What something takes that is made anew with another size: only the difference is reserved.
struct CountedBytes {
    private var run = -1
    private var bytes = 0

    /// Reserves what is missing, or gives back what is too much. What an earlier run took is its own affair.
    mutating func become(_ size: Int, _ run: Run) throws(QueryError) {
        let counted = self.run == run.id ? bytes : 0
        if size > counted {
            try run.memory.take(size - counted)
        } else {
            run.memory.give(counted - size)
        }
        self.run = run.id
        bytes = size
    }
}

extension FloatHistogram {
    /// What it takes where it shares nothing.
    var byteCount: Int {
        let buckets = positiveBuckets.count + negativeBuckets.count
        let spans = positiveSpans.count + negativeSpans.count
        return MemoryLayout<FloatHistogram?>.stride + 4 * MemoryCost.buffer + 8 * (buckets + spans)
    }
}
