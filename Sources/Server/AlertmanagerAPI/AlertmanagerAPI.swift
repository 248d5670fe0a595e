import Configuration
import Daemon
import Foundation
import Hummingbird
import Model
import Notify
import Setup

/// `/api/v2`: version 2 of Alertmanager's HTTP API, for `amtool`, Grafana, and whoever sends alerts.
struct AlertmanagerAPI: Sendable {
    let notifications: NotificationPipeline
    let documents: @Sendable () -> Documents
    let clock: any PipelineClock
    let started: Timestamp

    static let path = "/api/v2"

    /// The largest body that is read.
    static let maximumBodyBytes = 32 << 20

    static let headers: HTTPFields = [.cacheControl: "no-store"]

    /// What is asked for.
    private enum Endpoint {
        case status, receivers, alerts, groups, silences
        case silence(String)

        init?(_ path: Substring) {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            switch (parts.count, parts.first, parts.last) {
            case (1, "status", _): self = .status
            case (1, "receivers", _): self = .receivers
            case (1, "alerts", _): self = .alerts
            case (1, "silences", _): self = .silences
            case (2, "alerts", "groups"): self = .groups
            case (2, "silence", let id?) where !id.isEmpty:
                self = .silence(PercentEncoding.decode(id) ?? String(id))
            default: return nil
            }
        }

        var methods: [HTTPRequest.Method] {
            switch self {
            case .status, .receivers, .groups: [.get]
            case .alerts, .silences: [.get, .post]
            case .silence: [.get, .delete]
            }
        }
    }

    /// Has the router pass everything under `/api/v2` to us.
    func register(_ router: Router<APIContext>) {
        for method: HTTPRequest.Method in [.get, .post, .put, .delete, .patch, .head] {
            router.on(RouterPath(AlertmanagerAPI.path + "/**"), method: method) { request, _ in
                do {
                    return try await answer(request)
                } catch let failure as AlertmanagerFailure {
                    return failure.response
                } catch let error as APIError {
                    return AlertmanagerFailure(400, error.message).response
                }
            }
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        let path = request.uri.path
        guard let endpoint = Endpoint(path.dropFirst(AlertmanagerAPI.path.count + 1)) else {
            throw AlertmanagerFailure.coded(404, "path \(path) was not found")
        }
        if !endpoint.methods.contains(request.method) {
            return AlertmanagerAPI.refusal(of: request.method, but: endpoint.methods)
        }
        let isGet = request.method == .get
        switch endpoint {
        case .status: return json(status)
        case .receivers: return json(receivers)
        case .alerts where isGet: return json(try await alerts(try parameters(request)))
        case .alerts:
            try await post(PostedAlert.list(try await AlertmanagerAPI.body(request, "alerts")))
            return Response(status: .ok, headers: AlertmanagerAPI.headers)
        case .groups: return json(try await groups(try parameters(request)))
        case .silences where isGet: return json(try await silences(try parameters(request)))
        case .silences:
            let body = try await AlertmanagerAPI.body(request, "silence")
            return json(try await set(PostedSilence.read(body)))
        case .silence(let id) where isGet: return json(try await silence(id))
        case .silence(let id):
            try await expire(id)
            return Response(status: .ok, headers: AlertmanagerAPI.headers)
        }
    }

    private static func refusal(
        of method: HTTPRequest.Method, but allowed: [HTTPRequest.Method]
    ) -> Response {
        let list = allowed.map(\.rawValue).joined(separator: ",")
        var response = AlertmanagerFailure.coded(
            405, "method \(method.rawValue) is not allowed, but [\(list)] are"
        ).response
        response.headers[.allow] = list
        return response
    }

    // MARK: In and out

    private func parameters(_ request: Request) throws -> Parameters {
        try Parameters(query: request.uri.query ?? "")
    }

    /// The bytes of a JSON body called `name`.
    private static func body(_ request: Request, _ name: String) async throws -> [UInt8] {
        let type = request.headers[.contentType] ?? "application/octet-stream"
        let essence = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        if essence != "application/json" {
            throw AlertmanagerFailure.coded(
                415,
                "unsupported media type \(essence.goQuoted), only [application/json] are allowed")
        }
        let bytes: [UInt8]
        do {
            bytes = [UInt8](buffer: try await request.body.collect(upTo: maximumBodyBytes))
        } catch {
            throw AlertmanagerFailure.coded(
                413, "the body is larger than the limit maximumBodyBytes (32 MiB)")
        }
        if bytes.isEmpty { throw AlertmanagerFailure.required(name) }
        return bytes
    }

    private func json(_ writer: JSONWriter) -> Response {
        AlertmanagerAPI.json(.ok, writer.bytes)
    }

    static func json(_ status: HTTPResponse.Status, _ bytes: [UInt8]) -> Response {
        var response = APIResponse.json(status, bytes)
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// A moment as Alertmanager writes it: always with milliseconds.
    static func text(_ moment: Timestamp) -> String { moment.rfc3339(alwaysMilliseconds: true) }

    /// By the clock by which it was written.
    static func text(_ time: WrittenTime) -> String {
        time.timestamp.rfc3339(
            alwaysMilliseconds: true, offset: time.detail?.offset.map { Int($0) } ?? 0)
    }

    // MARK: What we are

    private var receivers: JSONWriter {
        var json = JSONWriter()
        json.array { json in
            for receiver in documents().notifiers.receivers {
                json.object { $0.member("name", receiver.name) }
            }
        }
        return json
    }

    private var status: JSONWriter {
        var json = JSONWriter()
        json.object { json in
            json.key("cluster")
            json.object { json in
                json.key("peers")
                json.array { _ in }
                json.member("status", "disabled")
            }
            json.key("config")
            json.object { $0.member("original", documents().shownNotifiers) }
            json.member("uptime", AlertmanagerAPI.text(started))
            json.key("versionInfo")
            json.object { json in
                json.member("branch", "")
                json.member("buildDate", "")
                json.member("buildUser", "")
                json.member("goVersion", "")
                json.member("revision", "tocsin-" + BuildInformation.version)
                json.member("version", BuildInformation.alertmanagerVersion)
            }
        }
        return json
    }
}
