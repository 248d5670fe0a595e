/// What many times came to.
struct Spread {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    var count: Int { sorted.count }
    var mean: Double { sorted.reduce(0, +) / Double(sorted.count) }
    var max: Double { sorted.last ?? .nan }

    /// The value that this part of all does not exceed.
    func quantile(_ part: Double) -> Double {
        if sorted.isEmpty { return .nan }
        let position = (part * Double(sorted.count)).rounded(.up)
        return sorted[min(Swift.max(Int(position) - 1, 0), sorted.count - 1)]
    }
}
