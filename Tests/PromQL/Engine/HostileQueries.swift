/// Queries that ask for as much as they can, over series `m{i="…", b="…"}`, a few samples each.
enum HostileQueries {
    /// Each with what it tries to make large.
    static let instant: [(what: String, query: String)] = [
        ("steps of a subquery", "count(count_over_time(m[30d:1s]))"),
        ("steps over an aggregation", "count(count_over_time(count by (i) (m)[100d:200ms]))"),
        ("steps without series", "count_over_time(vector(1)[1000d:1s])"),
        ("steps of a matrix", "m[5m:1ms]"),
        ("steps of two subqueries", "max_over_time(sum_over_time(m[5m:100ms])[5m:100ms])"),
        ("steps of what is absent", "count_over_time(absent(nothing)[1000d:1s])"),
        ("values of a window", "quantile_over_time(0.5, m[5m:1ms])"),
        ("a text that doubles", doubled(40)),
        ("a text of many parts", joined(2000)),
        (
            "a long text",
            "label_replace(m, \"x\", \"\(String(repeating: "x", count: 100_000))\", \"\", \"\")"
        ),
        (
            "labels of pairs",
            "m * on (i) group_left (b, c) label_replace(m, \"c\", \"\(String(repeating: "c", count: 20_000))\", \"\", \"\")"
        ),
        ("nodes of a chain", chain("m", "+", 400)),
        ("nodes of a union", chain("{__name__=~\".+\"}", "or", 200)),
        ("series of a union", union(100)),
        ("nodes of scalars", balanced(17)),
        (
            "nodes below each other",
            String(repeating: "-(", count: 240) + "m" + String(repeating: ")", count: 240)
        ),
        ("values that are counted", "count_values(\"v\", m * 1e300)"),
        ("groups of a quantile", "quantile by (i) (0.5, m)"),
        ("groups of deviations", "stddev by (i) (m) + stdvar by (i) (m)"),
        ("heaps", "topk by (i) (1e9, m)"),
        ("order", "sort_by_label(sort(m), \"i\", \"b\")"),
        ("pairs of series and names", "info(m, {__name__=~\".+\"})"),
        ("buckets", "histogram_quantile(0.9, label_replace(m, \"le\", \"$1\", \"i\", \"(.*)\"))"),
        ("remarks", "histogram_quantile(0.9, label_replace(m, \"le\", \"x$1\", \"i\", \"(.*)\"))"),
        (
            "quantiles",
            "histogram_quantiles(label_replace(m, \"le\", \"$1\", \"b\", \"(.*)\"), \"q\", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)"
        ),
    ]

    /// Those that get large with the steps of a range query.
    static let range: [(what: String, query: String)] = [
        ("points", "m"),
        ("points of a join", "m - on (i, b) m"),
        ("values that are counted", "count_values(\"v\", m * time())"),
        ("windows", "avg_over_time(m[5m:1s])"),
    ]

    private static func doubled(_ times: Int) -> String {
        var query = "label_replace(m, \"x\", \"0123456789\", \"\", \"\")"
        for _ in 0..<times { query = "label_replace(\(query), \"x\", \"$1$1\", \"x\", \"(.*)\")" }
        return query
    }

    private static func joined(_ count: Int) -> String {
        let parts = String(repeating: ", \"i\"", count: count)
        return "label_join(m, \"x\", \"----------\"\(parts))"
    }

    private static func chain(_ term: String, _ op: String, _ count: Int) -> String {
        [String](repeating: term, count: count).joined(separator: " \(op) ")
    }

    private static func union(_ count: Int) -> String {
        (0..<count).map { "label_replace(m, \"x\", \"\($0)\", \"\", \"\")" }
            .joined(separator: " or ")
    }

    private static func balanced(_ height: Int) -> String {
        height == 0 ? "1" : "(\(balanced(height - 1))+\(balanced(height - 1)))"
    }
}
