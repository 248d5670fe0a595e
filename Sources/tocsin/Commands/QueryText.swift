import Foundation
import Model
import PromQL

/// A query's answer for people: a line a sample, as promtool prints it.
struct QueryText {
    let text: String

    init(_ result: QueryResult) {
        var lines: [String] = []
        switch result.value {
        case .scalar(let time, let value): lines = ["scalar: \(Self.point(value, time))"]
        case .string(_, let value): lines = [value]
        case .vector(let samples):
            lines = samples.map {
                "\($0.labels.metricDescription) => \(Self.point($0.value, $0.timestamp))"
            }
        case .matrix(let series):
            for one in series {
                lines.append("\(one.labels.metricDescription) =>")
                lines += one.points.map { Self.point($0.value, $0.timestamp) }
            }
        }
        lines += result.warnings.map { "warning: " + $0 } + result.infos.map { "info: " + $0 }
        text = lines.joined(separator: "\n")
    }

    private static func point(_ value: Double, _ time: Timestamp) -> String {
        "\(GoFloat.fixed(value)) @[\(GoFloat.fixed(time.seconds))]"
    }

    /// The API's answer as lines, or nil where it is something else.
    static func readable(_ body: [UInt8]) -> String? {
        guard let json = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        else { return nil }
        if let error = json["error"] as? String { return "error: " + error }
        guard let data = json["data"] as? [String: Any] else { return nil }
        if let pair = data["result"] as? [Any], pair.count == 2, let value = pair[1] as? String {
            return value
        }
        guard let results = data["result"] as? [[String: Any]] else { return nil }
        return results.map { result in
            let metric = Labels(result["metric"] as? [String: String] ?? [:]).metricDescription
            let points = result["values"] as? [[Any]] ?? [result["value"] as? [Any] ?? []]
            let texts = points.map { pair in
                pair.count == 2 ? "\(pair[1]) @[\(pair[0])]" : ""
            }
            return result["values"] == nil
                ? "\(metric) => \(texts.joined())"
                : "\(metric) =>\n" + texts.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
