import Model

/// Functions that order a vector; of meaning at the root of an instant query only.
let sortFunctions: [String: FunctionImplementation] = [
    "sort": .custom { call throws(QueryError) in
        Sorting(try call.argument(0)) { a, b in a.value < b.value }
    },
    "sort_desc": .custom { call throws(QueryError) in
        Sorting(try call.argument(0)) { a, b in a.value > b.value }
    },
]

/// A present slot of a vector that is being sorted.
struct SortItem {
    var value: Double
    var labels: Labels
    var slot: Int
}

/// `sort(v)` and its like; where it is by value, NaN comes last whatever the order.
final class Sorting: Relabelling {
    private let isBefore: (SortItem, SortItem) -> Bool

    private let isByValue: Bool

    init(
        _ input: Operator, isByValue: Bool = true,
        _ isBefore: @escaping (SortItem, SortItem) -> Bool
    ) {
        self.isBefore = isBefore
        self.isByValue = isByValue
        super.init(input)
    }

    override func step(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        try fill { _, value throws(QueryError) in value }
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
