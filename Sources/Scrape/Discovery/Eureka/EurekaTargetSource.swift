import Configuration
import Model
import Transport

/// An entry of `eureka_sd_configs`: targets are the instances of the applications that are registered.
struct EurekaTargetSource: TargetSource {
    static let mechanism = EurekaDiscovery.mechanism

    let settings: EurekaDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = APIClient(settings.client, environment)
        let request = APIEndpoint(base: settings.server)
            .request("/apps", timeout: APIClient.longTimeout)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let response = try await api.get(request, statuses: 200..<300)
            let root = try APIClient.xml(response, of: request)
            do throws(XMLError) {
                let targets = try EurekaInstances(document: response.body).targets(root)
                return [DiscoveredGroup(place: "Eureka", targets: targets)]
            } catch {
                throw APIError(
                    "\(APIClient.place(request)): byte \(error.offset): \(error.description)")
            }
        }
    }
}
