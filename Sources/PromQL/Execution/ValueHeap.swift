/// The k best of a stream. A binary heap with the worst of them on top; which of equal values stay
/// follows the sift order of Go's container/heap.
struct ValueHeap {
    struct Item {
        var slot: Int
        var value: Double
    }

    private(set) var items: [Item] = []
    private let largestFirst: Bool

    /// Keeps the smallest values where `largestFirst`, else the largest.
    init(largestFirst: Bool) { self.largestFirst = largestFirst }

    var isEmpty: Bool { items.isEmpty }

    mutating func removeAll() { items.removeAll(keepingCapacity: true) }

    private func isWorse(_ a: Double, _ b: Double) -> Bool {
        if a.isNaN { return true }
        return largestFirst ? a > b : a < b
    }

    private static func isBetter(_ a: Double, _ b: Double, _ largestFirst: Bool) -> Bool {
        if a.isNaN { return false }
        if b.isNaN { return true }
        return largestFirst ? a < b : a > b
    }

    mutating func offer(_ slot: Int, _ value: Double, limit: Int) {
        let item = Item(slot: slot, value: value)
        if items.count < limit {
            items.append(item)
            siftUp(items.count - 1)
            return
        }
        let worst = items[0].value
        guard ValueHeap.isBetter(value, worst, largestFirst) else { return }
        items[0] = item
        siftDown()
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            if !isWorse(items[child].value, items[parent].value) { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            if child >= items.count { return }
            if child + 1 < items.count, isWorse(items[child + 1].value, items[child].value) {
                child += 1
            }
            if !isWorse(items[child].value, items[parent].value) { return }
            items.swapAt(child, parent)
            parent = child
        }
    }

    /// Puts the best first, after which nothing can be offered until all are removed; an insertion sort
    /// of the heap's array, which is what Go sorts small slices with.
    mutating func sort() {
        if items.count > 12 {
            let largestFirst = largestFirst
            items.sort { ValueHeap.isBetter($0.value, $1.value, largestFirst) }
            return
        }
        for index in items.indices.dropFirst() {
            var place = index
            while place > 0, isWorse(items[place - 1].value, items[place].value) {
                items.swapAt(place, place - 1)
                place -= 1
            }
        }
    }
}
