import Model

/// What follows a series: value, time, exemplar.
extension OpenMetricsCursor {
    mutating func suffix(_ bytes: Span<UInt8>) throws(ExpositionError) -> TextSample {
        let series = start..<position
        if hasExemplar { forgetExemplar() }
        let value = try number(bytes, after: "metric")
        seconds = nil
        if position < bytes.count, bytes[position] == Byte.newline {
            position += 1
            line += 1
            return TextSample(series: series, value: value, timestamp: nil)
        }
        if let time = try time(bytes) {
            if !time.isFinite {
                throw ExpositionError(
                    line: line, "invalid timestamp \(GoFloat.general(time, exponentFrom: 21))")
            }
            seconds = time
            try end(bytes, expected: "expected next entry after timestamp")
        } else {
            try end(bytes, expected: "expected a valid start token")
        }
        return TextSample(
            series: series, value: value, timestamp: seconds.map(OpenMetricsCursor.timestamp))
    }

    /// The moment, cut to the millisecond, as far from now as timestamps go.
    static func timestamp(_ seconds: Double) -> Timestamp {
        let exact = Timestamp(milliseconds: Int64(clamping: seconds * 1000))
        return min(max(exact, .distantPast), .distantFuture)
    }

    /// The value behind a space. The ordinary NaN stands for every NaN.
    private mutating func number(
        _ bytes: Span<UInt8>, after place: StaticString
    ) throws(ExpositionError) -> Double {
        guard position < bytes.count else {
            throw failure("expected value after \(place)", "EOF", bytes)
        }
        guard let value = try token(bytes) else {
            let end = bytes[position] == Byte.space ? position + 1 : position
            throw failure("expected value after \(place)", invalidAt: end, bytes)
        }
        return value
    }

    /// The time behind a space; nil where something else follows.
    private mutating func time(_ bytes: Span<UInt8>) throws(ExpositionError) -> Double? {
        if beginsExemplar(bytes) { return nil }
        return try token(bytes)
    }

    /// The number that a space and then no blank begins; nil, and nothing is read, where there is none.
    @inline(__always)
    private mutating func token(_ bytes: Span<UInt8>) throws(ExpositionError) -> Double? {
        let first = position + 1
        guard first < bytes.count, bytes[position] == Byte.space, bytes[first] != Byte.space,
            bytes[first] != Byte.newline
        else { return nil }
        tokenStart = position
        if let (value, end) = TextNumber.plainDecimal(bytes, from: first),
            end >= bytes.count || bytes[end] == Byte.space || bytes[end] == Byte.newline
        {
            position = end
            return value
        }
        position = first
        while position < bytes.count, bytes[position] != Byte.space,
            bytes[position] != Byte.newline
        { position += 1 }
        switch TextNumber.parse(bytes, first..<position) {
        case .success(let value): return value
        case .failure(let reason): throw failure(reason.message, upTo: position, bytes)
        }
    }

    /// The line's end, or an exemplar and the line's end.
    @inline(__always)
    private mutating func end(
        _ bytes: Span<UInt8>, expected: StaticString
    ) throws(ExpositionError) {
        guard position < bytes.count else { throw noEnd() }
        if bytes[position] == Byte.newline {
            position += 1
            line += 1
        } else if beginsExemplar(bytes) {
            try exemplar(bytes)
        } else {
            throw unexpectedNumber("\(expected)", bytes)
        }
    }

    // MARK: Exemplars

    private func beginsExemplar(_ bytes: Span<UInt8>) -> Bool {
        position + 3 < bytes.count && bytes[position] == Byte.space
            && bytes[position + 1] == Byte.hash && bytes[position + 2] == Byte.space
            && bytes[position + 3] == Byte.openBrace
    }

    private mutating func exemplar(_ bytes: Span<UInt8>) throws(ExpositionError) {
        hasExemplar = true
        tokenStart = position
        position += 4
        try labelList(bytes, isExemplar: true)
        exemplarValue = try number(bytes, after: "exemplar labels")
        guard position < bytes.count else { throw noEnd() }
        exemplarTime = try token(bytes)
        if let time = exemplarTime, !time.isFinite {
            throw ExpositionError(
                line: line,
                "invalid exemplar timestamp \(GoFloat.general(time, exponentFrom: 21))")
        }
        guard position < bytes.count, bytes[position] == Byte.newline else {
            throw unexpectedNumber(
                exemplarTime == nil
                    ? "expected timestamp or comment"
                    : "expected next entry after exemplar timestamp", bytes)
        }
        position += 1
        line += 1
    }

    private mutating func forgetExemplar() {
        hasExemplar = false
        exemplarOffsets.removeAll(keepingCapacity: true)
    }

    /// As in Prometheus, escapes in an exemplar's labels stay as they stand.
    public func exemplar(in bytes: Span<UInt8>) -> Exemplar? {
        guard hasExemplar, exemplarCharacters(bytes) <= Exemplar.maximumLabelCharacters else {
            return nil
        }
        var labels: [Label] = []
        var index = 0
        while index + 3 < exemplarOffsets.count {
            labels.append(
                Label(
                    TextEscapes.text(bytes, exemplarOffsets[index]..<exemplarOffsets[index + 1]),
                    TextEscapes.text(
                        bytes, exemplarOffsets[index + 2]..<exemplarOffsets[index + 3])))
            index += 4
        }
        return Exemplar(
            labels: Labels(labels), value: exemplarValue,
            time: exemplarTime.map(OpenMetricsCursor.timestamp) ?? Timestamp(milliseconds: 0),
            hasTime: exemplarTime != nil)
    }

    /// How many characters the names and values of an exemplar's labels have; counting stops soon after
    /// the most that is allowed.
    func exemplarCharacters(_ bytes: Span<UInt8>) -> Int {
        var count = 0
        var index = 0
        while index + 1 < exemplarOffsets.count, count <= Exemplar.maximumLabelCharacters {
            for byte in exemplarOffsets[index]..<exemplarOffsets[index + 1]
            where bytes[byte] & 0xc0 != 0x80 {
                count += 1
            }
            index += 2
        }
        return count
    }
}
