import Model

/// A container as a daemon lists it.
struct DockerContainer {
    /// Where it is reached in a network.
    struct Endpoint {
        var network: String
        var address: String
    }

    /// A port that it exposes.
    struct Port {
        var isTCP: Bool
        var number: Int
        /// The host's port that leads there, or 0, and on which address.
        var published: Int
        var publishedAddress: String
    }

    let id: String
    /// Of no name at all where Docker has none for it yet.
    let name: String?
    let networkMode: String
    /// In the order of the networks' names.
    let endpoints: [Endpoint]
    let ports: [Port]
    /// What every target of the container has.
    let labels: [Label]

    init(_ node: JSONNode) throws(JSONError) {
        id = try node.string("Id")
        name = try node.strings("Names").first
        networkMode = try node.field("HostConfig")?.string("NetworkMode") ?? ""
        let networks = try node.field("NetworkSettings")?.map("Networks") ?? []
        endpoints = try networks.filter { !$0.value.isNull }.sorted { $0.name < $1.name }
            .map { (member) throws(JSONError) in try Endpoint(member.value) }
        ports = try node.list("Ports").map { (port) throws(JSONError) in try Port(port) }
        let prefix = "__meta_docker_container_"
        var labels = [
            Label(prefix + "id", id), Label(prefix + "name", name ?? ""),
            Label(prefix + "network_mode", networkMode),
            Label(prefix + "image", try node.string("Image")),
            Label(prefix + "image_id", try node.string("ImageID")),
        ]
        labels.append(prefix: prefix + "label_", each: try node.textMap("Labels"))
        self.labels = labels
    }

    /// The ID of the container whose network it shares.
    var sharedContainer: String? {
        let mark = "container:"
        return networkMode.hasPrefix(mark) ? String(networkMode.dropFirst(mark.count)) : nil
    }
}

extension DockerContainer.Endpoint {
    fileprivate init(_ node: JSONNode) throws(JSONError) {
        network = try node.string("NetworkID")
        let version4 = try node.string("IPAddress")
        let version6 = try node.string("GlobalIPv6Address")
        address = version4.isEmpty ? version6 : version4
    }
}

extension DockerContainer.Port {
    fileprivate init(_ node: JSONNode) throws(JSONError) {
        isTCP = try node.string("Type") == "tcp"
        number = try node.int("PrivatePort")
        published = try node.int("PublicPort")
        publishedAddress = try node.string("IP")
    }
}
