import Model

/// Functions that order a vector by its labels, numbers within them by their size.
let labelSortFunctions: [Function] = [
    Function(
        "sort_by_label", [.vector, .string], variadic: -1, isExperimental: true,
        .custom { call throws(QueryError) in
            try LabelSorting(call, isDescending: false)
        }),
    Function(
        "sort_by_label_desc", [.vector, .string], variadic: -1, isExperimental: true,
        .custom { call throws(QueryError) in
            try LabelSorting(call, isDescending: true)
        }),
]

/// `sort_by_label(v, names…)`: by the named labels, then by all of them.
final class LabelSorting: Relabelling, Operator {
    private let names: [String]
    private let isDescending: Bool
    private let rangeWarning: Annotation?
    private var sorted: [Int] = []
    private var follower = SeriesFollower()
    private var countedOrder = CountedBytes()

    init(_ call: FunctionCall, isDescending: Bool) throws(QueryError) {
        var names: [String] = []
        for index in call.call.arguments.indices.dropFirst() {
            names.append(try call.string(index))
        }
        self.names = names
        self.isDescending = isDescending
        rangeWarning = call.rangeSortWarning
        super.init(try call.argument(0))
    }

    func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        try fillUnchanged()
        if let rangeWarning { run.annotate(rangeWarning) }
        if follower.change(to: version) != .none {
            try countedOrder.become(2 * labels.count * MemoryLayout<Int>.stride, run)
            // The order depends on labels alone, so it changes only when they do.
            sorted = labels.indices.sorted { isBefore(labels[$0], labels[$1]) }
            follower.follow(version)
        }
        order = sorted.filter { !SampleValue.isStale(values[$0]) }
    }

    private func isBefore(_ a: Labels, _ b: Labels) -> Bool {
        for name in names {
            let (left, right) = (a.value(name), b.value(name))
            if left.bytesEqual(right) { continue }
            return NaturalOrder.isBefore(left, right) != isDescending
        }
        return isDescending ? b < a : a < b
    }
}

/// The order of texts with numbers in them: `a2` before `a10`.
enum NaturalOrder {
    static func isBefore(_ a: String, _ b: String) -> Bool {
        let left = chunks(Array(a.utf8))
        let right = chunks(Array(b.utf8))
        for index in left.indices {
            if index >= right.count { return false }
            let (x, y) = (left[index], right[index])
            if let m = number(x), let n = number(y), m != n { return m < n }
            if number(x) == nil || number(y) == nil, x != y {
                return x.lexicographicallyPrecedes(y)
            }
            // Equal so far: the one that ends here comes first.
            if index == left.count - 1 { return true }
            if index == right.count - 1 { return false }
        }
        return false
    }

    /// Runs of digits and runs of anything else.
    private static func chunks(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var chunks: [ArraySlice<UInt8>] = []
        var start = 0
        for index in text.indices.dropFirst()
        where text[index].isASCIIDigit != text[index - 1].isASCIIDigit {
            chunks.append(text[start..<index])
            start = index
        }
        if start < text.count { chunks.append(text[start...]) }
        return chunks
    }

    /// Nil where it is none, or too large.
    private static func number(_ chunk: ArraySlice<UInt8>) -> Int64? {
        guard chunk.first?.isASCIIDigit == true else { return nil }
        return Int64(String(decoding: chunk, as: UTF8.self))
    }
}
