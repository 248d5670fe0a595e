import Model

/// The prefix of every label of Docker Swarm.
let swarmLabel = "__meta_dockerswarm_"

/// A node as a manager lists it.
struct SwarmNode {
    let id: String
    let address: String
    /// What its tasks have.
    let labels: [Label]
    /// What it has beside as a target.
    let ownLabels: [Label]

    init(_ node: JSONNode) throws(JSONError) {
        id = try node.string("ID")
        let spec = try node.field("Spec")
        let description = try node.field("Description")
        let platform = try description?.field("Platform")
        let status = try node.field("Status")
        address = try status?.string("Addr") ?? ""
        let prefix = swarmLabel + "node_"
        var labels = [
            Label(prefix + "id", id), Label(prefix + "address", address),
            Label(prefix + "role", try spec?.string("Role") ?? ""),
            Label(prefix + "availability", try spec?.string("Availability") ?? ""),
            Label(prefix + "hostname", try description?.string("Hostname") ?? ""),
            Label(
                prefix + "platform_architecture", try platform?.string("Architecture") ?? ""),
            Label(prefix + "platform_os", try platform?.string("OS") ?? ""),
            Label(prefix + "status", try status?.string("State") ?? ""),
        ]
        labels.append(prefix: prefix + "label_", each: try spec?.textMap("Labels") ?? [])
        self.labels = labels
        ownLabels = try SwarmNode.ownLabels(node, prefix)
    }

    private static func ownLabels(
        _ node: JSONNode, _ prefix: String
    ) throws(JSONError) -> [Label] {
        let engine = try node.field("Description")?.field("Engine")
        var labels = [Label(prefix + "engine_version", try engine?.string("EngineVersion") ?? "")]
        if let manager = try node.field("ManagerStatus") {
            labels.append(prefix + "manager_leader", "\(try manager.bool("Leader"))")
            labels.append(prefix + "manager_reachability", try manager.string("Reachability"))
            labels.append(prefix + "manager_address", try manager.string("Addr"))
        }
        return labels
    }
}

/// A port of a service or a task.
struct SwarmPort {
    let name: String
    let isTCP: Bool
    let published: Int
    let mode: String

    init(_ node: JSONNode) throws(JSONError) {
        name = try node.string("Name")
        isTCP = try node.string("Protocol") == "tcp"
        published = try node.int("PublishedPort")
        mode = try node.string("PublishMode")
    }
}

/// An address in a network.
struct SwarmAddress {
    let network: String
    let host: String

    /// From an address with the length of its network, e.g. `10.0.1.3/24`.
    init(_ text: String, network: String, at offset: Int) throws(JSONError) {
        guard let slash = text.lastIndex(of: "/"), slash != text.startIndex else {
            throw JSONError("error while parsing address \(text.goQuoted)", at: offset)
        }
        host = String(text[..<slash])
        self.network = network
    }
}

/// A service as a manager lists it.
struct SwarmService {
    let id: String
    /// What its tasks have.
    let labels: [Label]
    /// What it has beside as a target.
    let ownLabels: [Label]
    let ports: [SwarmPort]
    /// Those of virtual addresses, which only the role `services` asks for.
    let addresses: Result<[SwarmAddress], JSONError>

    init(_ node: JSONNode) throws(JSONError) {
        id = try node.string("ID")
        let spec = try node.field("Spec")
        let prefix = swarmLabel + "service_"
        var labels = [
            Label(prefix + "id", id), Label(prefix + "name", try spec?.string("Name") ?? ""),
            Label(prefix + "mode", try SwarmService.mode(spec)),
        ]
        labels.append(prefix: prefix + "label_", each: try spec?.textMap("Labels") ?? [])
        self.labels = labels
        let container = try spec?.field("TaskTemplate")?.field("ContainerSpec")
        ownLabels = [
            Label(
                prefix + "task_container_hostname", try container?.string("Hostname") ?? ""),
            Label(prefix + "task_container_image", try container?.string("Image") ?? ""),
            Label(
                prefix + "updating_status",
                try node.field("UpdateStatus")?.string("State") ?? ""),
        ]
        let endpoint = try node.field("Endpoint")
        ports = try (endpoint?.list("Ports") ?? []).map { (port) throws(JSONError) in
            try SwarmPort(port)
        }
        addresses = SwarmService.addresses(endpoint)
    }

    private static func mode(_ spec: JSONNode?) throws(JSONError) -> String {
        guard let mode = try spec?.field("Mode") else { return "" }
        if try mode.field("Global") != nil { return "global" }
        return try mode.field("Replicated") != nil ? "replicated" : ""
    }

    private static func addresses(_ endpoint: JSONNode?) -> Result<[SwarmAddress], JSONError> {
        do throws(JSONError) {
            let list = try endpoint?.list("VirtualIPs") ?? []
            return .success(
                try list.map { (node) throws(JSONError) in
                    try SwarmAddress(
                        try node.string("Addr"), network: try node.string("NetworkID"),
                        at: node.offset)
                })
        } catch {
            return .failure(error)
        }
    }
}

/// A task as a manager lists it.
struct SwarmTask {
    let service: String
    let node: String
    let labels: [Label]
    /// Ports that are published on the node itself.
    let ports: [SwarmPort]
    let addresses: [SwarmAddress]

    init(_ task: JSONNode) throws(JSONError) {
        service = try task.string("ServiceID")
        node = try task.string("NodeID")
        let status = try task.field("Status")
        let prefix = swarmLabel + "task_"
        let container = try status?.field("ContainerStatus")?.string("ContainerID") ?? ""
        var labels = [
            Label(prefix + "id", try task.string("ID")),
            Label(prefix + "desired_state", try task.string("DesiredState")),
            Label(prefix + "state", try status?.string("State") ?? ""),
            Label(prefix + "slot", "\(try task.int("Slot"))"),
            Label(prefix + "container_id", container),
        ]
        let spec = try task.field("Spec")?.field("ContainerSpec")
        labels.append(
            prefix: swarmLabel + "container_label_", each: try spec?.textMap("Labels") ?? [])
        self.labels = labels
        ports = try (status?.field("PortStatus")?.list("Ports") ?? []).map {
            (port) throws(JSONError) in try SwarmPort(port)
        }
        var addresses: [SwarmAddress] = []
        for attachment in try task.list("NetworksAttachments") {
            let network = try attachment.field("Network")?.string("ID") ?? ""
            for address in try attachment.strings("Addresses") {
                addresses.append(
                    try SwarmAddress(address, network: network, at: attachment.offset))
            }
        }
        self.addresses = addresses
    }
}
