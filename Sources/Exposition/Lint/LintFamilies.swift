import Model

/// A metric family as the linter sees it.
struct LintFamily {
    let name: String
    var type: MetricType?
    var help: String?
    /// The labels of each metric, in the order exposed; those of a histogram's buckets and of a
    /// summary's quantiles are one metric.
    var metrics: [[Label]] = []
    fileprivate var known: Set<Labels> = []

    init(name: String) { self.name = name }

    /// The label that tells the series of one metric apart.
    private var boundary: String? {
        switch type {
        case .histogram, .gaugehistogram: "le"
        case .summary: "quantile"
        default: nil
        }
    }

    mutating func add(_ labels: [Label]) {
        guard let boundary else {
            metrics.append(labels)
            return
        }
        let own = labels.filter { $0.name != boundary }
        if known.insert(Labels(own)).inserted { metrics.append(own) }
    }
}

/// The metric families of an exposition, in its order.
struct LintFamilies {
    private(set) var all: [LintFamily] = []
    private var places: [String: Int] = [:]

    /// Changes the family of that name, which is made where there is none.
    mutating func change<Failure: Error>(
        _ name: String, _ body: (inout LintFamily) throws(Failure) -> Void
    ) throws(Failure) {
        if places[name] == nil {
            places[name] = all.count
            all.append(LintFamily(name: name))
        }
        guard let place = places[name] else { return }
        try body(&all[place])
    }

    /// Adds a series of the text format. One whose family has no type yet is of none from here on.
    mutating func add(series exposed: [Label]) {
        guard let name = exposed.first(where: { $0.name == Labels.name })?.value else { return }
        change(family(ofSeries: name)) { family in
            family.type = family.type ?? .untyped
            family.add(exposed.filter { $0.name != Labels.name })
        }
    }

    /// As there, a family of the series' own name comes first.
    private func family(ofSeries name: String) -> String {
        if places[name] != nil { return name }
        for (suffix, types) in MetricFamilyName.suffixesOfText where name.hasSuffix(suffix) {
            let family = String(name.dropLast(suffix.count))
            if let place = places[family], let type = all[place].type, types.contains(type) {
                return family
            }
        }
        return name
    }
}
