import Model

extension SilenceRequest {
    /// The silence that is asked for, without an identifier, checked as Alertmanager checks it.
    func validated(at moment: Timestamp) throws(SilenceError) -> Silence {
        let matchers = try compiledMatchers()
        guard let endsAt else { throw .invalid("invalid zero end timestamp") }
        let startsAt = startsAt ?? moment
        if endsAt < startsAt { throw .invalid("end time must not be before start time") }
        return Silence(
            id: "", matchers: matchers, startsAt: startsAt, endsAt: endsAt, updatedAt: moment,
            createdBy: createdBy, comment: comment, annotations: annotations)
    }

    private func compiledMatchers() throws(SilenceError) -> [Matcher] {
        if matchers.isEmpty { throw .invalid("at least one matcher required") }
        var compiled: [Matcher] = []
        for (position, matcher) in matchers.enumerated() {
            if matcher.name.isEmpty {
                throw .invalid("invalid label matcher \(position): invalid label name \"\"")
            }
            do {
                compiled.append(try Matcher(matcher.kind, matcher.name, matcher.value))
            } catch {
                throw .invalid(
                    "invalid label matcher \(position): invalid regular expression "
                        + "\(matcher.value.goQuoted): \(error)")
            }
        }
        // As Alertmanager has it, `!=` and `!~` never count as matching the empty string.
        let isNarrow = compiled.contains {
            $0.kind == .notEqual || $0.kind == .notMatches || !$0.matches("")
        }
        if !isNarrow { throw .invalid("at least one matcher must not match the empty string") }
        return compiled
    }
}
