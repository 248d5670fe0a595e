import Configuration
import Model

/// An entry of `consul_sd_configs`: targets are the instances of services.
struct ConsulTargetSource: TargetSource {
    static let mechanism = "consul"

    let settings: ConsulDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        do throws(APIError) {
            let api = try ConsulAPI(settings, environment)
            guard let datacenter = await datacenter(api, yield) else { return }
            await ConsulWatch(settings, datacenter, api).run(yield)
        } catch {
            yield(.failure(error.description))
            await untilCancelled()
        }
    }

    /// The datacenter that labels name: that of the configuration, or of the agent once it answers; nil
    /// where the task is cancelled before.
    private func datacenter(
        _ api: ConsulAPI, _ yield: @Sendable (SourceUpdate) -> Void
    ) async -> String? {
        if !settings.datacenter.isEmpty { return settings.datacenter }
        while !Task.isCancelled {
            do throws(APIError) {
                return try await api.agentDatacenter()
            } catch {
                if !Task.isCancelled { yield(.failure(error.description)) }
            }
            if await !api.pause(ConsulAPI.retryInterval) { return nil }
        }
        return nil
    }
}
