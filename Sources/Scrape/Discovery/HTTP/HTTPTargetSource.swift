import Configuration
import HTTPClient
import Model
import Transport

/// An entry of `http_sd_configs`: target groups in JSON from an HTTP endpoint.
struct HTTPTargetSource: TargetSource {
    static let mechanism = "http"
    /// What an answer may be, in bytes.
    static let maximumAnswer = 256 << 20

    let settings: HTTPDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let client = ConfiguredClient(settings.client)
        let nothing = SourceUpdate(groups: nil)
        await environment.poll(every: settings.refreshInterval, from: nothing) { _, _ in
            await look(environment, client)
        } found: {
            yield($0)
        }
    }

    private func look(
        _ environment: SourceEnvironment, _ client: ConfiguredClient
    ) async -> SourceUpdate {
        let address = shownURL.goQuoted
        do throws(ClientError) {
            return update(try await client.send(request, over: environment.transport), address)
        } catch {
            return .failure("Get \(address): \(error)")
        }
    }

    /// The URL without a password.
    private var shownURL: String { URLRedaction.redact(settings.url) }

    private var request: HTTPRequest {
        var request = HTTPRequest(url: settings.url)
        request.timeout = settings.refreshInterval.duration
        request.maximumBodyBytes = HTTPTargetSource.maximumAnswer
        request.acceptsCompression = true
        request.headers = [
            .init("Accept", "application/json"),
            .init(
                "X-Prometheus-Refresh-Interval-Seconds",
                GoFloat.fixed(settings.refreshInterval.inSeconds)),
        ]
        return request
    }

    private func update(_ response: HTTPResponse, _ address: String) -> SourceUpdate {
        guard response.status == 200 else {
            return .failure("\(address): server returned HTTP status \(response.status)")
        }
        let type = response.header("Content-Type") ?? ""
        guard isJSON(type) else {
            return .failure("\(address): unsupported content type \(type.goQuoted)")
        }
        let result = TargetGroup.load(json: response.body, path: shownURL)
        guard let groups = result.value, result.errors.isEmpty else {
            return .failure(Problems(result.errors).description)
        }
        return SourceUpdate(
            groups: groups.enumerated().map { index, group in
                DiscoveredGroup(
                    place: "\(shownURL):\(index)",
                    targets: group.targets.map { Labels(["__address__": $0]) },
                    labels: group.labels.setting("__meta_url", shownURL))
            })
    }

    /// `application/json`, of UTF-8 where it says so.
    private func isJSON(_ type: String) -> Bool {
        HTTPTargetSource.json?.matchesWhole(type) ?? false
    }

    private static let json = try? LinearRegex(
        #"(?i)\s*application/json(;\s*charset=("utf-8"|utf-8))?\s*"#)
}
