import Configuration
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
        let nothing = SourceUpdate(groups: nil)
        await environment.poll(every: settings.refreshInterval, from: nothing) { _, _ in
            await look(environment)
        } found: {
            yield($0)
        }
    }

    private func look(_ environment: SourceEnvironment) async -> SourceUpdate {
        let address = shownURL.goQuoted
        let request: HTTPRequest
        switch await made() {
        case .success(let made): request = made
        case .failure(let error): return .failure("Get \(address): \(error.message)")
        }
        do throws(TransportError) {
            return update(try await environment.transport.send(request), address)
        } catch {
            return .failure("Get \(address): \(error.message)")
        }
    }

    /// The URL without a password.
    private var shownURL: String { URLRedaction.redact(settings.url) }

    private func made() async -> Result<HTTPRequest, SecretError> {
        await FileQueue.apart {
            do throws(SecretError) {
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
                try ClientSettings.apply(settings.client, to: &request)
                return .success(request)
            } catch {
                return .failure(error)
            }
        }
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
