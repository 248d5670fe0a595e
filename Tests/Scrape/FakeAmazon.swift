import HTTPClient
import Model
import Scrape
import Synchronization
import Transport

/// Services of Amazon's, answered by action or by path.
final class FakeAmazon: Sendable {
    typealias Answer = @Sendable (_ body: String) -> (status: Int, body: String)

    static let keys = "region: eu-west-2, access_key: AKID, secret_key: geheim"

    private let answers: [String: Answer]
    private let log = Mutex<[(key: String, request: HTTPRequest)]>([])

    init(_ answers: [String: Answer]) { self.answers = answers }

    convenience init(_ answers: [String: String]) {
        self.init(answers.mapValues { text -> Answer in { _ in (200, text) } })
    }

    /// What one action was asked, in order.
    func asked(_ key: String) -> [HTTPRequest] {
        log.withLock { $0.filter { $0.key == key }.map(\.request) }
    }

    /// The bodies of those.
    func bodies(_ key: String) -> [String] {
        asked(key).map { String(decoding: $0.body ?? [], as: UTF8.self) }
    }

    var requests: [HTTPRequest] { log.withLock { $0.map(\.request) } }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        let body = String(decoding: request.body ?? [], as: UTF8.self)
        let target = request.headers.first { $0.name == "X-Amz-Target" }?.value
        let action = body.split(separator: "&").first { $0.hasPrefix("Action=") }
        let place = (try? ParsedURL(request.url))?.afterOrigin ?? ""
        let key =
            target?.split(separator: ".").last.map(String.init)
            ?? action.map { String($0.dropFirst("Action=".count)) } ?? place
        log.withLock { $0.append((key, request)) }
        guard let answer = answers[key] else {
            return HTTPResponse(status: 404, body: Array("no \(key)".utf8))
        }
        let (status, text) = answer(body)
        return HTTPResponse(status: status, body: Array(text.utf8))
    }

    /// What looks of the job's discovery bring.
    func looks(_ job: String, count: Int = 1) async throws -> [SourceUpdate] {
        try await DiscoveryLooks().take(
            count, job,
            transport: FakeTransport { (request) throws(TransportError) in self.answer(request) }
        ) {
            AWSEnvironment(
                files: .memory([:]), variables: [:], tokens: TokenStore(),
                wallClock: { Timestamp(milliseconds: 1_700_000_000_000) },
                pause: { _ in }, jitter: { 0 })
        }
    }
}
