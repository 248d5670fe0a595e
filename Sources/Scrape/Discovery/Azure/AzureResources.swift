import Configuration
import Model
import Transport

/// Azure's manager of resources.
struct AzureResources: Sendable {
    /// How long a request may take.
    static let timeout: Duration = .seconds(60)
    private static let computeVersion = "2024-03-01"
    private static let networkVersion = "2023-06-01"
    private static let scaleSetNetworkVersion = "2018-10-01"

    private let api: AuthorizedAPI
    private let endpoint: APIEndpoint
    private let subscription: String

    init(_ api: AuthorizedAPI, _ cloud: AzureCloud, subscription: String) {
        self.api = api
        endpoint = APIEndpoint(base: cloud.manager)
        self.subscription = "/subscriptions/" + PercentEncoding.component(subscription)
    }

    private func group(_ name: String) -> String {
        name.isEmpty
            ? subscription : "\(subscription)/resourceGroups/\(PercentEncoding.component(name))"
    }

    // MARK: Machines

    func machines(in group: String) async throws(APIError) -> [AzureMachine] {
        try await list("virtual machines", self.group(group) + Self.compute + "virtualMachines") {
            (node) throws(JSONError) in try AzureMachine(node, scaleSet: nil)
        }
    }

    /// IDs and names.
    func scaleSets(
        in group: String
    ) async throws(APIError) -> [(id: String, name: String)] {
        let path = self.group(group) + Self.compute + "virtualMachineScaleSets"
        return try await list("scale sets", path) { (node) throws(JSONError) in
            (try node.string("id"), try node.string("name"))
        }
    }

    func machines(
        ofScaleSet set: (id: String, name: String)
    ) async throws(APIError) -> [AzureMachine] {
        let group = try AzureResourceID(set.id).group
        let name = PercentEncoding.component(set.name)
        let path =
            self.group(group) + Self.compute + "virtualMachineScaleSets/\(name)/virtualMachines"
        return try await list("machines of a scale set", path) { (node) throws(JSONError) in
            try AzureMachine(node, scaleSet: set.name)
        }
    }

    private static let compute = "/providers/Microsoft.Compute/"

    private func list<Value>(
        _ what: String, _ path: String, _ read: (JSONNode) throws(JSONError) -> Value
    ) async throws(APIError) -> [Value] {
        let first = endpoint.request(
            path, [("api-version", Self.computeVersion)], timeout: AzureResources.timeout)
        return try await APIPages.all(of: what) { (next) throws(APIError) in
            var request = first
            if !next.isEmpty { request.url = next }
            return try await api.json(request) { (root) throws(JSONError) in
                (try root.list("value").map(read), try root.string("nextLink"))
            }
        }
    }

    // MARK: Network interfaces

    /// A machine's network interface; nil where it does not exist.
    func interface(
        _ id: String, of machine: AzureMachine
    ) async throws(APIError) -> AzureInterface? {
        let resource = try AzureResourceID(id)
        let name = PercentEncoding.component(resource.name)
        let group = self.group(resource.group)
        let path: String
        if let set = machine.scaleSet {
            let (set, index) = (
                PercentEncoding.component(set), PercentEncoding.component(machine.instanceID)
            )
            path =
                group + Self.compute
                + "virtualMachineScaleSets/\(set)/virtualMachines/\(index)/networkInterfaces/\(name)"
        } else {
            path = group + "/providers/Microsoft.Network/networkInterfaces/\(name)"
        }
        let version =
            machine.scaleSet == nil ? Self.networkVersion : Self.scaleSetNetworkVersion
        let request = endpoint.request(
            path,
            [("$expand", "IPConfigurations/PublicIPAddress"), ("api-version", version)],
            timeout: AzureResources.timeout)
        let response = try await api.send(request)
        if response.status == 404 { return nil }
        return try APIClient.read(response, of: request) { (root) throws(JSONError) in
            try AzureInterface(root)
        }
    }
}

/// What the name of a resource tells of it: `/subscriptions/S/resourceGroups/GROUP/providers/…/NAME`.
struct AzureResourceID: Sendable, Hashable {
    let group: String
    let name: String

    init(_ id: String) throws(APIError) {
        let parts = id.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 2, parts[0].isEmpty, let name = parts.last, !name.isEmpty else {
            throw APIError("invalid ID \(id.goQuoted) of a resource")
        }
        self.name = name
        let mark = parts.firstIndex { $0.lowercased() == "resourcegroups" }
        group = mark.flatMap { $0 + 1 < parts.count ? parts[$0 + 1] : nil } ?? ""
    }
}

/// A virtual machine, of a scale set or its own.
struct AzureMachine: Sendable {
    let id: String
    let name: String
    let scaleSet: String?
    let instanceID: String
    let interfaces: [String]
    private let details: [Label]

    init(_ node: JSONNode, scaleSet: String?) throws(JSONError) {
        let properties = try node.field("properties")
        self.scaleSet = scaleSet
        id = try node.string("id")
        name = try node.string("name")
        instanceID = scaleSet == nil ? "" : try node.string("instanceId")
        let interfaces = try properties?.field("networkProfile")?.list("networkInterfaces") ?? []
        self.interfaces = try interfaces.map { (interface) throws(JSONError) in
            try interface.string("id")
        }
        let prefix = AzureMachine.prefix
        let disk = try properties?.field("storageProfile")?.field("osDisk")
        var details = [
            Label(prefix + "id", id), Label(prefix + "name", name),
            Label(prefix + "location", try node.string("location")),
            Label(prefix + "os_type", try disk?.string("osType") ?? ""),
            Label(
                prefix + "computer_name",
                try properties?.field("osProfile")?.string("computerName") ?? ""),
            Label(
                prefix + "size", try properties?.field("hardwareProfile")?.string("vmSize") ?? ""),
            Label(prefix + "scale_set", scaleSet ?? ""),
        ]
        details.append(prefix: prefix + "tag_", each: try node.textMap("tags"))
        self.details = details
    }

    private static let prefix = "__meta_azure_machine_"

    /// The labels of the machine at an address.
    func labels(
        _ settings: AzureDiscovery, at address: String, public: String?
    ) throws(APIError) -> Labels {
        let prefix = AzureMachine.prefix
        return Labels(
            details + [
                Label("__address__", .address(address, settings.port)),
                Label("__meta_azure_subscription_id", settings.subscription),
                Label("__meta_azure_tenant_id", settings.tenant),
                Label(prefix + "resource_group", try AzureResourceID(id).group),
                Label(prefix + "private_ip", address),
                Label(prefix + "public_ip", `public` ?? ""),
            ])
    }
}

/// A machine's connection to a network.
struct AzureInterface: Sendable {
    /// Whether it is the machine's first; nil for a machine that is deallocated.
    let isPrimary: Bool?
    /// Whether anything is known of it.
    let hasProperties: Bool
    /// The addresses of the first configuration; nil where there is no configuration.
    let addresses: (private: String?, public: String?)?

    init(_ node: JSONNode) throws(JSONError) {
        let properties = try node.field("properties")
        hasProperties = properties != nil
        isPrimary = try properties?.field("primary") == nil ? nil : properties?.bool("primary")
        guard let first = try properties?.list("ipConfigurations").first else {
            addresses = nil
            return
        }
        let configuration = try first.field("properties")
        let shown = try configuration?.field("publicIPAddress")?.field("properties")
        addresses = (
            try configuration?.optionalString("privateIPAddress"),
            try shown?.optionalString("ipAddress")
        )
    }
}
