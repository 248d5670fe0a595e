import Daemon
import Hummingbird
import Model
import PromQL

/// Which path is answered by what.
struct Routes {
    private typealias Handler = @Sendable (Parameters) async throws -> [UInt8]?
    private typealias CountedHandler = @Sendable (Parameters) async throws -> Answer?

    private let endpoints: Endpoints

    init(_ endpoints: Endpoints) { self.endpoints = endpoints }

    func router() -> Router<APIContext> {
        let router = Router(context: APIContext.self)
        router.add(
            middleware: CrossOrigin { [runtime = endpoints.runtime] in runtime().corsOrigin })
        router.add(middleware: CompressedAnswers())
        router.add(middleware: UnknownPaths())
        let routes = RouteTable(router)
        health(routes)
        federation(routes)
        pages(routes)
        let api = routes.group("/api/v1/")
        queries(api)
        state(api)
        status(api)
        refusals(api)
        push(routes)
        routes.refuseOtherMethods()
        endpoints.alertmanager.register(router)
        return router
    }

    // MARK: Pages

    private func pages(_ routes: RouteTable) {
        let pages = Pages()
        for path in Pages.paths {
            routes.on(path, .get, .head) { request, _ in pages.page(request) }
        }
        routes.on("/assets/:name", .get, .head) { request, context in
            try pages.asset(context.parameters.get("name") ?? "", request)
        }
    }

    // MARK: The API

    private func queries(_ api: RouteTable) {
        let endpoints = endpoints
        counted(api, "query") { try await endpoints.query.instant($0) }
        counted(api, "query_range") { try await endpoints.query.range($0) }
        counted(api, "query_exemplars") { try await endpoints.expressions.exemplars($0) }
        counted(api, "format_query") { try await endpoints.expressions.format($0) }
        counted(api, "parse_query") { try await endpoints.expressions.tree($0) }
        counted(api, "series") { try await endpoints.series.series($0) }
        counted(api, "labels") { try await endpoints.series.labelNames($0) }
        api.on("label/:name/values", .get) { request, context in
            if let wait = HistoryGate.refusal(endpoints.history) { return wait }
            let name = context.parameters.get("name") ?? ""
            return await APIResponse.answer(
                request, context,
                counted: {
                    try await endpoints.series.labelValues(name, $0)
                })
        }
    }

    private func state(_ api: RouteTable) {
        let endpoints = endpoints
        reading(api, "rules") { try await endpoints.rules.rules($0) }
        reading(api, "alerts") { try await endpoints.rules.alerts($0) }
        get(api, "targets") { endpoints.targets.targets($0) }
        get(api, "targets/metadata") { try await endpoints.metadata.targets($0) }
        get(api, "targets/relabel_steps") { try endpoints.targets.relabelSteps($0) }
        get(api, "tocsin/discovery") { endpoints.discovery.discovery($0) }
        get(api, "scrape_pools") { endpoints.targets.pools($0) }
        get(api, "metadata") { try await endpoints.metadata.metrics($0) }
        get(api, "alertmanagers") { await endpoints.status.alertmanagers($0) }
        get(api, "notifications") { endpoints.status.notifications($0) }
    }

    /// What Prometheus has and keeps shut unless it is told otherwise.
    private func refusals(_ api: RouteTable) {
        for path in ["delete_series", "clean_tombstones", "snapshot"] {
            api.on("admin/tsdb/" + path, .post, .put) { _, _ in
                APIResponse.failure(APIError(.unavailable, "admin APIs disabled"))
            }
        }
        api.on("series", .delete) { _, _ in
            APIResponse.failure(APIError(.internal, "not implemented"))
        }
    }

    /// Pushgateway's API, remote write and OTLP.
    private func push(_ routes: RouteTable) {
        let push = endpoints.push
        routes.on("/metrics/**", .put, .post, .delete) { request, _ in await push.group(request) }
        routes.on("/api/v1/metrics", .get) { _, _ in await push.list() }
        routes.on("/api/v1/admin/wipe", .put) { _, _ in await push.wipe() }
        let write = endpoints.write
        routes.on("/api/v1/write", .post) { request, context in
            await write.remoteWrite(request, from: context.peer)
        }
        routes.on("/api/v1/otlp/v1/metrics", .post) { request, context in
            await write.otlp(request, from: context.peer)
        }
    }

    private func status(_ api: RouteTable) {
        let status = endpoints.status
        let endpoints = endpoints
        get(api, "features") {
            FeatureRoutes(
                options: status.service.engine.options, hasLifecycle: endpoints.reload != nil,
                push: endpoints.runtime().settings.push
            ).features($0)
        }
        get(api, "status/config") { status.configuration($0) }
        get(api, "status/flags") { status.flags($0) }
        get(api, "status/runtimeinfo") { status.runtime($0) }
        get(api, "status/buildinfo") { status.build($0) }
        reading(api, "status/tsdb") { try await status.store($0) }
        get(api, "status/walreplay") { status.replay($0) }
    }

    private func get(_ routes: RouteTable, _ path: String, _ handler: @escaping Handler) {
        routes.on(path, .get) { request, context in
            await APIResponse.answer(request, context, handler)
        }
    }

    /// The same of what is wrong until history is read.
    private func reading(
        _ routes: RouteTable, _ path: String, _ handler: @escaping Handler
    ) {
        routes.on(path, .get) { [history = endpoints.history] request, context in
            if let wait = HistoryGate.refusal(history) { return wait }
            return await APIResponse.answer(request, context, handler)
        }
    }

    /// Of either method, of what reads history; what the answer takes is counted.
    private func counted(
        _ routes: RouteTable, _ path: String, _ handler: @escaping CountedHandler
    ) {
        routes.on(path, .get, .post) { [history = endpoints.history] request, context in
            if let wait = HistoryGate.refusal(history) { return wait }
            return await APIResponse.answer(request, context, counted: handler)
        }
    }

    // MARK: Beside the API

    private func health(_ routes: RouteTable) {
        let endpoints = endpoints
        routes.on("/-/healthy", .get, .head) { _, _ in
            APIResponse.text(.ok, "Tocsin is Healthy.\n")
        }
        routes.on("/-/ready", .get, .head) { _, _ in
            let readiness = await endpoints.readiness()
            let first = readiness.isReady ? "Tocsin is Ready." : "Service Unavailable"
            return APIResponse.text(
                readiness.isReady ? .ok : .serviceUnavailable,
                ([first] + readiness.details).joined(separator: "\n") + "\n")
        }
        routes.on("/-/reload", .post, .put) { _, _ in try await Routes.reload(endpoints) }
        routes.on("/metrics", .get) { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(bytes: await endpoints.metrics())))
        }
    }

    private func federation(_ routes: RouteTable) {
        let (federation, history) = (endpoints.federation, endpoints.history)
        routes.on("/federate", .get) { request, context in
            if let wait = HistoryGate.refusal(history) { return wait }
            do {
                let parameters = try await APIResponse.parameters(request)
                let answer = try await context.whileConnected {
                    try await federation.exposition(parameters)
                }
                return Response(
                    status: .ok, headers: [.contentType: Federation.contentType],
                    body: answer.body)
            } catch let error as QueryError {
                let failure = APIError(error)
                return APIResponse.text(.init(code: failure.status), failure.message + "\n")
            } catch let error as APIError {
                return APIResponse.text(.init(code: error.status), error.message + "\n")
            }
        }
    }

    private static func reload(_ endpoints: Endpoints) async throws -> Response {
        guard let reload = endpoints.reload else {
            return APIResponse.text(.forbidden, "Lifecycle API is not enabled.\n")
        }
        do {
            try await reload()
            return APIResponse.text(.ok, "")
        } catch {
            return APIResponse.text(
                .internalServerError, "failed to reload config: \(error)\n")
        }
    }
}
