import Model

#if canImport(Glibc)
    import Glibc
#endif

/// A remark on a query's answer, before it is put into words.
struct Annotation: Hashable {
    enum Kind: Hashable {
        case warning
        case info
    }

    var kind: Kind
    var message: String
    /// Where in the query it belongs.
    var position: PositionRange

    static func warning(_ message: String, _ position: PositionRange) -> Annotation {
        Annotation(kind: .warning, message: "PromQL warning: " + message, position: position)
    }

    static func info(_ message: String, _ position: PositionRange) -> Annotation {
        Annotation(kind: .info, message: "PromQL info: " + message, position: position)
    }

    static func invalidQuantile(_ quantile: Double, _ position: PositionRange) -> Annotation {
        warning(
            "quantile value should be between 0 and 1, got \(GoFloat.general(quantile))", position)
    }

    static func invalidRatio(
        _ ratio: Double, cappedTo: Double, _ position: PositionRange
    ) -> Annotation {
        warning(
            "ratio value should be between -1 and 1, got \(GoFloat.general(ratio)), "
                + "capping to \(GoFloat.general(cappedTo))", position)
    }

    static func badBucketLabel(
        metric: String, label: String, _ position: PositionRange
    ) -> Annotation {
        warning(
            "bucket label \"le\" is missing or has a malformed value of \(label.goQuoted)"
                + forMetric(metric), position)
    }

    /// `type` is what the label `__type__` says, where it is the judge.
    static func possibleNonCounter(
        _ metric: String, type: String?, _ position: PositionRange
    ) -> Annotation {
        if let type {
            return info(
                "metric might not be a counter, __type__ label is not set to \"counter\" or "
                    + "\"histogram\", got \(type.goQuoted): \(metric.goQuoted)", position)
        }
        return info(
            "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
                + metric.goQuoted, position)
    }

    static func forMetric(_ name: String) -> String {
        name.isEmpty ? "" : " for metric name \(name.goQuoted)"
    }

    /// A number with two significant digits, as C's and Go's `%.2g` print it.
    static func twoDigits(_ value: Double) -> String {
        if value == 0 || !value.isFinite { return GoFloat.general(value) }
        var exponent = Int(log10(value.magnitude).rounded(.down))
        var digits = (value.magnitude / pow(10, Double(exponent - 1))).rounded()
        if digits >= 100 {
            digits /= 10
            exponent += 1
        }
        let text = "\(value < 0 ? "-" : "")\(digits)e\(exponent - 1)"
        let rounded = GoFloat.parse(text) ?? value
        return GoFloat.general(rounded, exponentFrom: 2)
    }

    /// The message with the place in the query, `line:column`.
    func text(query: String) -> String {
        if query.isEmpty { return message }
        return "\(message) (\(position.startText(query)))"
    }
}

/// What happened to histograms whose buckets were not cumulative, over a whole evaluation.
struct MonotonicityFixes {
    var lowestBucket: Double
    var highestBucket: Double
    var largestDifference: Double
    var count: Int
    var first: Timestamp
    var last: Timestamp

    /// As Prometheus appends it to the annotation.
    var text: String {
        func seconds(_ time: Timestamp) -> String {
            Timestamp(milliseconds: time.milliseconds / 1000 * 1000).description
        }
        return ", from buckets \(GoFloat.general(lowestBucket)) to "
            + "\(GoFloat.general(highestBucket)), with a max diff of "
            + "\(Annotation.twoDigits(largestDifference)), over \(count) samples from "
            + "\(seconds(first)) to \(seconds(last))"
    }

    mutating func merge(_ other: MonotonicityFixes) {
        lowestBucket = min(lowestBucket, other.lowestBucket)
        highestBucket = max(highestBucket, other.highestBucket)
        largestDifference = max(largestDifference, other.largestDifference)
        count += other.count
        first = min(first, other.first)
        last = max(last, other.last)
    }
}

extension PositionRange {
    /// The start as `line:column`, both from 1.
    func startText(_ query: String) -> String {
        let bytes = query.utf8
        guard start >= 0, start <= bytes.count else { return "invalid position" }
        var line = 1
        var lineStart = 0
        for (index, byte) in bytes.prefix(start).enumerated() where byte == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        return "\(line):\(start - lineStart + 1)"
    }
}
