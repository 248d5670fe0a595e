import Model
import Store
import Testing

/// Compares every read of every entry; returns how many entries had something to compare.
func compareReads(
    _ selection: SeriesSelection, _ naive: NaiveStore, at t: Int64, range: Int64, pin: Pin
) -> Int {
    var compared = 0
    var (values, timestamps) = ([Double](), [Int64]())
    selection.instant(
        at: Timestamp(milliseconds: t), lookback: .minutes(5), pin: pin, values: &values,
        timestamps: &timestamps)
    for (entry, labels) in selection.labels.enumerated() {
        let expected = naive.instant(labels, at: t, lookback: 300_000)
        let bits = (expected?.value ?? SampleValue.stale).bitPattern
        #expect(values[entry].bitPattern == bits, "\(labels) at \(t)")
        #expect(timestamps[entry] == expected?.time ?? 0)
        if expected != nil { compared += 1 }
    }
    let present = Set(selection.labels)
    for labels in naive.series.keys where !present.contains(labels) {
        #expect(naive.window(labels, from: t - range, through: t).isEmpty)
    }
    let (from, through) = (Timestamp(milliseconds: t - range), Timestamp(milliseconds: t))
    let windows = selection.labels.map { naive.window($0, from: t - range, through: t) }
    var seen: [Int] = []
    selection.forEachWindow(from: from, through: through, pin: pin) { entry, times, numbers in
        seen.append(entry)
        #expect(windows[entry].map(\.time) == times.indices.map { times[$0] })
        #expect(
            windows[entry].map(\.value.bitPattern)
                == numbers.indices.map { numbers[$0].bitPattern })
    }
    #expect(seen == windows.indices.filter { !windows[$0].isEmpty })
    for kernel in WindowKernel.allCases {
        selection.reduce(kernel, from: from, through: through, pin: pin, into: &values)
        for (entry, window) in windows.enumerated() {
            let expected = naiveKernel(
                kernel, window.map(\.time), window.map(\.value), from: t - range, through: t)
            #expect(
                sameResult(values[entry], expected),
                "\(kernel) of \(window): \(values[entry]) is not \(expected as Any)")
        }
    }
    return compared
}

/// Equal bits; one NaN is as good as another, but for the stale marker.
private func sameResult(_ result: Double, _ expected: Double?) -> Bool {
    guard let expected else { return SampleValue.isStale(result) }
    if SampleValue.isStale(result) { return false }
    return expected.isNaN ? result.isNaN : result.bitPattern == expected.bitPattern
}
