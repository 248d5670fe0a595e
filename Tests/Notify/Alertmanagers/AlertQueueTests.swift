import Model
import Notify
import Testing

struct AlertQueueTests {
    private func alerts(_ range: Range<Int>) -> [Alert] {
        range.map {
            Alert(
                labels: Labels(["alertname": "A", "n": "\($0)"]),
                startsAt: Timestamp(milliseconds: 0), updatedAt: Timestamp(milliseconds: 0))
        }
    }

    private func numbers(_ alerts: [Alert]) -> [Int] {
        alerts.compactMap { Int($0.labels.value("n")) }
    }

    @Test func aBatchAtATimeInOrder() {
        var queue = AlertQueue()
        #expect(queue.add(alerts(0..<300)) == 0)
        #expect(numbers(queue.take()) == Array(0..<AlertQueue.batchSize))
        // One is under way.
        #expect(queue.take().isEmpty)
        #expect(queue.add(alerts(300..<301)) == 0)
        queue.finish(succeeded: true)
        #expect(numbers(queue.take()) == Array(AlertQueue.batchSize..<301))
        #expect(!queue.isIdle && queue.count == 0)
        queue.finish(succeeded: false)
        #expect(queue.isIdle)
        #expect(queue.counters.sent == AlertQueue.batchSize)
        #expect(queue.counters.failed == 301 - AlertQueue.batchSize)
        #expect(queue.counters.dropped == 301 - AlertQueue.batchSize)
    }

    @Test func withoutRoomTheOldestGo() {
        var queue = AlertQueue()
        #expect(queue.add(alerts(0..<AlertQueue.capacity)) == 0)
        #expect(queue.add(alerts(20_000..<20_003)) == 3)
        #expect(numbers(queue.take()).first == 3)
        queue.finish(succeeded: true)
        // More than there is room for at once.
        #expect(queue.add(alerts(0..<(AlertQueue.capacity + 1))) > AlertQueue.capacity / 2)
        #expect(queue.count == AlertQueue.capacity)
        #expect(numbers(queue.take()).first == 1)
    }
}
