import Model
import Notify

extension SilenceRequest {
    /// `a="b"` from and to seconds after the bench's start.
    static func equal(
        _ name: String, _ value: String, id: String = "", from: Int64? = nil, to end: Int64
    ) -> SilenceRequest {
        SilenceRequest(
            id: id, matchers: [SilenceMatcher(.equal, name, value)], startsAt: from.map(Bench.time),
            endsAt: Bench.time(end), createdBy: "jane", comment: "known")
    }
}

extension Bench {
    @discardableResult
    mutating func silence(_ request: SilenceRequest, at seconds: Int64) throws -> String {
        run(to: seconds)
        let (id, changes) = try notifier.setSilence(request, at: Bench.time(seconds))
        save(changes)
        return id
    }

    mutating func expire(_ id: String, at seconds: Int64) throws {
        run(to: seconds)
        save(try notifier.expireSilence(id, at: Bench.time(seconds)))
    }
}
