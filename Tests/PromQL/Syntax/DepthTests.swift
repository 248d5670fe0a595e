import Foundation
import Model
import PromQL
import Store
import Synchronization
import Testing

/// Trees of the greatest height go through every walk on a thread with half a megabyte of stack, which
/// is what threads that the system makes have at least.
@Suite struct DepthTests {
    static let stackSize = 512 << 10

    /// Ways to nest: what stands around, before and behind.
    static let shapes: [(name: String, text: @Sendable (Int) -> String)] = [
        ("parentheses", { around("(", $0, "a", ")") }),
        ("signs", { around("-", $0, "a", "") }),
        ("sums", { around("a + ", $0, "a", "") }),
        ("scalar sums", { around("1 + ", $0, "time()", "") }),
        ("powers", { around("a ^ ", $0, "a", "") }),
        ("right sides", { around("a + (", $0 / 2, "a", ")") }),
        ("ors", { around("a or ", $0, "a", "") }),
        ("joins", { around("a * on (b) group_left () (", $0 / 2, "a", ")") }),
        ("fills", { around("a * fill (0) (", $0 / 2, "a", ")") }),
        ("calls", { around("abs(", $0, "a", ")") }),
        ("label calls", { around("label_replace(", $0, "a", ", 'b', '', 'c', 'd')") }),
        ("sorts", { around("sort(", $0, "a", ")") }),
        ("scalars", { around("vector(scalar(", $0 / 2, "a", "))") }),
        ("infos", { around("info(", $0, "a", ")") }),
        ("histograms", { around("histogram_quantile(0.9, ", $0, "a", ")") }),
        ("aggregations", { around("sum(", $0, "a", ")") }),
        ("best", { around("topk(1, ", $0, "a", ")") }),
        ("counts", { around("count_values('x', ", $0, "a", ")") }),
        ("subqueries", { around("rate(", $0 / 2, "a", "[5m:5m])") }),
        ("fixed", { around("last_over_time((", $0 / 3, "a", ")[5m:5m] @ 5)") }),
        ("parameters", { around("quantile(scalar(", $0 / 2, "a", "), a)") }),
        ("durations", { "a[" + around("(", $0, "5m", ")") + "]" }),
        ("duration sums", { "a[5m" + String(repeating: " + 5m", count: $0) + "]" }),
        ("duration powers", { "a[1" + String(repeating: " ^ 1", count: $0) + "]" }),
        ("duration signs", { "a offset " + around("-", $0, "step()", "") }),
        ("duration choices", { "a[" + around("max_of(1s, ", $0, "5m", ")") + "]" }),
    ]

    private static func around(
        _ before: String, _ count: Int, _ inside: String, _ behind: String
    ) -> String {
        String(repeating: before, count: count) + inside + String(repeating: behind, count: count)
    }

    /// Runs on a thread of its own with a small stack.
    static func onSmallStack(_ body: @escaping @Sendable () -> Void) {
        let isDone = DispatchSemaphore(value: 0)
        let thread = Thread {
            body()
            isDone.signal()
        }
        thread.stackSize = stackSize
        thread.start()
        isDone.wait()
    }

    /// Every walk over a query's tree: true where it parsed.
    static func walk(_ text: String, limit: Int) -> Bool {
        let parser = Parser(options: .all, limits: Parser.Limits(height: limit))
        guard let expr = try? parser.parse(text) else { return false }
        let printed = expr.description
        _ = expr.pretty()
        _ = expr.treeJSON
        expr.forEachSelector {
            _ = Expr.readWindow(of: $0, lookback: .minutes(5), defaultStep: .minutes(1))
        }
        guard (try? parser.parse(printed)) != nil else { return false }
        let store = Store(StoreOptions())
        store.append(
            Labels(["__name__": "a", "b": "c"]), at: Timestamp(milliseconds: 0), value: 1)
        let engine = Engine(store: store)
        guard let query = try? engine.prepare(expr) else { return false }
        _ = try? query.evaluate(at: Timestamp(milliseconds: 1000), pin: store.pin())
        return true
    }

    @Test func everyWalkOfTheHighestTrees() throws {
        let environment = ProcessInfo.processInfo.environment
        let height = environment["TOCSIN_HEIGHT"].flatMap { Int($0) } ?? Parser.Limits().height
        for (name, text) in Self.shapes {
            if let only = environment["TOCSIN_SHAPE"], only != name { continue }
            // The tallest that the limit lets through: shapes count their levels differently.
            let passed = Mutex(0)
            let height =
                name.hasPrefix("duration")
                ? min(height, Parser.Limits().durationHeight) : height
            let limit = name.hasPrefix("duration") ? Parser.Limits().height : height
            let lowest = name.hasPrefix("duration") ? height / 3 : height - 12
            Self.onSmallStack {
                for levels in stride(from: height, to: lowest, by: -1)
                where Self.walk(text(levels), limit: limit) {
                    passed.withLock { $0 += 1 }
                    break
                }
            }
            #expect(passed.withLock { $0 } == 1, "\(name)")
        }
    }
}
