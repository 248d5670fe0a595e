import Model

/// Functions that order a vector; of meaning at the root of an instant query only.
let sortFunctions: [Function] = [
    Function(
        "sort", [.vector],
        .custom { call throws(QueryError) in
            try Sorting(call) { a, b in a.value < b.value }
        }),
    Function(
        "sort_desc", [.vector],
        .custom { call throws(QueryError) in
            try Sorting(call) { a, b in a.value > b.value }
        }),
]

/// A present slot of a vector that is being sorted.
struct SortItem {
    var value: Double
    var labels: Labels
    var slot: Int
}

/// `sort(v)` and its like; where it is by value, NaN comes last whatever the order.
final class Sorting: Relabelling, Operator {
    private let isBefore: (SortItem, SortItem) -> Bool

    private let isByValue: Bool

    /// Where to say that a range query's series have an order of their own.
    private let rangeWarning: Annotation?

    init(
        _ call: FunctionCall, isByValue: Bool = true,
        _ isBefore: @escaping (SortItem, SortItem) -> Bool
    ) throws(QueryError) {
        let input = try call.argument(0)
        self.isBefore = isBefore
        self.isByValue = isByValue
        rangeWarning = call.rangeSortWarning
        super.init(input)
    }

    func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        try fill { _, value throws(QueryError) in value }
        if let rangeWarning { run.annotate(rangeWarning) }
        let bytes = values.count * (2 * MemoryLayout<SortItem>.stride + 16)
        try run.memory.take(bytes)
        defer { run.memory.give(bytes) }
        let slots = order ?? Array(values.indices)
        let items = slots.filter { !SampleValue.isStale(values[$0]) }.map {
            SortItem(value: values[$0], labels: labels[$0], slot: $0)
        }
        order = items.sorted { a, b in
            if isByValue && a.value.isNaN { return false }
            if isByValue && b.value.isNaN { return true }
            return isBefore(a, b)
        }.map(\.slot)
    }
}

extension FunctionCall {
    /// What to say where a range query sorts: its series have an order of their own.
    var rangeSortWarning: Annotation? {
        planner.isRangeQuery
            ? .warning(
                "sort is ineffective for range queries since results are always ordered by labels",
                expr.range) : nil
    }
}
