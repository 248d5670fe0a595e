import Model

/// The labels of a line of text, in the order exposed.
enum ExposedLabels {
    /// Those of a sample. `offsets` are the places of the metric's name, then of each label's name and
    /// value, in pairs; `type` is what the metric measures.
    static func read(
        _ offsets: [Int], type: MetricType, line: Int, in bytes: Span<UInt8>
    ) throws(ExpositionError) -> [Label] {
        var list: [Label] = []
        list.reserveCapacity(offsets.count / 4 + 1)
        list.append(Label(Labels.name, try name(bytes, offsets[0]..<offsets[1], line)))
        var index = 2
        while index + 3 < offsets.count {
            let name = try name(bytes, offsets[index]..<offsets[index + 1], line)
            let value = TextEscapes.unescape(bytes, offsets[index + 2]..<offsets[index + 3])
            list.append(Label(name, normalised(name, value, type)))
            index += 4
        }
        if let twice = firstRepeated(list) {
            throw ExpositionError(
                line: line, "label name \(twice.goQuoted) is not unique: invalid sample")
        }
        return list
    }

    private static func firstRepeated(_ list: [Label]) -> String? {
        if zip(list, list.dropFirst()).allSatisfy({ $0.name.byteOrder($1.name) < 0 }) { return nil }
        let names = list.map(\.name).sorted { $0.byteOrder($1) < 0 }
        return zip(names, names.dropFirst()).first { $0.bytesEqual($1) }?.0
    }

    private static func name(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ line: Int
    ) throws(ExpositionError) -> String {
        guard UTF8Check.isValid(bytes, range) else {
            throw ExpositionError(
                line: line,
                "invalid metric name or label names: \(TextEscapes.quoted(bytes, range))")
        }
        return TextEscapes.unescape(bytes, range)
    }

    /// `le` of histograms and `quantile` of summaries are written one way, whatever was exposed.
    private static func normalised(_ name: String, _ value: String, _ type: MetricType) -> String {
        let isBoundary =
            (type == .histogram && name == "le") || (type == .summary && name == "quantile")
        guard isBoundary, let number = GoFloat.parse(value) else { return value }
        return GoFloat.openMetrics(number)
    }
}
