import Model
import Store
import TestSupport
import Testing

/// Random histories, read as the naive store reads them.
@Suite struct ReadTests {
    @Test(arguments: 0..<10)
    func randomHistoriesReadAsTheNaiveStoreDoes(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        var options = StoreOptions()
        options.retention = .minutes(Int64.random(in: 0...20, using: &random))
        options.keepsEverything = seed % 5 == 0
        let store = Store(options)
        let range = Int64.random(in: 1...15, using: &random) * 60_000
        let claim = store.require(Milliseconds(range), of: [[.equal("__name__", "m")]])
        let selection = store.select([.equal("__name__", "m")])
        var naive = NaiveStore()
        let shared = seed % 3 == 0
        let targets = (0..<3).map { "target\($0)" }
        var alive = [String: Set<Labels>]()
        var time: Int64 = 1_700_000_000_000
        var compared = 0
        // More series than the first chunks are wide, and more frames than the first rings hold.
        let width = seed % 4 == 0 ? 700 : 40
        for step in 0..<(width > 100 ? 60 : 200) {
            for target in targets where !random.chance(0.1) {
                time += Int64.random(in: 1...12_000, using: &random)
                let axis = store.openAxis(target)
                var present: [Labels: Double] = [:]
                let known = min(width, 1 + step * width / 20)
                for number in 0..<known where !random.chance(0.1) {
                    if (number + step / 7) % 5 == 0 { continue }
                    var pairs = ["__name__": "m", "n": "\(number)"]
                    if !shared || number > 10 { pairs["target"] = target }
                    if shared && number <= 10
                        && (number + step / 9) % 3 != targets.firstIndex(of: target)
                    {
                        continue
                    }
                    present[Labels(pairs)] = value(&random, step: step)
                }
                if random.chance(0.05) { present = [:] }
                var frame = [Double](repeating: SampleValue.stale, count: axis.slotCount)
                for (labels, value) in present {
                    let slot = axis.slot(for: labels)
                    while frame.count <= slot { frame.append(SampleValue.stale) }
                    frame[slot] = value
                }
                #expect(axis.commit(at: Timestamp(milliseconds: time), values: frame))
                naive.write(present, at: time, alive: &alive[target, default: []])
                if random.chance(0.02) { store.closeAxis(axis) }
            }
            if step % 10 == 3 { store.sweep(at: Timestamp(milliseconds: time)) }
            if step % 10 == 9 {
                _ = selection.refresh()
                compared += compareReads(
                    selection, naive, at: time + Int64.random(in: -20_000...20_000, using: &random),
                    range: range, pin: store.pin())
            }
        }
        #expect(compared > 100)
        claim.release()
    }

    private func value(_ random: inout SeededRandom, step: Int) -> Double {
        switch Int.random(in: 0..<30, using: &random) {
        case 0: .nan
        case 1: .infinity
        case 2: 0
        case 3: -1.5
        default: Double(step) * 10 + Double.random(in: 0..<9, using: &random)
        }
    }
}
