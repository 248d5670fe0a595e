import Model
import Store

/// `info(v, {…})`: labels of info series added to other series.
let infoFunctions: [Function] = [
    Function(
        "info", [.vector, .vector], variadic: 1, isExperimental: true, traits: .selectsInfo,
        .custom { call throws(QueryError) in
            let source = InfoSource(call.call)
            return InfoFunction(
                try call.argument(0), source: source,
                infos: InstantSelector(
                    call.planner.select(source.selector),
                    look: try InfoSource.look(call.call.arguments[0], call.planner)))
        })
]

/// Which info series a call of `info` asks for.
struct InfoSource {
    /// The labels that tell which info series belongs to which other.
    static let identifying = ["instance", "job"]
    /// The info metric where a call names none.
    static let defaultName = "target_info"

    /// What the info series' names have to match for a series to count as one of them.
    let names: [Matcher]
    /// The conditions on other labels than the name.
    let data: [Matcher]
    /// All of them, with the default name where the call gives none.
    let selector: VectorSelector

    init(_ call: CallExpr) {
        var matchers: [Matcher] = []
        if call.arguments.count > 1,
            case .vectorSelector(let selector) = call.arguments[1].unwrapped.kind
        {
            matchers = selector.matchers
        }
        data = matchers.filter { !$0.name.bytesEqual(Labels.name) }
        names = Self.names(given: matchers.filter { $0.name.bytesEqual(Labels.name) })
        selector = VectorSelector(name: "", matchers: names + data)
    }

    /// Conditions on names that only exclude some leave everything that is called like an info metric.
    private static func names(given: [Matcher]) -> [Matcher] {
        if given.isEmpty { return [.equal(Labels.name, defaultName)] }
        if given.contains(where: { $0.kind == .equal || $0.kind == .matches }) { return given }
        guard let family = try? Matcher(.matches, Labels.name, ".+_info") else { return given }
        return [family] + given
    }

    /// Whether a series is an info series itself, to be left as it is.
    func isInfo(_ series: Labels) -> Bool {
        let name = series.metricName
        return names.allSatisfy { $0.matches(name) }
    }

    /// Whether a label of an info series is asked for.
    func wants(_ label: Label) -> Bool {
        if label.name.bytesEqual(Labels.name) { return false }
        return data.isEmpty || data.contains { $0.name.bytesEqual(label.name) }
    }

    /// Whether series without any info series stay.
    var keepsUnmatched: Bool { data.allSatisfy { $0.matches("") } }

    /// When the info series are looked at: as the first selector in `expr` looks at its own, subqueries
    /// around it counted.
    static func look(_ expr: Expr, _ planner: Planner) throws(QueryError) -> LookTime {
        guard let use = expr.firstSelector else { return LookTime(at: nil, offset: 0) }
        func length(_ offset: DurationExpr) throws(QueryError) -> Int64 {
            do throws(DurationExpr.EvaluationError) {
                return try offset.evaluated(step: planner.step, range: planner.range).value
            } catch {
                throw .execution(error.description)
            }
        }
        var at = use.selector.at
        var offset = try length(use.selector.offset)
        for enclosing in use.path.reversed() {
            // Below an `@` nothing around moves the time any more.
            guard at == nil, case .subquery(let subquery) = enclosing.kind else { continue }
            offset = offset.addingSaturating(try length(subquery.offset))
            at = subquery.at
        }
        return LookTime(at: at, offset: offset)
    }
}

/// `info(v, {…})`.
///
/// Which info series can belong to which series of the input is known by number from binding; a step
/// finds the newest present one of each kind. The label set of a combination is made when it first
/// occurs.
final class InfoFunction: OperatorOutput, Operator {
    private let input: any Operator
    private let infos: InstantSelector
    private let source: InfoSource
    private var inputFollower = SeriesFollower()
    private var infosFollower = SeriesFollower()
    private var seenRun = -1
    private var signatures = InfoSignatures()
    /// The newest info series of each signature in this step, or -1.
    private var newest: [Int] = []
    private var table = SlotTable()
    /// The output slot of an input slot with the info series that it is joined with, one per name.
    private var known: [Combination: Int] = [:]
    private var lastCombination: [Combination?] = []
    private var lastOutput: [Int] = []

    private struct Combination: Hashable {
        var slot: Int
        var infos: [Int]
    }

    init(_ input: any Operator, source: InfoSource, infos: InstantSelector) {
        self.input = input
        self.source = source
        self.infos = infos
    }

    func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try input.step(at: time, run)
        try infos.step(at: time, run)
        try bind(run)
        clear()
        if input.presentCount == 0 { return }
        signatures.mark(present: input.values)
        try findNewest()
        let keepsUnmatched = source.keepsUnmatched
        var matched = [Int](repeating: -1, count: signatures.nameCount)
        let values = input.values
        for slot in values.indices where !SampleValue.isStale(values[slot]) {
            var isMatched = false
            for name in matched.indices {
                let signature = signatures.ofInput(slot, name)
                matched[name] = signature < 0 ? -1 : newest[signature]
                isMatched = isMatched || matched[name] >= 0
            }
            if !isMatched, !keepsUnmatched, !signatures.isInfo[slot] { continue }
            let out = try output(slot, matched, run)
            if !SampleValue.isStale(self.values[out]) { throw .sameLabels }
            copy(slot, of: input, to: out)
        }
    }

    private func bind(_ run: Run) throws(QueryError) {
        let isNewRun = run.id != seenRun
        seenRun = run.id
        if inputFollower.change(to: input.version) == .none,
            infosFollower.change(to: infos.version) == .none
        {
            return
        }
        if isNewRun {
            table = SlotTable()
            known = [:]
            lastCombination = []
            lastOutput = []
            removeSeries()
            rebuilt()
        }
        try signatures.bind(input: input.labels, infos: infos.labels, source, run)
        newest = [Int](repeating: -1, count: signatures.count)
        // Within a run the input only gains slots.
        let added = max(0, input.labels.count - lastCombination.count)
        lastCombination += [Combination?](repeating: nil, count: added)
        lastOutput += [Int](repeating: 0, count: added)
        inputFollower.follow(input.version)
        infosFollower.follow(infos.version)
    }

    /// Finds the newest info series of each signature. Two of the same time are an error, which one
    /// means is unknown.
    private func findNewest() throws(QueryError) {
        for signature in newest.indices { newest[signature] = -1 }
        let (values, times) = (infos.values, infos.timestamps)
        for slot in values.indices where !SampleValue.isStale(values[slot]) {
            if !signatures.isWanted(slot) { continue }
            if SampleValue.isHistogram(values[slot]) {
                throw .execution("info sample should be float")
            }
            let signature = signatures.ofInfo[slot]
            let rival = newest[signature]
            if rival < 0 || times[rival] < times[slot] {
                newest[signature] = slot
            } else if times[rival] == times[slot] {
                throw .execution(
                    "found duplicate series for info metric: existing "
                        + "\(infos.labels[rival].metricDescription) @ \(times[rival]), new "
                        + "\(infos.labels[slot].metricDescription) @ \(times[slot])")
            }
        }
    }

    private func output(
        _ slot: Int, _ matched: [Int], _ run: Run
    ) throws(QueryError) -> Int {
        if let last = lastCombination[slot], last.infos == matched { return lastOutput[slot] }
        let combination = Combination(slot: slot, infos: matched)
        let out: Int
        if let made = known[combination] {
            out = made
        } else {
            try run.checkTime()
            try run.memory.take(
                MemoryCost.tableEntry + MemoryCost.buffer
                    + matched.count * MemoryLayout<Int>.stride)
            let series = try enriched(input.labels[slot], matched)
            out = table.slot(series, dropsName: input.dropsName[slot])
            if out == labels.count {
                try addSeriesInStep(series, dropsName: input.dropsName[slot], run)
            }
            known[combination] = out
        }
        lastCombination[slot] = combination
        lastOutput[slot] = out
        return out
    }

    /// A series with the labels of its info series that are asked for and that it has not.
    private func enriched(_ series: Labels, _ matched: [Int]) throws(QueryError) -> Labels {
        var added: [Label] = []
        for info in matched where info >= 0 {
            for label in infos.labels[info].sorted where source.wants(label) {
                if let other = added.first(where: { $0.name.bytesEqual(label.name) }) {
                    if other.value.bytesEqual(label.value) { continue }
                    throw .execution("conflicting label: \(label.name)")
                }
                if series[label.name] == nil { added.append(label) }
            }
        }
        return added.isEmpty ? series : Labels(series.sorted + added)
    }
}

/// By which numbers series and info series find each other: a signature is the name of an info metric
/// with the identifying labels of a series.
struct InfoSignatures {
    /// How many signatures there are.
    private(set) var count = 0
    /// How many names of info metrics there are.
    private(set) var nameCount = 0
    /// The signature of each info series.
    private(set) var ofInfo: [Int] = []
    /// Which input series are info series themselves.
    private(set) var isInfo: [Bool] = []
    /// Per input slot and name its signature, or -1.
    private var inputSignatures: [Int] = []
    /// Per identifying label, the number of each input slot's value, or -1 where it has none; and that
    /// of each info series' value, or -1 where no input series has it.
    private var inputValues: [[Int]] = []
    private var infoValues: [[Int]] = []
    /// Per identifying label, which of the values are there in this step.
    private var isPresent: [[Bool]] = []
    private var hasValues: [Bool] = []
    private var countedBytes = CountedBytes()

    /// What a series takes, and what it takes in a table by some of its labels.
    private static let slotBytes = 48
    private static let labelBytes = 256

    /// The signature of an input series with an info metric's name; -1 where no info series has it.
    func ofInput(_ slot: Int, _ name: Int) -> Int { inputSignatures[slot * nameCount + name] }

    mutating func bind(
        input: [Labels], infos: [Labels], _ source: InfoSource, _ run: Run
    ) throws(QueryError) {
        // Per series its numbers for two labels; per info series the two tables it is found in as well.
        let own =
            input.count * (Self.slotBytes + Self.labelBytes)
            + infos.count * (Self.slotBytes + 2 * Self.labelBytes)
        try countedBytes.become(own, run)
        var names: [Labels: Int] = [:]
        var numbers: [Labels: Int] = [:]
        var nameLabels: [Labels] = []
        ofInfo = []
        for series in infos {
            try run.checkTime()
            let name = series.keeping([Labels.name])
            if names[name] == nil {
                names[name] = nameLabels.count
                nameLabels.append(name)
            }
            let key = series.keeping([Labels.name] + InfoSource.identifying)
            let number = numbers[key] ?? numbers.count
            numbers[key] = number
            ofInfo.append(number)
        }
        count = numbers.count
        nameCount = nameLabels.count
        isInfo = input.map(source.isInfo)
        inputSignatures = []
        try countedBytes.become(own + input.count * nameCount * MemoryLayout<Int>.stride, run)
        inputSignatures.reserveCapacity(input.count * nameCount)
        for (slot, series) in input.enumerated() {
            let identity = series.keeping(InfoSource.identifying)
            for name in nameLabels {
                try run.checkTime()
                inputSignatures.append(
                    isInfo[slot] ? -1 : numbers[name.merging(identity)] ?? -1)
            }
        }
        bindValues(input, infos)
    }

    private mutating func bindValues(_ input: [Labels], _ infos: [Labels]) {
        inputValues = []
        infoValues = []
        isPresent = []
        for label in InfoSource.identifying {
            var numbers: [Labels: Int] = [:]
            inputValues.append(
                input.enumerated().map { slot, series in
                    let value = series.keeping([label])
                    if isInfo[slot] || value.isEmpty { return -1 }
                    let number = numbers[value] ?? numbers.count
                    numbers[value] = number
                    return number
                })
            infoValues.append(infos.map { numbers[$0.keeping([label])] ?? -1 })
            isPresent.append([Bool](repeating: false, count: numbers.count))
        }
        hasValues = [Bool](repeating: false, count: InfoSource.identifying.count)
    }

    /// Notes which values of the identifying labels the present series have.
    mutating func mark(present values: [Double]) {
        for label in isPresent.indices {
            for value in isPresent[label].indices { isPresent[label][value] = false }
            hasValues[label] = false
            for slot in values.indices where !SampleValue.isStale(values[slot]) {
                let value = inputValues[label][slot]
                if value < 0 { continue }
                isPresent[label][value] = true
                hasValues[label] = true
            }
        }
    }

    /// Whether an info series would be fetched: each identifying label that any series has must be
    /// one of theirs.
    func isWanted(_ info: Int) -> Bool {
        var isAny = false
        for label in hasValues.indices where hasValues[label] {
            isAny = true
            let value = infoValues[label][info]
            if value < 0 || !isPresent[label][value] { return false }
        }
        return isAny
    }
}
