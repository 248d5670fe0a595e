import Foundation
import Model

/// What `tocsin silence` does, on a daemon or an Alertmanager.
public struct SilenceCommands: Sendable {
    private let client: AlertmanagerClient
    private let now: Timestamp

    /// At a moment.
    public init(_ client: AlertmanagerClient, now: Timestamp) {
        self.client = client
        self.now = now
    }

    /// From when to when; what is not said is as it was, or an hour from now.
    public struct Span: Sendable {
        /// The beginning.
        public var start: Timestamp?
        /// The end, which wins over `duration`.
        public var end: Timestamp?
        /// How long.
        public var duration: Milliseconds?

        /// Nothing said.
        public init(
            start: Timestamp? = nil, end: Timestamp? = nil, duration: Milliseconds? = nil
        ) {
            self.start = start
            self.end = end
            self.duration = duration
        }
    }

    /// How long a silence is where nothing is said.
    public static let defaultDuration = Milliseconds.minutes(60)

    // MARK: Query

    /// Which silences are asked for.
    public struct Query: Sendable {
        /// Those whose matchers these hold for.
        public var matchers: [Matcher] = []
        /// Expired ones instead of the others.
        public var expired = false
        /// Of this author.
        public var createdBy: String?
        /// Those that end within this time, or ended within it.
        public var within: Milliseconds?

        /// All that are not expired.
        public init() {}

        func includes(_ silence: SilenceDocument, at now: Timestamp) -> Bool {
            if silence.isExpired != expired { return false }
            if let createdBy, !silence.createdBy.bytesEqual(createdBy) { return false }
            guard let within else { return true }
            guard let end = Timestamp(rfc3339: silence.endsAt) else { return false }
            return expired ? end >= now - within : end <= now + within
        }
    }

    /// The silences as text; `quiet`: their identifiers alone.
    public func query(_ query: Query, _ output: ClientOutput, quiet: Bool) async throws -> String {
        let found = try await client.silences(query.matchers)
            .filter { query.includes($0, at: now) }
            .sorted { (moment($0.endsAt), $0.id ?? "") < (moment($1.endsAt), $1.id ?? "") }
        return quiet ? found.compactMap(\.id).joined(separator: "\n") : output.text(found)
    }

    // MARK: Add, update, expire

    /// Makes a silence; returns its identifier.
    public func add(
        _ matchers: [Matcher], _ span: Span, author: String, comment: String
    ) async throws -> String {
        if matchers.isEmpty { throw ConsoleError("a silence needs at least one matcher") }
        if matchers.allSatisfy({ $0.matches("") }) {
            throw ConsoleError("at least one matcher must not match a label that is missing")
        }
        let start = span.start ?? now
        let end = span.end ?? start + (span.duration ?? SilenceCommands.defaultDuration)
        try check(start, end)
        return try await client.put(
            SilenceDocument(
                comment: comment, createdBy: author, startsAt: text(start), endsAt: text(end),
                matchers: matchers.map(SilenceDocument.Condition.init)))
    }

    /// Changes silences; what they are then, or their identifiers alone. An expired one, or one that
    /// has begun and is to begin at another time, is made anew under another identifier.
    public func update(
        _ ids: [String], _ span: Span, comment: String?, _ output: ClientOutput, quiet: Bool
    ) async throws -> String {
        var updated: [SilenceDocument] = []
        for id in ids {
            var silence = try await client.silence(id)
            if let start = span.start { silence.startsAt = text(start) }
            if let end = span.end {
                silence.endsAt = text(end)
            } else if let duration = span.duration {
                silence.endsAt = text(moment(silence.startsAt) + duration)
            }
            try check(moment(silence.startsAt), moment(silence.endsAt))
            if let comment { silence.comment = comment }
            silence.status = nil
            silence.updatedAt = nil
            updated.append(try await client.silence(try await client.put(silence)))
        }
        return quiet ? updated.compactMap(\.id).joined(separator: "\n") : output.text(updated)
    }

    /// Ends silences now.
    public func expire(_ ids: [String]) async throws {
        for id in ids { try await client.expire(id) }
    }

    // MARK: Import

    /// Makes the silences of a file that `silence query --output json` wrote; says how many. Those
    /// that are there under their identifier are changed to what the file says, unless all are to
    /// be made anew; expired ones are left out.
    public func importAll(_ bytes: [UInt8], anew: Bool) async throws -> String {
        let silences: [SilenceDocument]
        do {
            silences = try JSONDecoder().decode([SilenceDocument].self, from: Data(bytes))
        } catch {
            let what = (error as? DecodingError)?.explanation ?? "\(error)"
            throw ConsoleError("not the JSON of silences: \(what)")
        }
        let known = Set(anew ? [] : try await client.silences([]).compactMap(\.id))
        var (made, changed, expired) = (0, 0, 0)
        for var silence in silences {
            if silence.isExpired || moment(silence.endsAt) <= now {
                expired += 1
                continue
            }
            if let id = silence.id, known.contains(id) {
                changed += 1
            } else {
                silence.id = nil
                made += 1
            }
            silence.status = nil
            silence.updatedAt = nil
            _ = try await client.put(silence)
        }
        return "\(made) made, \(changed) changed, \(expired) left out because they are over"
    }

    // MARK: Times

    private func check(_ start: Timestamp, _ end: Timestamp) throws(ConsoleError) {
        if end <= start { throw ConsoleError("a silence must end after it begins") }
        if end <= now { throw ConsoleError("a silence must not end in the past") }
    }

    private func text(_ time: Timestamp) -> String { time.rfc3339(alwaysMilliseconds: true) }

    /// A time that a server said; one that is none is long ago.
    private func moment(_ text: String) -> Timestamp {
        Timestamp(rfc3339: text) ?? Timestamp(milliseconds: 0)
    }
}
