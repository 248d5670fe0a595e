import Model

/// Whether text is OpenMetrics 1.0, by the letter of its specification.
///
/// It is read as a scrape reads it, and every entry is held to what the specification asks beyond that:
/// metric families in one piece, names and values that fit their type, whole histograms.
public struct OpenMetricsCheck {
    private var cursor = OpenMetricsCursor()
    private var family: OpenMetricsFamily?
    /// The names that the families so far lay claim to.
    private var claimed: Set<String> = []

    private init() {}

    /// Why the text is not OpenMetrics 1.0: the first thing that is wrong with it, or nil.
    public static func problem(in text: [UInt8]) -> ExpositionError? {
        var check = OpenMetricsCheck()
        do throws(ExpositionError) {
            try check.readAll(text.span)
            return nil
        } catch {
            return error
        }
    }

    private mutating func readAll(_ bytes: Span<UInt8>) throws(ExpositionError) {
        while true {
            let line = cursor.line
            guard let entry = try cursor.next(in: bytes) else { break }
            do throws(OpenMetricsViolation) {
                try checkSpelling(bytes)
                try read(entry, bytes)
            } catch {
                throw ExpositionError(line: line, error.message)
            }
        }
        do throws(OpenMetricsViolation) { try finishFamily() } catch {
            throw ExpositionError(line: cursor.line, error.message)
        }
    }

    private func checkSpelling(_ bytes: Span<UInt8>) throws(OpenMetricsViolation) {
        if cursor.liberties.contains(.quotedName) {
            throw OpenMetricsViolation(
                "names in quotes are not part of OpenMetrics 1.0: use letters, digits and _")
        }
        if cursor.liberties.contains(.trailingComma) {
            throw OpenMetricsViolation("a comma stands before the closing brace: remove it")
        }
    }

    private mutating func read(
        _ entry: TextEntry, _ bytes: Span<UInt8>
    ) throws(OpenMetricsViolation) {
        switch entry {
        case .sample(let sample): try read(sample, bytes)
        case .comment: break
        case .type(let metric, let type):
            try family(metric, bytes) { (family) throws(OpenMetricsViolation) in
                try family.setType(type)
            }
        case .help(let metric, _):
            try family(metric, bytes) { (family) throws(OpenMetricsViolation) in
                try family.setHelp()
            }
        case .unit(let metric, let text):
            let unit = cursor.metric(text, in: bytes)
            try family(metric, bytes) { (family) throws(OpenMetricsViolation) in
                try family.setUnit(unit)
            }
        }
    }

    /// Has `change` made to the family that a line of metadata is about.
    private mutating func family(
        _ metric: Range<Int>, _ bytes: Span<UInt8>,
        _ change: (inout OpenMetricsFamily) throws(OpenMetricsViolation) -> Void
    ) throws(OpenMetricsViolation) {
        let name = cursor.metric(metric, in: bytes)
        if family?.name != name { try finishFamily() }
        var described = family ?? OpenMetricsFamily(name: name)
        if described.hasSamples {
            throw OpenMetricsViolation(
                "metadata of \(name.goQuoted) comes after its samples: move it before them")
        }
        try change(&described)
        family = described
    }

    private mutating func read(
        _ text: TextSample, _ bytes: Span<UInt8>
    ) throws(OpenMetricsViolation) {
        let labels: [Label]
        do throws(ExpositionError) {
            // Of no type: bounds as they are spelt.
            labels = try ExposedLabels.read(
                cursor.offsets, type: .untyped, line: cursor.line, in: bytes)
        } catch {
            throw OpenMetricsViolation(error.message)
        }
        let sample = OpenMetricsSample(
            name: labels[0].value, labels: Labels(Array(labels.dropFirst())), value: text.value,
            seconds: cursor.seconds)
        if cursor.hasExemplar {
            let count = cursor.exemplarCharacters(bytes)
            if count > Exemplar.maximumLabelCharacters {
                throw OpenMetricsViolation(
                    "the exemplar's labels are longer than \(Exemplar.maximumLabelCharacters) characters"
                )
            }
        }
        if family?.owns(sample.name) != true {
            try finishFamily()
            family = OpenMetricsFamily(name: sample.name)
        }
        try family?.add(sample, hasExemplar: cursor.hasExemplar)
    }

    /// The family is whole: no other one may use its names.
    private mutating func finishFamily() throws(OpenMetricsViolation) {
        guard let finished = family else { return }
        family = nil
        for name in finished.claimedNames where !claimed.insert(name).inserted {
            throw OpenMetricsViolation(
                "the name \(name.goQuoted) belongs to another metric family already, or its lines are not in one piece"
            )
        }
        try finished.finish()
    }
}

/// What a line does that OpenMetrics 1.0 does not allow.
struct OpenMetricsViolation: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
