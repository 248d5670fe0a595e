import Configuration
import Daemon
import Hummingbird
import Model
import PromQL
import Scrape

/// Pushgateway's API: groups under `/metrics/job/…`, their list, and the end of all of them.
struct PushRoutes: Sendable {
    /// Nil where nothing can be pushed: in a replay.
    let receiver: PushReceiver?
    let settings: @Sendable () -> PushSettings
    let listenAddress: String

    private let bodies = PushBodies(of: "pushes")

    /// PUT, POST and DELETE of a group.
    func group(_ request: Request) async -> Response {
        do throws(PushFailure) {
            let receiver = try opened()
            let key = try key(request)
            if request.method == .delete {
                return try answer(await receiver.delete(key), .accepted)
            }
            let (body, memory) = try await body(request)
            let pushed = await receiver.push(
                body, contentType: request.headers[.contentType] ?? "", to: key,
                replaces: request.method == .put)
            withExtendedLifetime(memory) {}
            return try answer(pushed, .ok)
        } catch {
            return error.response
        }
    }

    /// `PUT /api/v1/admin/wipe`.
    func wipe() async -> Response {
        do throws(PushFailure) {
            let receiver = try opened()
            if !settings().enablesAdminAPI {
                throw PushFailure(
                    status: .notFound,
                    message: "to wipe all groups, set tocsin.push.enable_admin_api: true")
            }
            return try answer(await receiver.wipe(), .accepted)
        } catch {
            return error.response
        }
    }

    /// `GET /api/v1/metrics`.
    func list() async -> Response {
        do throws(PushFailure) {
            let groups = try await opened().list
            return APIResponse.json(
                .ok, APIEnvelope.success { json in json.array { PushJSON.write(groups, &$0) } })
        } catch {
            return error.response
        }
    }

    // MARK: What a request says

    private func opened() throws(PushFailure) -> PushReceiver {
        let settings = settings()
        guard settings.isEnabled, let receiver else {
            throw PushFailure(
                status: .notFound,
                message: "nothing is taken by push: tocsin.push.enabled is not true")
        }
        if let refusal = settings.refusal(listeningOn: listenAddress) {
            throw PushFailure(status: .forbidden, message: refusal)
        }
        return receiver
    }

    private func key(_ request: Request) throws(PushFailure) -> GroupingKey {
        guard let path = PercentEncoding.decode(request.uri.path) else {
            throw PushFailure(
                status: .badRequest, message: "400 Bad Request: the path cannot be decoded")
        }
        do {
            if let key = try GroupingKey.of(path: path) { return key }
        } catch {
            throw PushFailure(status: .badRequest, message: error.description)
        }
        throw PushFailure(status: .notFound, message: "404 page not found")
    }

    /// The body, and the memory that it takes.
    private func body(
        _ request: Request
    ) async throws(PushFailure) -> (bytes: [UInt8], memory: MemoryReservation) {
        let limits = WriteLimits(settings())
        let isGzip = try PushBodies.isGzip(request) {
            "unsupported Content-Encoding \($0.goQuoted): gzip is read"
        }
        let (bytes, memory) = try await bodies.read(request, limits)
        if !isGzip { return (bytes, memory) }
        try bodies.take(limits.bodySize, of: memory)
        do throws(WriteFailure) {
            return (try PushBodies.inflated(bytes, limits), memory)
        } catch {
            throw PushFailure(error)
        }
    }

    // MARK: Answers

    private func answer(
        _ answer: PushReceiver.Answer, _ status: HTTPResponse.Status
    ) throws(PushFailure) -> Response {
        switch answer {
        case .taken: return Response(status: status)
        case .notDurable(let reason):
            throw PushFailure(
                status: .serviceUnavailable,
                message: "taken in memory only, a restart would forget it: \(reason)")
        case .refused(.malformed(let reason)):
            throw PushFailure(status: .badRequest, message: reason)
        case .refused(.inconsistent(let reason)):
            throw PushFailure(
                status: .badRequest,
                message: "pushed metrics are invalid or inconsistent with existing metrics: "
                    + reason)
        case .refused(.full(let reason)):
            throw PushFailure(status: .serviceUnavailable, message: reason)
        }
    }
}
