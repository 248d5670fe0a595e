/// Makes up expressions that are well typed and find something.
struct ExpressionGenerator {
    /// What the expressions are about, and which of the language they may use.
    struct Vocabulary {
        var counters: [String]
        var gauges: [String]
        /// Metrics whose every series has the value 1 and labels of interest.
        var infos: [String]
        /// Names that end in `_bucket`.
        var histograms: [String]
        var labels: [(name: String, values: [String])]
        /// Times for `@`, in seconds.
        var moments: [Double]
        /// Windows, and steps of subqueries.
        var ranges = ["20s", "1m", "2m", "5m", "10m", "90s", "37s"]
        var steps = ["", "10s", "30s", "1m", "2m", "17s"]
        var offsets = ["15s", "1m", "5m", "-1m", "-5m", "7m13s", "1ms"]
        /// Functions of vectors, one number to one.
        var elementwise = ["abs", "ceil", "floor", "sqrt", "sgn", "round"]
        /// Functions of windows without a scalar.
        var windowed: [String]
        var operators = ["+", "-", "*", "/", "%", "atan2"]
        var takesK = ["topk", "bottomk", "limitk"]
        var allowsSmoothing = true
    }

    let words: Vocabulary
    var dice: Dice

    init(_ words: Vocabulary, seed: UInt64) {
        self.words = words
        dice = Dice(seed)
    }

    /// An expression for a range query or an instant one.
    mutating func expression() -> String {
        switch dice.below(20) {
        case 0: return scalar(3)
        case 1: return "sort\(dice.pick(["", "_desc"]))(\(vector(2)))"
        default: return vector(1 + dice.below(4))
        }
    }

    private var everything: [String] {
        words.counters + words.gauges + words.infos + words.histograms
    }

    // MARK: Selectors

    private mutating func matchers() -> [String] {
        var list: [String] = []
        for (name, values) in words.labels where dice.chance(80 / words.labels.count) {
            let value = dice.pick(values)
            switch dice.below(8) {
            case 0: list.append("\(name)!=\"\(value)\"")
            case 1: list.append("\(name)=~\"\(dice.pick(values))|\(value)\"")
            case 2: list.append("\(name)=~\".*\"")
            case 3: list.append("\(name)!~\"\(value)\"")
            case 4: list.append("\(name)=\"\"")
            case 5: list.append("\(name)=~\".+\"")
            default: list.append("\(name)=\"\(value)\"")
            }
        }
        return list
    }

    private mutating func selector(_ names: [String]) -> String {
        var conditions = matchers()
        if dice.chance(7) {
            let name = dice.pick(names)
            conditions.insert("__name__=~\"\(name)|\(dice.pick(everything))\"", at: 0)
            return "{\(conditions.joined(separator: ","))}"
        }
        let name = dice.chance(2) ? "nothing" : dice.pick(names)
        return conditions.isEmpty ? name : "\(name){\(conditions.joined(separator: ","))}"
    }

    private mutating func modifiers() -> String {
        var text = ""
        if dice.chance(12) {
            let moment = dice.pick(words.moments)
            text += dice.pick([" @ \(moment)", " @ start()", " @ end()"])
        }
        if dice.chance(15) { text += " offset \(dice.pick(words.offsets))" }
        return text
    }

    private mutating func window(_ names: [String], _ depth: Int) -> String {
        let range = dice.pick(words.ranges)
        if depth > 0 && dice.chance(25) {
            return "(\(vector(depth - 1)))[\(range):\(dice.pick(words.steps))]" + modifiers()
        }
        return "\(selector(names))[\(range)]" + modifiers()
    }

    // MARK: Scalars and vectors

    private mutating func number() -> String {
        dice.pick(["0", "1", "2", "0.5", "-1", "3", "100", "NaN", "Inf", "1e3", "0.1"])
    }

    mutating func scalar(_ depth: Int) -> String {
        if depth <= 0 { return number() }
        switch dice.below(10) {
        case 0: return "scalar(\(vector(depth - 1)))"
        case 1: return "time()"
        case 2:
            let op = dice.pick(words.operators + ["> bool", "== bool"])
            return "(\(scalar(depth - 1)) \(op) \(scalar(depth - 1)))"
        case 3: return "-(\(scalar(depth - 1)))"
        default: return number()
        }
    }

    mutating func vector(_ depth: Int) -> String {
        if depth <= 0 { return selector(everything) + modifiers() }
        switch dice.below(100) {
        case ..<10: return selector(everything) + modifiers()
        case ..<34: return overTime(depth)
        case ..<58: return aggregation(depth)
        case ..<82: return binary(depth)
        default: return function(depth)
        }
    }

    private mutating func overTime(_ depth: Int) -> String {
        switch dice.below(16) {
        case 0, 1, 2, 3:
            return "\(dice.pick(["rate", "increase", "irate"]))(\(window(words.counters, depth)))"
        case 4:
            let quantile = dice.pick(["0", "0.5", "0.9", "1", "0.33", "2", "-1"])
            return "quantile_over_time(\(quantile), \(window(everything, depth)))"
        case 5:
            return "predict_linear(\(window(words.gauges, depth)), \(scalar(1)))"
        case 6:
            if !words.allowsSmoothing { return "deriv(\(window(words.gauges, depth)))" }
            return "double_exponential_smoothing(\(window(words.gauges, depth)), 0.5, 0.3)"
        case 7: return "absent_over_time(\(window(everything, depth)))"
        default: return "\(dice.pick(words.windowed))(\(window(everything, depth)))"
        }
    }

    private mutating func grouping() -> String {
        let names = words.labels.map(\.name) + ["le", "__name__", "nolabel"]
        switch dice.below(4) {
        case 0: return ""
        case 1: return " without (\(dice.some(names, 25).joined(separator: ", ")))"
        default: return " by (\(dice.some(names, 35).joined(separator: ", ")))"
        }
    }

    private mutating func aggregation(_ depth: Int) -> String {
        let inner = vector(depth - 1)
        switch dice.below(12) {
        case 0, 1:
            let count = dice.pick(["1", "2", "3", "5", "0", "2.9", scalar(2)])
            return "\(dice.pick(words.takesK))\(grouping()) (\(count), \(inner))"
        case 2:
            let quantile = dice.pick(["0", "0.5", "0.95", "1", "0.7", "1.5", "-0.1", scalar(1)])
            return "quantile\(grouping()) (\(quantile), \(inner))"
        case 3: return "count_values\(grouping()) (\"zz\", \(inner))"
        default:
            let name = dice.pick([
                "sum", "sum", "sum", "avg", "min", "max", "count", "group", "stddev", "stdvar",
            ])
            return "\(name)\(grouping()) (\(inner))"
        }
    }

    private mutating func binary(_ depth: Int) -> String {
        let comparison = dice.pick(["==", "!=", "<", ">", "<=", ">="])
        switch dice.below(10) {
        case 0, 1:
            return "(\(vector(depth - 1))) \(dice.pick(words.operators)) \(scalar(depth - 1))"
        case 2: return "\(scalar(depth - 1)) \(dice.pick(words.operators)) (\(vector(depth - 1)))"
        case 3:
            let bool = dice.pick(["", " bool"])
            return dice.chance(50)
                ? "(\(vector(depth - 1))) \(comparison)\(bool) \(scalar(depth - 1))"
                : "\(scalar(depth - 1)) \(comparison)\(bool) (\(vector(depth - 1)))"
        case 4, 5:
            let op = dice.pick(["and", "or", "unless"])
            return "(\(vector(depth - 1))) \(op)\(matching()) (\(vector(depth - 1)))"
        case 6:
            // The same on both sides, so that there is a match.
            let side = vector(depth - 1)
            return "(\(side)) \(dice.pick(words.operators + [comparison])) (\(side))"
        case 7 where !words.infos.isEmpty:
            let (on, include) = disjoint(40, 30)
            return "(\(vector(depth - 1))) * on (\(on)) group_left (\(include)) "
                + "(\(selector(words.infos)))"
        case 8:
            let side = dice.pick(["group_left", "group_right"])
            let (names, include) = disjoint(50, 20)
            let inner = vector(depth - 1)
            let sum = "\(dice.pick(["sum", "max", "avg"])) by (\(names)) (\(inner))"
            let op = dice.pick(words.operators + [comparison, comparison + " bool"])
            return side == "group_left"
                ? "(\(inner)) \(op) on (\(names)) group_left (\(include)) (\(sum))"
                : "(\(sum)) \(op) on (\(names)) group_right (\(include)) (\(inner))"
        default:
            let op = dice.pick(words.operators + [comparison, comparison + " bool"])
            return "(\(vector(depth - 1))) \(op)\(matching()) (\(vector(depth - 1)))"
        }
    }

    /// Two lists of labels that have none in common.
    private mutating func disjoint(_ first: Int, _ second: Int) -> (String, String) {
        let names = words.labels.map(\.name)
        let on = dice.some(names, first)
        let include = dice.some(names.filter { !on.contains($0) }, second)
        return (on.joined(separator: ", "), include.joined(separator: ", "))
    }

    private mutating func matching() -> String {
        let names = words.labels.map(\.name) + (dice.chance(10) ? ["__name__"] : [])
        switch dice.below(3) {
        case 0: return ""
        case 1: return " on (\(dice.some(names, 60).joined(separator: ", ")))"
        default: return " ignoring (\(dice.some(names, 35).joined(separator: ", ")))"
        }
    }

    private mutating func function(_ depth: Int) -> String {
        let names = words.labels.map(\.name)
        switch dice.below(14) {
        case 0: return "-(\(vector(depth - 1)))"
        case 1: return "absent(\(vector(depth - 1)))"
        case 2: return "timestamp(\(vector(depth - 1)))"
        case 3: return "vector(\(scalar(depth)))"
        case 4: return "clamp(\(vector(depth - 1)), \(scalar(1)), \(scalar(1)))"
        case 5:
            return "\(dice.pick(["clamp_min", "clamp_max"]))(\(vector(depth - 1)), \(scalar(1)))"
        case 6: return "round(\(vector(depth - 1)), \(dice.pick(["5", "0.1", "0.25", "3"])))"
        case 7:
            let to = dice.pick(names + ["new", "__name__"])
            let replacement = dice.pick(["$1", "x$1", "same", ""])
            let pattern = dice.pick(["(.*)", "1", "api"])
            return "label_replace(\(vector(depth - 1)), \"\(to)\", \"\(replacement)\", "
                + "\"\(dice.pick(names))\", \"\(pattern)\")"
        case 8:
            return "label_join(\(vector(depth - 1)), \"\(dice.pick(names + ["new"]))\", "
                + "\"\(dice.pick(["-", ""]))\", \"\(dice.pick(names))\", \"\(dice.pick(names))\")"
        case 9, 10,
            11 where !words.histograms.isEmpty:
            let quantile = dice.pick(["0", "0.5", "0.9", "0.99", "1", "1.2", "-3", scalar(1)])
            let range = dice.pick(words.ranges)
            let inner = dice.pick([
                selector(words.histograms), "rate(\(selector(words.histograms))[\(range)])",
                "sum by (le, job) (rate(\(selector(words.histograms))[\(range)]))",
                "sum without (instance) (\(selector(words.histograms)))",
            ])
            return "histogram_quantile(\(quantile), \(inner))"
        default: return "\(dice.pick(words.elementwise))(\(vector(depth - 1)))"
        }
    }
}
