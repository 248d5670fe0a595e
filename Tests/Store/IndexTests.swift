import Model
import Store
import TestSupport
import Testing

@Suite struct IndexTests {
    private func randomLabels(_ random: inout SeededRandom) -> Labels {
        var pairs = ["__name__": "m\(Int.random(in: 0..<4, using: &random))"]
        for name in ["a", "b", "c"] where random.chance(0.7) {
            pairs[name] = "v\(Int.random(in: 0..<5, using: &random))"
        }
        return Labels(pairs)
    }

    private func randomMatchers(_ random: inout SeededRandom) throws -> [Matcher] {
        let kinds: [Matcher.Kind] = [.equal, .notEqual, .matches, .notMatches]
        let values = ["", "v1", "v2", "v1|v3", "v.*", ".*", ".+", "|v4"]
        return try (0..<Int.random(in: 0...3, using: &random)).map { _ in
            let name = ["__name__", "a", "b", "c", "d"].randomElement(using: &random) ?? "a"
            let value =
                name == "__name__"
                ? ["m1", "m2", "m1|m3"].randomElement(using: &random)
                : values.randomElement(using: &random)
            return try Matcher(
                kinds.randomElement(using: &random) ?? .equal, name, value ?? "")
        }
    }

    @Test(arguments: 0..<10)
    func selectionsFindWhatALookAtEverySeriesFinds(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) + 1000)
        let store = Store()
        let axis = store.openAxis("a")
        var all: Set<Labels> = []
        var live: [(matchers: [Matcher], selection: SeriesSelection)] = []
        var time: Int64 = 0
        for _ in 0..<30 {
            let fresh = (0..<10).map { _ in randomLabels(&random) }
            all.formUnion(fresh)
            let slots = fresh.map { axis.slot(for: $0) }
            var frame = [Double](repeating: SampleValue.stale, count: axis.slotCount)
            for slot in slots { frame[slot] = 1 }
            time += 1000
            axis.commit(at: Timestamp(milliseconds: time), values: frame)
            let matchers = try randomMatchers(&random)
            live.append((matchers, store.select(matchers)))
            for (matchers, selection) in live {
                let before = selection.labels
                let change = selection.refresh()
                let expected = all.filter { labels in matchers.allSatisfy { $0.matches(labels) } }
                #expect(Set(selection.labels) == expected)
                #expect(selection.count == expected.count)
                switch change {
                case .none: #expect(selection.labels == before)
                case .appended(let from):
                    #expect(from == before.count && Array(selection.labels[..<from]) == before)
                    #expect(selection.count > from)
                case .rebuilt: Issue.record("nothing was removed")
                }
                #expect(selection.refresh() == .none)
            }
        }
        #expect(store.seriesCount == all.count)
        #expect(store.series(matching: [[]]) == all.sorted())
        #expect(Set(store.labelNames()) == Set(all.flatMap { $0.sorted.map(\.name) }))
        #expect(Set(store.labelValues("a")) == Set(all.compactMap { $0["a"] }))
        #expect(
            Set(store.labelValues("a", matching: [[.equal("b", "v1")]]))
                == Set(all.filter { $0["b"] == "v1" }.compactMap { $0["a"] }))
    }

    @Test func labelsThatOnlyLookAlikeAreDifferentSeries() {
        let store = Store()
        let axis = store.openAxis("a")
        let composed = Labels(["n": "\u{e9}"])
        let decomposed = Labels(["n": "e\u{301}"])
        #expect(axis.slot(for: composed) != axis.slot(for: decomposed))
        axis.commit(at: Timestamp(milliseconds: 1), values: [1, 2])
        #expect(store.select([.equal("n", "\u{e9}")]).labels == [composed])
        #expect(store.labelValues("n").count == 2)
    }

    @Test func seriesOverTheLimitAreCountedAndLeftOut() {
        var options = StoreOptions()
        options.maximumSeries = 2
        let store = Store(options)
        let axis = store.openAxis("a")
        for number in 0..<3 { #expect(axis.slot(for: Labels(["n": "\(number)"])) == number) }
        #expect(axis.commit(at: Timestamp(milliseconds: 1), values: [1, 2, 3]))
        #expect(store.seriesCount == 2)
        #expect(store.statistics.refusedSeries > 0)
        #expect(store.series(matching: [[]]).count == 2)
    }
}
