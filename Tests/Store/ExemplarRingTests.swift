import Model
import Store
import Testing

private let series = Labels(["__name__": "a", "job": "x"])

private func exemplar(
    _ id: String, _ value: Double, at time: Int64, hasTime: Bool = true
) -> Exemplar {
    Exemplar(
        labels: Labels(["id": id]), value: value, time: Timestamp(milliseconds: time),
        hasTime: hasTime)
}

extension ExemplarRing {
    /// The IDs of all exemplars, by series.
    fileprivate var ids: [[String]] {
        select([[]], from: .distantPast, through: .distantFuture)
            .map { $0.exemplars.map { $0.labels["id"] ?? "" } }
    }
}

@Suite("Exemplars in the ring") struct ExemplarRingTests {
    private func ring(_ capacity: Int) -> ExemplarRing {
        let ring = Store().exemplars
        ring.resize(to: capacity)
        return ring
    }

    @Test func withoutCapacityNoneIsTaken() {
        let ring = Store().exemplars
        #expect(ring.capacity == 0)
        #expect(ring.add(exemplar("1", 1, at: 1), of: series) == .disabled)
        #expect(ring.ids.isEmpty)
    }

    @Test func theOldestGivesWay() {
        let ring = ring(3)
        let other = Labels(["__name__": "b"])
        #expect(ring.add(exemplar("1", 1, at: 1), of: other) == .stored)
        for id in 2...4 { ring.add(exemplar("\(id)", 1, at: Int64(id)), of: series) }
        // The only one of the other series is gone, and the series with it.
        #expect(ring.ids == [["2", "3", "4"]] && ring.count == 3)
        for id in 5...9 { ring.add(exemplar("\(id)", 1, at: Int64(id)), of: series) }
        #expect(ring.ids == [["7", "8", "9"]])
        ring.add(exemplar("10", 1, at: 0), of: other)
        #expect(ring.ids == [["8", "9"], ["10"]])
    }

    @Test func aRingOfOneHoldsTheNewest() {
        let ring = ring(1)
        for id in 1...3 { ring.add(exemplar("\(id)", 1, at: Int64(id)), of: series) }
        #expect(ring.ids == [["3"]])
    }

    @Test func theNewestAgainIsNotTaken() {
        let ring = ring(10)
        ring.add(exemplar("1", 1, at: 5), of: series)
        #expect(ring.add(exemplar("1", 1, at: 5), of: series) == .repeated)
        #expect(ring.add(exemplar("1", 1, at: 6), of: series) == .stored)
        ring.add(exemplar("2", 1, at: 7, hasTime: false), of: series)
        // Scraped again without a time of its own: the time of the scrape means nothing.
        #expect(ring.add(exemplar("2", 1, at: 8, hasTime: false), of: series) == .repeated)
        #expect(ring.add(exemplar("2", 2, at: 8, hasTime: false), of: series) == .stored)
        #expect(ring.add(exemplar("2", .nan, at: 9), of: series) == .stored)
        #expect(ring.add(exemplar("2", .nan, at: 9), of: series) == .repeated)
    }

    @Test func whatIsOlderIsNotTaken() {
        let ring = ring(10)
        ring.add(exemplar("5", 2, at: 5), of: series)
        #expect(ring.add(exemplar("5", 2, at: 4), of: series) == .outOfOrder)
        #expect(ring.add(exemplar("5", 1, at: 5), of: series) == .outOfOrder)
        #expect(ring.add(exemplar("5", 3, at: 5), of: series) == .stored)
        #expect(ring.add(exemplar("5", 2, at: 4), of: Labels(["__name__": "b"])) == .stored)
    }

    @Test(arguments: ["x", "é"])
    func labelsHave128CharactersAtMost(character: String) {
        let ring = ring(10)
        func add(_ length: Int) -> ExemplarRing.Outcome {
            ring.add(exemplar(String(repeating: character, count: length), 1, at: 1), of: series)
        }
        #expect(add(127) == .tooLong)
        #expect(add(126) == .stored)
    }

    @Test func resizingKeepsTheNewest() {
        let ring = ring(4)
        for id in 1...6 { ring.add(exemplar("\(id)", 1, at: Int64(id)), of: series) }
        ring.resize(to: 6)
        #expect(ring.ids == [["3", "4", "5", "6"]])
        ring.resize(to: 2)
        #expect(ring.ids == [["5", "6"]])
        ring.add(exemplar("7", 1, at: 7), of: series)
        #expect(ring.ids == [["6", "7"]])
        ring.resize(to: -1)
        #expect(ring.ids.isEmpty && ring.capacity == 0)
    }

    @Test func selectsByTimeAndMatchers() throws {
        let ring = ring(10)
        for id in 1...4 { ring.add(exemplar("\(id)", 1, at: Int64(id)), of: series) }
        ring.add(exemplar("9", 1, at: 9), of: Labels(["__name__": "b"]))
        func ids(_ sets: [[Matcher]], _ start: Int64, _ end: Int64) -> [[String]] {
            ring.select(
                sets, from: Timestamp(milliseconds: start), through: Timestamp(milliseconds: end)
            ).map { $0.exemplars.map { $0.labels["id"] ?? "" } }
        }
        let a = try [Matcher(.equal, "__name__", "a"), Matcher(.equal, "job", "x")]
        let b = try [Matcher(.equal, "__name__", "b")]
        #expect(ids([a], 2, 3) == [["2", "3"]])
        #expect(ids([a], 5, 9) == [] && ids([a], -1, 0) == [])
        #expect(ids([b, a], 4, 9) == [["4"], ["9"]])
        #expect(ids([], 0, 9) == [])
    }
}
