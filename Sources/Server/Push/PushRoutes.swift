import Compression
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

    /// What the bodies that are being read may take together, in bodies of the largest size.
    private static let bodiesInMemory = 4
    private let bodies = QueryMemory()

    /// Why a request is answered with something else than it asks for.
    private struct Failure: Error {
        let status: HTTPResponse.Status
        let message: String
    }

    /// PUT, POST and DELETE of a group.
    func group(_ request: Request) async -> Response {
        do throws(Failure) {
            let receiver = try opened()
            let key = try key(request)
            if request.method == .delete {
                return try answer(await receiver.delete(key), .accepted)
            }
            let memory = try reservation(request)
            let body = try await body(request)
            let pushed = await receiver.push(
                body, contentType: request.headers[.contentType] ?? "", to: key,
                replaces: request.method == .put)
            withExtendedLifetime(memory) {}
            return try answer(pushed, .ok)
        } catch {
            return PushRoutes.response(error)
        }
    }

    /// `PUT /api/v1/admin/wipe`.
    func wipe() async -> Response {
        do throws(Failure) {
            let receiver = try opened()
            if !settings().enablesAdminAPI {
                throw Failure(
                    status: .notFound,
                    message: "to wipe all groups, set tocsin.push.enable_admin_api: true")
            }
            return try answer(await receiver.wipe(), .accepted)
        } catch {
            return PushRoutes.response(error)
        }
    }

    /// `GET /api/v1/metrics`.
    func list() async -> Response {
        do throws(Failure) {
            let groups = try await opened().list
            return APIResponse.json(
                .ok, APIEnvelope.success { json in json.array { PushJSON.write(groups, &$0) } })
        } catch {
            return PushRoutes.response(error)
        }
    }

    // MARK: What a request says

    private func opened() throws(Failure) -> PushReceiver {
        let settings = settings()
        guard settings.isEnabled, let receiver else {
            throw Failure(
                status: .notFound,
                message: "nothing is taken by push: tocsin.push.enabled is not true")
        }
        if let refusal = settings.refusal(listeningOn: listenAddress) {
            throw Failure(status: .forbidden, message: refusal)
        }
        return receiver
    }

    private func key(_ request: Request) throws(Failure) -> GroupingKey {
        guard let path = PercentEncoding.decode(request.uri.path) else {
            throw Failure(
                status: .badRequest, message: "400 Bad Request: the path cannot be decoded")
        }
        do {
            if let key = try GroupingKey.of(path: path) { return key }
        } catch {
            throw Failure(status: .badRequest, message: error.description)
        }
        throw Failure(status: .notFound, message: "404 page not found")
    }

    private func reservation(_ request: Request) throws(Failure) -> MemoryReservation {
        let largest = settings().maximumBodySize
        let total = PushRoutes.bodiesInMemory * largest
        let memory = MemoryReservation(
            bodies, MemoryLimits(total: total, perQuery: total))
        let length = request.headers[.contentLength].flatMap { Int($0) }
        let isCompressed = request.headers[.contentEncoding] != nil
        let bytes = isCompressed ? largest : min(max(0, length ?? largest), largest)
        do throws(QueryError) {
            try memory.take(bytes)
        } catch {
            throw Failure(
                status: .serviceUnavailable,
                message: "the bodies of other pushes take the memory that there is for them "
                    + "(\(PushRoutes.bodiesInMemory) times push.max_body_size): try again")
        }
        return memory
    }

    private func body(_ request: Request) async throws(Failure) -> [UInt8] {
        let limit = settings().maximumBodySize
        let tooLarge = Failure(
            status: .contentTooLarge,
            message: "the body is larger than the limit push.max_body_size (\(limit) bytes)")
        let bytes: [UInt8]
        do {
            bytes = [UInt8](buffer: try await request.body.collect(upTo: limit))
        } catch {
            throw tooLarge
        }
        switch request.headers[.contentEncoding]?.lowercased() {
        case nil, "", "identity": return bytes
        case "gzip":
            do {
                return try Gzip.decompress(bytes, limit: limit)
            } catch {
                if case .tooLarge = error { throw tooLarge }
                throw Failure(status: .badRequest, message: "the body is no gzip: \(error)")
            }
        case .some(let other):
            throw Failure(
                status: .unsupportedMediaType,
                message: "unsupported Content-Encoding \(other.goQuoted): gzip is read")
        }
    }

    // MARK: Answers

    private func answer(
        _ answer: PushReceiver.Answer, _ status: HTTPResponse.Status
    ) throws(Failure) -> Response {
        switch answer {
        case .taken: return Response(status: status)
        case .notDurable(let reason):
            throw Failure(
                status: .serviceUnavailable,
                message: "taken in memory only, a restart would forget it: \(reason)")
        case .refused(.malformed(let reason)):
            throw Failure(status: .badRequest, message: reason)
        case .refused(.inconsistent(let reason)):
            throw Failure(
                status: .badRequest,
                message: "pushed metrics are invalid or inconsistent with existing metrics: "
                    + reason)
        case .refused(.full(let reason)):
            throw Failure(status: .serviceUnavailable, message: reason)
        }
    }

    private static func response(_ failure: Failure) -> Response {
        var response = APIResponse.text(failure.status, failure.message + "\n")
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }
}
