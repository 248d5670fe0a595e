import Model
import PromQL

/// A script of PromQL's test language: what to load and what queries must answer.
struct TestScript {
    enum Command {
        case clear
        case load(Load)
        case evaluate(Evaluation)
    }

    struct Load {
        var interval: Milliseconds
        var series: [SeriesDescription] = []
        /// Whether it holds histograms or start timestamps, which are not part of the engine.
        var isNative = false
    }

    struct Evaluation {
        enum Time {
            case instant(Timestamp)
            case range(Timestamp, Timestamp, Milliseconds)
        }

        var line: Int
        var time: Time
        var query: String
        var results: [String] = []
        /// The times of the results, where an instant query answers a range vector.
        var resultRange: Time?
        var fails = false
        var failure: String?
        var isOrdered = false
        var string: String?
        /// Whether there must be warnings, or must be none.
        var warns: Bool?
        var informs: Bool?
    }

    var commands: [Command] = []

    /// Reads a script; lines it cannot make sense of end up in `problems`.
    private(set) var problems: [String] = []

    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var index = 0
        while index < lines.count {
            let line = lines[index].trimmingSpaces
            index += 1
            if line.isEmpty || line.hasPrefix("#") { continue }
            // What belongs to a command is everything up to an empty line, comments aside.
            var body: [Substring] = []
            let number = index
            if line.hasPrefix("load") || line.hasPrefix("eval") {
                while index < lines.count, !lines[index].trimmingSpaces.isEmpty {
                    let detail = lines[index].trimmingSpaces
                    if detail.hasPrefix("eval ") || detail.hasPrefix("load ") || detail == "clear" {
                        break
                    }
                    if !detail.hasPrefix("#") { body.append(detail) }
                    index += 1
                }
            }
            read(line, number, body)
        }
    }

    private mutating func read(_ line: Substring, _ number: Int, _ body: [Substring]) {
        var words = line.split(separator: " ", omittingEmptySubsequences: true)[...]
        switch words.popFirst() {
        case "clear": commands.append(.clear)
        case "load", "load_with_nhcb":
            guard let interval = words.popFirst().flatMap(Self.duration) else { break }
            var load = Load(interval: interval)
            load.isNative = line.hasPrefix("load_with_nhcb")
            for text in body {
                if text.contains("{{") || text.contains("@st") { load.isNative = true }
                if let series = try? SeriesDescription(parsing: String(text)) {
                    load.series.append(series)
                }
            }
            commands.append(.load(load))
            return
        case "eval", "eval_fail":
            guard var evaluation = Self.evaluation(line, number) else { break }
            evaluation.fails = line.hasPrefix("eval_fail")
            for detail in body { Self.add(detail, to: &evaluation) }
            commands.append(.evaluate(evaluation))
            return
        default: break
        }
        if !line.hasPrefix("clear") { problems.append("\(number): \(line)") }
    }

    private static func evaluation(_ line: Substring, _ number: Int) -> Evaluation? {
        var rest = line
        func word() -> Substring {
            let word = rest.prefix { $0 != " " }
            rest = rest.dropFirst(word.count).drop { $0 == " " }
            return word
        }
        _ = word()
        switch word() {
        case "instant":
            _ = word()
            guard let time = duration(word()) else { return nil }
            return Evaluation(
                line: number, time: .instant(Timestamp(milliseconds: time.value)),
                query: String(rest))
        case "range":
            _ = word()
            guard let start = duration(word()) else { return nil }
            _ = word()
            guard let end = duration(word()) else { return nil }
            _ = word()
            guard let step = duration(word()) else { return nil }
            return Evaluation(
                line: number,
                time: .range(
                    Timestamp(milliseconds: start.value), Timestamp(milliseconds: end.value), step),
                query: String(rest))
        default: return nil
        }
    }

    private static func add(_ detail: Substring, to evaluation: inout Evaluation) {
        guard detail.hasPrefix("expect") else {
            evaluation.results.append(String(detail))
            return
        }
        let expected = detail.dropFirst(6).trimmingSpaces
        switch true {
        case expected.hasPrefix("fail"):
            evaluation.fails = true
            if let colon = expected.firstIndex(of: ":"), expected.hasPrefix("fail msg") {
                evaluation.failure = String(
                    expected[expected.index(after: colon)...].trimmingSpaces)
            }
        case expected.hasPrefix("range vector"):
            evaluation.resultRange = Self.evaluation("eval range\(expected.dropFirst(12))", 0)?.time
        case expected.hasPrefix("ordered"): evaluation.isOrdered = true
        case expected.hasPrefix("warn"): evaluation.warns = true
        case expected.hasPrefix("no_warn"): evaluation.warns = false
        case expected.hasPrefix("info"): evaluation.informs = true
        case expected.hasPrefix("no_info"): evaluation.informs = false
        case expected.hasPrefix("string"):
            if case .string(let text)? = try? Parser.parse(
                String(expected.dropFirst(6).trimmingSpaces)
            ).kind {
                evaluation.string = text
            }
        default: break
        }
    }

    static func duration(_ text: Substring) -> Milliseconds? {
        let isNegative = text.hasPrefix("-")
        let digits = String(isNegative ? text.dropFirst() : text)
        let length =
            (try? Milliseconds(prometheus: digits))
            ?? Double(digits).map { Milliseconds(Int64(($0 * 1000).rounded())) }
        return length.map { isNegative ? Milliseconds(-$0.value) : $0 }
    }
}

extension Substring {
    var trimmingSpaces: Substring {
        var text = self
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
