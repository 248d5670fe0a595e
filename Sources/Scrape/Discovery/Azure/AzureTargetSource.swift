import Configuration
import Model
import Synchronization

/// An entry of `azure_sd_configs`: targets are virtual machines, those of scale sets too.
struct AzureTargetSource: TargetSource {
    static let mechanism = "azure"
    /// How many machines' interfaces are asked for at once.
    static let maximumRequests = 16

    let settings: AzureDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let resources = Result { () throws(APIError) in
            let cloud = try AzureCloud.named(settings.environment)
            let identity = AzureIdentity(settings, cloud, environment)
            return AzureResources(
                AuthorizedAPI(identity, environment), cloud, subscription: settings.subscription)
        }
        let interfaces = AzureInterfaceCache(settings.refreshInterval, environment.clock)
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let targets = try await targets(try resources.get(), interfaces)
            return [DiscoveredGroup(place: "Azure", targets: targets)]
        }
    }

    private func targets(
        _ resources: AzureResources, _ interfaces: AzureInterfaceCache
    ) async throws(APIError) -> [Labels] {
        var machines = try await resources.machines(in: settings.resourceGroup)
        for set in try await resources.scaleSets(in: settings.resourceGroup) {
            machines += try await resources.machines(ofScaleSet: set)
        }
        return try await machines.mapConcurrently(
            atMost: AzureTargetSource.maximumRequests
        ) { (machine) throws(APIError) in
            try await target(machine, resources, interfaces)
        }.compactMap(\.self)
    }

    /// The machine at its first interface's address; nil where it has none.
    private func target(
        _ machine: AzureMachine, _ resources: AzureResources, _ interfaces: AzureInterfaceCache
    ) async throws(APIError) -> Labels? {
        _ = try AzureResourceID(machine.id)
        for id in machine.interfaces {
            guard let interface = try await interfaces.interface(id, of: machine, resources)
            else { return nil }
            if !interface.hasProperties { continue }
            // A machine that is deallocated has interfaces that are neither.
            guard let isPrimary = interface.isPrimary else { return nil }
            guard isPrimary, let addresses = interface.addresses else { continue }
            guard let address = addresses.private else {
                throw APIError("unable to find a private IP for VM \(machine.name)")
            }
            return try machine.labels(settings, at: address, public: addresses.public)
        }
        return nil
    }
}

/// Network interfaces that were asked for, for about ten refreshes: Azure allows few requests.
private final class AzureInterfaceCache: Sendable {
    /// How many are kept, as in Prometheus.
    static let maximumKept = 5000

    private let interval: Milliseconds
    private let clock: any PipelineClock
    private let known = Mutex<[String: (interface: AzureInterface, end: Timestamp)]>([:])

    init(_ interval: Milliseconds, _ clock: any PipelineClock) {
        self.interval = interval
        self.clock = clock
    }

    func interface(
        _ id: String, of machine: AzureMachine, _ resources: AzureResources
    ) async throws(APIError) -> AzureInterface? {
        let now = clock.now
        if let kept = known.locked({ $0[id] }), now < kept.end { return kept.interface }
        guard let found = try await resources.interface(id, of: machine) else { return nil }
        let end = now + lifetime(of: id)
        known.locked { known in
            if known.count >= Self.maximumKept { known = known.filter { now < $0.value.end } }
            if known.count < Self.maximumKept { known[id] = (found, end) }
        }
        return found
    }

    /// Not the same for all, so that not all are asked for at once.
    private func lifetime(of id: String) -> Milliseconds {
        let spread = id.utf8.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) } % 3001
        let thousandths = 10_000 + Int64(spread)
        return Milliseconds(interval.value.multipliedSaturating(thousandths) / 1000)
    }
}
