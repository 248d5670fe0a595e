import Configuration
import Model
import Notify

extension AlertmanagerAPI {
    /// Every silence, or those that have the matchers of `filter`.
    func silences(_ parameters: Parameters) async throws(AlertmanagerFailure) -> JSONWriter {
        let list = await notifications.silences(having: try filter(parameters))
        let now = clock.now
        var json = JSONWriter()
        json.array { json in
            for silence in list { AlertmanagerAPI.write(silence, at: now, &json) }
        }
        return json
    }

    func silence(_ id: String) async throws(AlertmanagerFailure) -> JSONWriter {
        try checkIdentifier(id)
        guard let silence = await notifications.silence(id) else { throw .missing }
        var json = JSONWriter()
        AlertmanagerAPI.write(silence, at: clock.now, &json)
        return json
    }

    /// Makes or changes a silence, and answers when it is written.
    func set(_ posted: PostedSilence) async throws(AlertmanagerFailure) -> JSONWriter {
        let (start, end) = (posted.startsAt?.timestamp, posted.endsAt?.timestamp ?? .distantPast)
        if start ?? .distantPast >= end {
            throw AlertmanagerFailure(
                400, "Failed to create silence: start time must be before end time")
        }
        if end < clock.now {
            throw AlertmanagerFailure(
                400, "Failed to create silence: end time can't be in the past")
        }
        let request = SilenceRequest(
            id: posted.id ?? "",
            matchers: (posted.matchers ?? []).map {
                SilenceMatcher(
                    name: $0.name ?? "", value: $0.value ?? "", isRegex: $0.isRegex ?? false,
                    isEqual: $0.isEqual ?? true)
            },
            startsAt: start, endsAt: end, createdBy: posted.createdBy ?? "",
            comment: posted.comment ?? "",
            annotations: (posted.annotations ?? [:]).mapValues { $0 ?? "" })
        do {
            let id = try await notifications.setSilence(request)
            var json = JSONWriter()
            json.object { $0.member("silenceID", id) }
            return json
        } catch {
            throw AlertmanagerFailure(error == .notFound ? 404 : 400, error.description)
        }
    }

    /// Ends a silence now.
    func expire(_ id: String) async throws(AlertmanagerFailure) {
        try checkIdentifier(id)
        do {
            try await notifications.expireSilence(id)
        } catch {
            throw error == .notFound ? .missing : AlertmanagerFailure(500, error.description)
        }
    }

    /// Identifiers are UUIDs, with or without their hyphens.
    private func checkIdentifier(_ id: String) throws(AlertmanagerFailure) {
        let digits = id.utf8.filter { $0 != UInt8(ascii: "-") }
        let isUUID =
            digits.count == 32
            && digits.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20)
            }
        if !isUUID {
            throw .invalid(601, "silenceID in path must be of type uuid: \(id.goQuoted)")
        }
    }

    /// The matchers of every parameter `filter`.
    func filter(_ parameters: Parameters) throws(AlertmanagerFailure) -> [Matcher] {
        var matchers: [Matcher] = []
        for text in parameters.all("filter") {
            do {
                matchers += try MatcherSyntax.parse(text)
            } catch {
                throw AlertmanagerFailure(400, error.description)
            }
        }
        return matchers
    }

    private static func write(_ silence: Silence, at now: Timestamp, _ json: inout JSONWriter) {
        json.object { json in
            json.member("id", silence.id)
            json.key("status")
            json.object { $0.member("state", silence.state(at: now).rawValue) }
            json.member("updatedAt", text(silence.updatedAt))
            if !silence.annotations.isEmpty {
                json.key("annotations")
                json.labels(Annotations(silence.annotations).pairs)
            }
            json.member("comment", silence.comment)
            json.member("createdBy", silence.createdBy)
            json.member("endsAt", text(silence.endsAt))
            json.key("matchers")
            json.array { json in
                for matcher in silence.matchers { write(matcher, &json) }
            }
            json.member("startsAt", text(silence.startsAt))
        }
    }

    private static func write(_ matcher: Matcher, _ json: inout JSONWriter) {
        json.object { json in
            json.key("isEqual")
            json.bool(matcher.kind == .equal || matcher.kind == .matches)
            json.key("isRegex")
            json.bool(matcher.kind == .matches || matcher.kind == .notMatches)
            json.member("name", matcher.name)
            json.member("value", matcher.value)
        }
    }
}
