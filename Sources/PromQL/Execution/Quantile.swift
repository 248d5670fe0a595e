import Model

/// Quantiles of plain numbers.
enum Quantile {
    /// The φ-quantile by linear interpolation between ranks; NaN is the least of values. Leaves
    /// `values` in another order, takes no memory and, mostly, time in proportion to their number.
    static func of(_ values: inout [Double], _ quantile: Double) -> Double {
        if values.isEmpty || quantile.isNaN { return SampleValue.nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        let rank = quantile * Double(values.count - 1)
        let lower = min(values.count - 1, Int(Int64(clamping: max(0, rank.rounded(.down)))))
        let weight = rank - rank.rounded(.down)
        var span = values.mutableSpan
        select(lower, &span)
        let least = span[lower]
        let next = lower + 1 == span.count ? least : leastValue(from: lower + 1, span)
        return least * (1 - weight) + next * weight
    }

    private static func isLess(_ a: Double, _ b: Double) -> Bool {
        a.isNaN ? !b.isNaN : a < b
    }

    /// As `isLess`, with an order of zeros too: what is selected depends on the values alone, not on
    /// where they were.
    @inline(__always)
    private static func precedes(_ a: Double, _ b: Double) -> Bool { key(a) < key(b) }

    @inline(__always)
    private static func key(_ value: Double) -> Int64 {
        let bits = Int64(bitPattern: value.bitPattern)
        return value.isNaN ? .min : bits ^ (bits >> 63 & .max)
    }

    /// So few values are sorted by insertion, as Go does, which leaves zeros as they stand.
    private static let few = 12

    /// Puts the value of rank `rank` where it would be if all were sorted, none greater before it and
    /// none less after it: Hoare's selection with medians of three, and a heap sort of what is left
    /// where the input is made to defeat that (Musser's introspective selection).
    private static func select(_ rank: Int, _ values: inout MutableSpan<Double>) {
        var (low, high) = (0, values.count)
        var turns = 2 * (Int.bitWidth - values.count.leadingZeroBitCount)
        if high <= few { return insertionSort(&values) }
        while high - low > 1 {
            if turns == 0 { return heapSort(&values, low, high) }
            turns -= 1
            let pivot = medianOfThree(values, low, high)
            var (left, right) = (low, high - 1)
            while left <= right {
                while precedes(values[left], pivot) { left += 1 }
                while precedes(pivot, values[right]) { right -= 1 }
                if left <= right {
                    swap(&values, left, right)
                    left += 1
                    right -= 1
                }
            }
            // All up to `right` are at most the pivot, all from `left` at least, any between equal.
            if rank <= right {
                high = right + 1
            } else if rank >= left {
                low = left
            } else {
                return
            }
        }
    }

    private static func leastValue(
        from start: Int, _ values: borrowing MutableSpan<Double>
    ) -> Double {
        var least = values[start]
        if values.count <= few { return least }
        for index in start..<values.count where precedes(values[index], least) {
            least = values[index]
        }
        return least
    }

    private static func medianOfThree(
        _ values: borrowing MutableSpan<Double>, _ low: Int, _ high: Int
    ) -> Double {
        let (a, b, c) = (values[low], values[low + (high - low) / 2], values[high - 1])
        if precedes(a, b) { return precedes(b, c) ? b : precedes(a, c) ? c : a }
        return precedes(a, c) ? a : precedes(b, c) ? c : b
    }

    private static func swap(_ values: inout MutableSpan<Double>, _ a: Int, _ b: Int) {
        let value = values[a]
        values[a] = values[b]
        values[b] = value
    }

    private static func insertionSort(_ values: inout MutableSpan<Double>) {
        for index in 1..<values.count {
            let value = values[index]
            var place = index
            while place > 0 && isLess(value, values[place - 1]) {
                values[place] = values[place - 1]
                place -= 1
            }
            values[place] = value
        }
    }

    private static func heapSort(_ values: inout MutableSpan<Double>, _ low: Int, _ high: Int) {
        func siftDown(_ start: Int, _ end: Int, _ values: inout MutableSpan<Double>) {
            var parent = start
            while true {
                var child = 2 * parent + 1
                if child >= end { return }
                if child + 1 < end && precedes(values[low + child], values[low + child + 1]) {
                    child += 1
                }
                if !precedes(values[low + parent], values[low + child]) { return }
                swap(&values, low + parent, low + child)
                parent = child
            }
        }
        let count = high - low
        for start in (0..<count / 2).reversed() { siftDown(start, count, &values) }
        for end in (1..<count).reversed() {
            swap(&values, low, low + end)
            siftDown(0, end, &values)
        }
    }
}
