import Model

/// An application of Marathon's, with its tasks.
struct MarathonApplication {
    let id: String
    let labels: Labels
    private let tasks: [Task]
    private let ports: [Port]
    private let isInContainerNetwork: Bool

    init(_ node: JSONNode) throws(JSONError) {
        id = try node.string("id")
        let container = try node.field("container")
        let docker = try container?.field("docker")
        isInContainerNetwork =
            try node.list("networks").first?.string("mode") == "container"
        var labels = [
            Label("__meta_marathon_app", id),
            Label("__meta_marathon_image", try docker?.string("image") ?? ""),
        ]
        labels.append(prefix: "__meta_marathon_app_label_", each: try node.textMap("labels"))
        self.labels = Labels(labels)
        tasks = try node.list("tasks").map(Task.init)
        let isInContainerNetwork = isInContainerNetwork
        let requiresPorts = try node.bool("requirePorts")
        // Since Marathon 1.5 they are in `container`, before that in `container.docker`.
        let mappings = try [container, docker].map { (parent) throws(JSONError) in
            try (parent?.list("portMappings") ?? []).map { (node) throws(JSONError) in
                try Port(mapping: node, inContainerNetwork: isInContainerNetwork)
            }
        }
        let definitions = try node.list("portDefinitions").map { (node) throws(JSONError) in
            try Port(definition: node, isRequired: requiresPorts)
        }
        ports = (mappings + [definitions]).first { !$0.isEmpty } ?? []
    }

    var targets: [Labels] {
        // As in Prometheus, the first task with ports names those of all tasks where the application
        // names none.
        let named =
            ports.isEmpty
            ? (tasks.first { !$0.ports.isEmpty }?.ports ?? []).map { Port(number: $0) } : ports
        let start = ports.isEmpty ? tasks.firstIndex { !$0.ports.isEmpty } ?? tasks.count : 0
        return tasks[start...].flatMap { task in
            named.enumerated().map { index, port in
                Labels(
                    [
                        Label("__address__", address(of: task, at: port, index, of: named.count)),
                        Label("__meta_marathon_task", task.id),
                        Label("__meta_marathon_port_index", "\(index)"),
                    ] + port.labels)
            }
        }
    }

    /// Mesos chooses the port where zero is written.
    private func address(of task: Task, at port: Port, _ index: Int, of count: Int) -> String {
        let isChosen = port.number == 0 && task.ports.count == count
        let host = isInContainerNetwork ? task.addresses.first ?? task.host : task.host
        return .address(host, isChosen ? task.ports[index] : port.number)
    }
}

/// One that runs.
private struct Task {
    let id: String
    let host: String
    let ports: [Int]
    let addresses: [String]

    init(_ node: JSONNode) throws(JSONError) {
        id = try node.string("id")
        host = try node.string("host")
        ports = try node.uint32s("ports")
        addresses = try node.list("ipAddresses").map { (address) throws(JSONError) in
            try address.string("ipAddress")
        }
    }
}

/// A port of each task; zero where it is chosen when the task starts.
private struct Port {
    let number: Int
    let labels: [Label]

    init(number: Int) { (self.number, labels) = (number, []) }

    init(mapping node: JSONNode, inContainerNetwork: Bool) throws(JSONError) {
        let (container, host) = (try node.uint32("containerPort"), try node.uint32("hostPort"))
        number = inContainerNetwork ? container : host
        labels = try Port.labels(node, "mapping")
    }

    init(definition node: JSONNode, isRequired: Bool) throws(JSONError) {
        let port = try node.uint32("port")
        number = isRequired ? port : 0
        labels = try Port.labels(node, "definition")
    }

    private static func labels(_ node: JSONNode, _ kind: String) throws(JSONError) -> [Label] {
        var labels: [Label] = []
        labels.append(
            prefix: "__meta_marathon_port_\(kind)_label_", each: try node.textMap("labels"))
        return labels
    }
}
