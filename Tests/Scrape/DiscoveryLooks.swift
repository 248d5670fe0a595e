import Configuration
import HTTPClient
import Model
import Scrape
import Synchronization
import Testing
import Transport

/// Runs the first discovery of a configuration with a clock that moves from one look to the next.
struct DiscoveryLooks {
    let clock = ManualClock()

    /// What the job's discovery brings at each of some looks, one after the other.
    func take(
        _ count: Int, _ job: String, resolver: any NameResolving = CAresResolver(),
        transport: any Transporting = FakeTransport(answer: { (_) throws(TransportError) in
            throw TransportError(.connect, "refused")
        }),
        files: ScrapeFiles = .system, variables: [String: String] = [:],
        amazon: @escaping @Sendable () -> AWSEnvironment = AWSEnvironment.system
    ) async throws -> [SourceUpdate] {
        let text = "scrape_configs:\n- job_name: j\n  " + job
        let configuration = try TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:]
        ).get()
        let source = try #require(
            TargetSources.of(configuration.scrapeConfigurations[0].discoveries).first)
        let environment = SourceEnvironment(
            clock: clock, files: files, transport: transport, resolver: resolver,
            variables: variables, amazon: amazon)
        let (updates, sink) = AsyncStream<SourceUpdate>.makeStream()
        let running = Task { await source.run(in: environment) { sink.yield($0) } }
        var result: [SourceUpdate] = []
        for await update in updates {
            result.append(update)
            if result.count == count { break }
            await clock.advanceToNext(sleepers: 1)
        }
        running.cancel()
        await running.value
        return result
    }
}

extension DiscoveryLooks {
    /// A job with these keys must be refused with this error.
    static func expectError(
        _ job: String, _ expected: String, at location: SourceLocation = #_sourceLocation
    ) {
        let text = "scrape_configs:\n- job_name: j\n  " + job
        let result = TocsinConfiguration.load(
            text: Array(text.utf8), path: "t.yml", environment: [:])
        #expect(
            result.errors.contains { $0.description.contains(expected) }, "\(result.errors)",
            sourceLocation: location)
    }
}

extension SourceUpdate {
    /// The labels of all targets, with those of their groups.
    var labels: [[String: String]] {
        (groups ?? []).flatMap { group in
            group.targets.map { target in
                Dictionary(
                    uniqueKeysWithValues: group.labels.merging(target).sorted.map {
                        ($0.name, $0.value)
                    })
            }
        }
    }

    /// The addresses of all targets.
    var addresses: [String] { labels.map { $0["__address__"] ?? "" } }
}

/// An API that answers with JSON by path, and remembers what it was asked.
final class ScriptedAPI: Transporting {
    typealias Answer = @Sendable (HTTPRequest) -> HTTPResponse

    private let state = Mutex<(answers: [String: Answer], requests: [HTTPRequest])>(([:], []))

    /// Answers of status 200 with these bodies. A query in a path must be the request's.
    init(_ bodies: [String: String]) {
        for (path, body) in bodies { self.set(path, body) }
    }

    /// Everything that was asked.
    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func set(
        _ path: String, _ body: String, status: Int = 200, headers: [String: String] = [:],
        type: String = "application/json"
    ) {
        let lines = headers.map { HTTPRequest.Header($0.key, $0.value) }
        state.withLock { state in
            state.answers[path] = { _ in
                HTTPResponse(
                    status: status, headers: [.init("Content-Type", type)] + lines,
                    body: Array(body.utf8))
            }
        }
    }

    func set(_ path: String, answer: @escaping Answer) {
        state.withLock { $0.answers[path] = answer }
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let target = (try? ParsedURL(request.url))?.afterOrigin ?? ""
        let path = String(target.prefix { $0 != "?" })
        let answer = state.withLock { state in
            state.requests.append(request)
            return state.answers[target] ?? state.answers[path]
        }
        guard let answer else { return HTTPResponse(status: 404, body: Array("no \(path)".utf8)) }
        return answer(request)
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        throw TransportError(.invalidRequest, "no mail here")
    }
}

extension ScrapeFiles {
    /// Files in memory.
    static func memory(_ texts: [String: String]) -> ScrapeFiles {
        let files = FileAccess.memory(texts)
        return ScrapeFiles(
            stamp: { _ in nil },
            read: { (path, _) throws(FileAccess.ReadError) in try files.read(path) },
            glob: files.glob)
    }
}
