import Configuration
import Model
import Transport

/// An entry of `linode_sd_configs`: targets are instances. While the account's events name no change, the
/// instances are asked for every tenth time only.
struct LinodeTargetSource: TargetSource {
    static let mechanism = LinodeDiscovery.mechanism

    private static let mostLooksWithoutInstances = 10

    let settings: LinodeDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = LinodeAPI(settings, APIClient(settings.client, environment))
        await environment.poll(every: settings.refreshInterval, from: Known()) { known, now in
            await look(api, known, now)
        } found: { known in
            yield(known.update)
        }
    }

    /// What is known from one look to the next.
    private struct Known {
        var update = SourceUpdate(groups: nil)
        var groups: [DiscoveredGroup]?
        /// When the last look that succeeded began.
        var since: Timestamp?
        var looksWithoutInstances = 0
        /// The token may not be allowed to read events.
        var mayReadEvents = true
    }

    private func look(_ api: LinodeAPI, _ last: Known, _ now: Timestamp) async -> Known {
        var known = last
        do throws(APIError) {
            let groups: [DiscoveredGroup]
            if let old = known.groups, try await !mayHaveChanged(api, &known) {
                groups = old
            } else {
                groups = [
                    DiscoveredGroup(
                        place: "Linode",
                        targets: LinodeTargets(settings, try await api.instances()).all)
                ]
                known.looksWithoutInstances = 0
            }
            known.groups = groups
            known.since = now
            known.update = SourceUpdate(groups: groups)
        } catch {
            known.update = .failure(error.description)
        }
        return known
    }

    private func mayHaveChanged(
        _ api: LinodeAPI, _ known: inout Known
    ) async throws(APIError) -> Bool {
        guard known.mayReadEvents, let since = known.since else { return true }
        guard let isEmpty = try await api.hasNoEvents(since: since) else {
            known.mayReadEvents = false
            return true
        }
        known.looksWithoutInstances += 1
        return !isEmpty
            || known.looksWithoutInstances >= LinodeTargetSource.mostLooksWithoutInstances
    }
}
