import Configuration
import Model
import Synchronization
import Transport

/// The API of a Docker daemon, in the newest version that both sides know.
final class DockerAPI: Sendable {
    /// The newest version that Prometheus's client asks for.
    private static let newest = DockerVersion(major: 1, minor: 55)

    private let host: Result<DockerHost, APIError>
    private let client: APIClient
    private let timeout: Duration
    private let agreed = Mutex<Agreement?>(nil)

    private struct Agreement {
        /// nil where the daemon names none: it then chooses itself.
        var version: DockerVersion?
    }

    init(
        host text: String, _ settings: HTTPClientConfiguration, timeout: Milliseconds,
        _ environment: SourceEnvironment
    ) {
        do throws(APIError) {
            let host = try DockerHost(text)
            self.host = .success(host)
            client = APIClient(
                host.usesClientSettings ? settings : HTTPClientConfiguration(), environment)
        } catch {
            host = .failure(error)
            client = APIClient(settings, environment)
        }
        self.timeout = timeout.duration
    }

    /// What `read` makes of each element of a list.
    func list<Value>(
        _ path: String, filters: [DiscoveryFilter] = [],
        _ read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> [Value] {
        do throws(APIError) {
            let version = try await version()
            let prefix = version.map { "/v\($0)" } ?? ""
            let request = try request(prefix + path, DockerFilters.query(filters))
            return try await client.json(request) { (root) throws(JSONError) in
                try root.elements().map(read)
            }.value
        } catch {
            // A daemon that was replaced may speak another one.
            agreed.withLock { $0 = nil }
            throw error
        }
    }

    private func version() async throws(APIError) -> DockerVersion? {
        if let known = agreed.withLock({ $0 }) { return known.version }
        let answer = try await client.send(try request("/_ping"))
        let theirs = answer.header("Api-Version").flatMap(DockerVersion.init)
        let version = theirs.map { min($0, DockerAPI.newest) }
        agreed.withLock { $0 = Agreement(version: version) }
        return version
    }

    private func request(
        _ path: String, _ query: [(String, String)] = []
    ) throws(APIError) -> HTTPRequest {
        try host.get().endpoint.request(path, query, timeout: timeout)
    }
}

/// A version of the API, e.g. 1.51.
private struct DockerVersion: Comparable, CustomStringConvertible {
    var major: Int
    var minor: Int

    init(major: Int, minor: Int) { (self.major, self.minor) = (major, minor) }

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        self.init(major: Int(major), minor: Int(minor))
    }

    var description: String { "\(major).\(minor)" }

    static func < (a: DockerVersion, b: DockerVersion) -> Bool {
        (a.major, a.minor) < (b.major, b.minor)
    }
}

/// `filters` of a request: an object of objects in JSON.
private enum DockerFilters {
    static func query(_ filters: [DiscoveryFilter]) -> [(String, String)] {
        var byName: [String: Set<String>] = [:]
        for filter in filters where !filter.values.isEmpty {
            byName[filter.name, default: []].formUnion(filter.values)
        }
        if byName.isEmpty { return [] }
        let members = byName.sorted { $0.key < $1.key }.map { name, values in
            let members = values.sorted().map { "\($0.jsonQuoted):true" }
            return "\(name.jsonQuoted):{\(members.joined(separator: ","))}"
        }
        return [("filters", "{\(members.joined(separator: ","))}")]
    }
}
