import Model

// The objects, member by member. What is not named is passed over.
extension KubernetesReading {
    /// An object of the resource and its version.
    mutating func object(
        _ reader: inout JSONReader
    ) throws(JSONError) -> (object: KubernetesObject, version: String) {
        var version = ""
        if !isWhole {
            let meta = try plain(&reader, &version)
            return (.plain(meta), version)
        }
        let object: KubernetesObject =
            switch resource {
            case .pods: .pod(try pod(&reader, &version))
            case .nodes: .node(try node(&reader, &version))
            case .services: .service(try service(&reader, &version))
            case .endpoints: .endpoints(try endpoints(&reader, &version))
            case .endpointslices: .slice(try slice(&reader, &version))
            case .ingresses: .ingress(try ingress(&reader, &version))
            case .namespaces, .replicasets, .jobs: .plain(try plain(&reader, &version))
            }
        return (object, version)
    }

    private mutating func plain(
        _ reader: inout JSONReader, _ version: inout String
    ) throws(JSONError) -> ObjectMeta {
        var meta = ObjectMeta()
        var root = try reader.object()
        while let name = try reader.member(of: &root) {
            if name == "metadata" {
                meta = try self.meta(&reader, &version)
            } else {
                try reader.skip()
            }
        }
        if resource == .replicasets || resource == .jobs {
            meta.labels = []
            meta.annotations = []
        }
        return meta
    }

    private mutating func meta(
        _ reader: inout JSONReader, _ version: inout String
    ) throws(JSONError) -> ObjectMeta {
        var meta = ObjectMeta()
        var object = try reader.object()
        while let name = try reader.member(of: &object) {
            switch name {
            case "name": meta.name = try reader.string()
            case "namespace": meta.namespace = try text(&reader)
            case "uid":
                // Only targets of pods show it.
                if resource == .pods, isWhole {
                    meta.uid = try reader.string()
                } else {
                    try reader.skip()
                }
            case "resourceVersion": version = try reader.string()
            case "labels": meta.labels = try map(&reader)
            case "annotations": meta.annotations = try map(&reader)
            case "ownerReferences": meta.controller = try controller(&reader)
            default: try reader.skip()
            }
        }
        return meta
    }

    private mutating func controller(
        _ reader: inout JSONReader
    ) throws(JSONError) -> ObjectReference? {
        var found: ObjectReference?
        var array = try reader.array()
        while try reader.hasElement(in: &array) {
            var reference = ObjectReference()
            var isController = false
            var object = try reader.object()
            while let name = try reader.member(of: &object) {
                switch name {
                case "kind": reference.kind = try text(&reader)
                case "name": reference.name = try text(&reader)
                case "controller": isController = try reader.bool()
                default: try reader.skip()
                }
            }
            if isController, found == nil { found = reference }
        }
        return found
    }

    private mutating func reference(
        _ reader: inout JSONReader
    ) throws(JSONError) -> ObjectReference? {
        if try reader.null() { return nil }
        var reference = ObjectReference()
        var object = try reader.object()
        while let name = try reader.member(of: &object) {
            switch name {
            case "kind": reference.kind = try text(&reader)
            case "namespace": reference.namespace = try text(&reader)
            case "name": reference.name = try text(&reader)
            default: try reader.skip()
            }
        }
        return reference
    }

    /// Objects with a type and something else, e.g. conditions.
    private mutating func typed(
        _ reader: inout JSONReader, _ other: String
    ) throws(JSONError) -> [Label] {
        var found: [Label] = []
        var array = try reader.array()
        while try reader.hasElement(in: &array) {
            var (type, value) = ("", "")
            var object = try reader.object()
            while let name = try reader.member(of: &object) {
                switch name {
                case "type": type = try text(&reader)
                case other: value = try text(&reader)
                default: try reader.skip()
                }
            }
            found.append(Label(type, value))
        }
        return found
    }

    // MARK: Pods

    private mutating func pod(
        _ reader: inout JSONReader, _ version: inout String
    ) throws(JSONError) -> PodObject {
        var pod = PodObject()
        var initial: [PodObject.Container] = []
        var ids = (running: [Label](), initial: [Label]())
        var root = try reader.object()
        while let name = try reader.member(of: &root) {
            switch name {
            case "metadata": pod.meta = try meta(&reader, &version)
            case "spec":
                var spec = try reader.object()
                while let name = try reader.member(of: &spec) {
                    switch name {
                    case "nodeName": pod.node = try text(&reader)
                    case "containers": pod.containers = try containers(&reader, isInit: false)
                    case "initContainers": initial = try containers(&reader, isInit: true)
                    default: try reader.skip()
                    }
                }
            case "status": ids = try podStatus(&reader, &pod)
            default: try reader.skip()
            }
        }
        PodObject.identify(&pod.containers, ids.running)
        PodObject.identify(&initial, ids.initial)
        pod.containers += initial
        return pod
    }

    private mutating func podStatus(
        _ reader: inout JSONReader, _ pod: inout PodObject
    ) throws(JSONError) -> (running: [Label], initial: [Label]) {
        var ids = (running: [Label](), initial: [Label]())
        var status = try reader.object()
        while let name = try reader.member(of: &status) {
            switch name {
            case "podIP": pod.ip = try reader.string()
            case "hostIP": pod.hostIP = try text(&reader)
            case "phase": pod.phase = try text(&reader)
            case "conditions":
                let condition = try typed(&reader, "status").first { $0.name == "Ready" }
                if let condition { pod.ready = condition.value.lowercased() }
            case "containerStatuses": ids.running = try containerIDs(&reader)
            case "initContainerStatuses": ids.initial = try containerIDs(&reader)
            default: try reader.skip()
            }
        }
        return ids
    }

    private mutating func containerIDs(_ reader: inout JSONReader) throws(JSONError) -> [Label] {
        var found: [Label] = []
        var array = try reader.array()
        while try reader.hasElement(in: &array) {
            var (container, id) = ("", "")
            var object = try reader.object()
            while let name = try reader.member(of: &object) {
                switch name {
                case "name": container = try text(&reader)
                case "containerID": id = try reader.string()
                default: try reader.skip()
                }
            }
            found.append(Label(container, id))
        }
        return found
    }

    private mutating func containers(
        _ reader: inout JSONReader, isInit: Bool
    ) throws(JSONError) -> [PodObject.Container] {
        var containers: [PodObject.Container] = []
        var array = try reader.array()
        while try reader.hasElement(in: &array) {
            var container = PodObject.Container(isInit: isInit)
            var object = try reader.object()
            while let name = try reader.member(of: &object) {
                switch name {
                case "name": container.name = try text(&reader)
                case "image": container.image = try text(&reader)
                case "ports": container.ports = try ports(&reader, number: "containerPort")
                default: try reader.skip()
                }
            }
            containers.append(container)
        }
        return containers
    }

    private mutating func ports(
        _ reader: inout JSONReader, number: String
    ) throws(JSONError) -> [PodObject.Port] {
        var ports: [PodObject.Port] = []
        var array = try reader.array()
        while try reader.hasElement(in: &array) {
            var port = PodObject.Port()
            var object = try reader.object()
            while let name = try reader.member(of: &object) {
                switch name {
                case "name": port.name = try text(&reader)
                case "protocol": port.transport = try text(&reader)
                case number: port.number = try reader.integer()
                default: try reader.skip()
                }
            }
            ports.append(port)
        }
        return ports
    }

    // MARK: Nodes

    private mutating func node(
        _ reader: inout JSONReader, _ version: inout String
    ) throws(JSONError) -> NodeObject {
        var node = NodeObject()
        var root = try reader.object()
        while let name = try reader.member(of: &root) {
            switch name {
            case "metadata": node.meta = try meta(&reader, &version)
            case "spec":
                var spec = try reader.object()
                while let name = try reader.member(of: &spec) {
                    if name == "providerID" {
                        node.providerID = try reader.string()
                    } else {
                        try reader.skip()
                    }
                }
            case "status": try nodeStatus(&reader, &node)
            default: try reader.skip()
            }
        }
        return node
    }

    private mutating func nodeStatus(
        _ reader: inout JSONReader, _ node: inout NodeObject
    ) throws(JSONError) {
        var status = try reader.object()
        while let name = try reader.member(of: &status) {
            switch name {
            case "conditions": node.conditions = try typed(&reader, "status")
            case "addresses": node.addresses = try typed(&reader, "address")
            case "daemonEndpoints":
                var endpoints = try reader.object()
                while let name = try reader.member(of: &endpoints) {
                    guard name == "kubeletEndpoint" else {
                        try reader.skip()
                        continue
                    }
                    var kubelet = try reader.object()
                    while let name = try reader.member(of: &kubelet) {
                        if name == "Port" {
                            node.kubeletPort = try reader.integer()
                        } else {
                            try reader.skip()
                        }
                    }
                }
            default: try reader.skip()
            }
        }
    }

    // MARK: Services

    private mutating func service(
        _ reader: inout JSONReader, _ version: inout String
    ) throws(JSONError) -> ServiceObject {
        var service = ServiceObject()
        var root = try reader.object()
        while let name = try reader.member(of: &root) {
            switch name {
            case "metadata": service.meta = try meta(&reader, &version)
            case "spec": try serviceSpec(&reader, &service)
            case "status": service.ingressIPs = try ingressIPs(&reader)
            default: try reader.skip()
            }
        }
        return service
    }

    private mutating func serviceSpec(
        _ reader: inout JSONReader, _ service: inout ServiceObject
    ) throws(JSONError) {
        var spec = try reader.object()
        while let name = try reader.member(of: &spec) {
            switch name {
            case "type": service.type = try text(&reader)
            case "clusterIP": service.clusterIP = try reader.string()
            case "externalName": service.externalName = try reader.string()
            case "loadBalancerIP": service.loadBalancerIP = try reader.string()
            case "ipFamilyPolicy": service.familyPolicy = try text(&reader)
            case "ipFamilies": service.families = try texts(&reader)
            case "ports": service.ports = try ports(&reader, number: "port")
            default: try reader.skip()
            }
        }
    }

    private mutating func ingressIPs(_ reader: inout JSONReader) throws(JSONError) -> [String] {
        var found: [String] = []
        var status = try reader.object()
        while let name = try reader.member(of: &status) {
            guard name == "loadBalancer" else {
                try reader.skip()
                continue
            }
            var balancer = try reader.object()
            while let name = try reader.member(of: &balancer) {
                guard name == "ingress" else {
                    try reader.skip()
                    continue
                }
                var array = try reader.array()
                while try reader.hasElement(in: &array) {
                    var ingress = try reader.object()
                    while let name = try reader.member(of: &ingress) {
                        if name == "ip" {
                            found.append(try reader.string())
                        } else {
                            try reader.skip()
                        }
                    }
                }
            }
        }
        return found
    }

    // MARK: Endpoints

    private mutating func endpoints(
        _ reader: inout JSONReader, _ version: inout String
    ) throws(JSONError) -> EndpointsObject {
        var endpoints = EndpointsObject()
        var root = try reader.object()
        while let name = try reader.member(of: &root) {
            switch name {
            case "metadata": endpoints.meta = try meta(&reader, &version)
            case "subsets":
                var array = try reader.array()
                while try reader.hasElement(in: &array) {
                    endpoints.subsets.append(try subset(&reader))
                }
            default: try reader.skip()
            }
        }
        return endpoints
    }

    private mutating func subset(
        _ reader: inout JSONReader
    ) throws(JSONError) -> EndpointsObject.Subset {
        var subset = EndpointsObject.Subset()
        var object = try reader.object()
        while let name = try reader.member(of: &object) {
            switch name {
            case "addresses": subset.ready = try addresses(&reader)
            case "notReadyAddresses": subset.notReady = try addresses(&reader)
            case "ports": subset.ports = try ports(&reader, number: "port")
            default: try reader.skip()
            }
        }
        return subset
    }

    private mutating func addresses(
        _ reader: inout JSONReader
    ) throws(JSONError) -> [EndpointsObject.Address] {
        var addresses: [EndpointsObject.Address] = []
        var array = try reader.array()
        while try reader.hasElement(in: &array) {
            var address = EndpointsObject.Address()
            var object = try reader.object()
            while let name = try reader.member(of: &object) {
                switch name {
                case "ip": address.ip = try reader.string()
                case "hostname": address.hostname = try text(&reader)
                case "nodeName": address.node = try optionalText(&reader)
                case "targetRef": address.target = try reference(&reader)
                default: try reader.skip()
                }
            }
            addresses.append(address)
        }
        return addresses
    }

    private mutating func slice(
        _ reader: inout JSONReader, _ version: inout String
    ) throws(JSONError) -> SliceObject {
        var slice = SliceObject()
        var root = try reader.object()
        while let name = try reader.member(of: &root) {
            switch name {
            case "metadata": slice.meta = try meta(&reader, &version)
            case "addressType": slice.addressType = try text(&reader)
            case "endpoints":
                var array = try reader.array()
                while try reader.hasElement(in: &array) {
                    slice.endpoints.append(try endpoint(&reader))
                }
            case "ports": slice.ports = try slicePorts(&reader)
            default: try reader.skip()
            }
        }
        return slice
    }

    private mutating func slicePorts(
        _ reader: inout JSONReader
    ) throws(JSONError) -> [SliceObject.Port] {
        var ports: [SliceObject.Port] = []
        var array = try reader.array()
        while try reader.hasElement(in: &array) {
            var port = SliceObject.Port()
            var object = try reader.object()
            while let name = try reader.member(of: &object) {
                switch name {
                case "name": port.name = try optionalText(&reader)
                case "protocol": port.transport = try optionalText(&reader)
                case "appProtocol": port.application = try optionalText(&reader)
                case "port": port.number = try reader.null() ? nil : try reader.integer()
                default: try reader.skip()
                }
            }
            ports.append(port)
        }
        return ports
    }

    private mutating func endpoint(
        _ reader: inout JSONReader
    ) throws(JSONError) -> SliceObject.Endpoint {
        var endpoint = SliceObject.Endpoint()
        var object = try reader.object()
        while let name = try reader.member(of: &object) {
            switch name {
            case "addresses": endpoint.addresses = try texts(&reader)
            case "hostname": endpoint.hostname = try optionalText(&reader)
            case "nodeName": endpoint.node = try optionalText(&reader)
            case "zone": endpoint.zone = try optionalText(&reader)
            case "targetRef": endpoint.target = try reference(&reader)
            case "deprecatedTopology": endpoint.topology = try map(&reader)
            case "conditions":
                var conditions = try reader.object()
                while let name = try reader.member(of: &conditions) {
                    switch name {
                    case "ready": endpoint.ready = try optionalBool(&reader)
                    case "serving": endpoint.serving = try optionalBool(&reader)
                    case "terminating": endpoint.terminating = try optionalBool(&reader)
                    default: try reader.skip()
                    }
                }
            default: try reader.skip()
            }
        }
        return endpoint
    }

    private func optionalBool(_ reader: inout JSONReader) throws(JSONError) -> Bool? {
        try reader.null() ? nil : try reader.bool()
    }

    // MARK: Ingresses

    private mutating func ingress(
        _ reader: inout JSONReader, _ version: inout String
    ) throws(JSONError) -> IngressObject {
        var ingress = IngressObject()
        var root = try reader.object()
        while let name = try reader.member(of: &root) {
            switch name {
            case "metadata": ingress.meta = try meta(&reader, &version)
            case "spec":
                var spec = try reader.object()
                while let name = try reader.member(of: &spec) {
                    switch name {
                    case "ingressClassName": ingress.className = try optionalText(&reader)
                    case "rules": ingress.rules = try rules(&reader)
                    case "tls": ingress.tlsHosts = try tlsHosts(&reader)
                    default: try reader.skip()
                    }
                }
            default: try reader.skip()
            }
        }
        return ingress
    }

    private mutating func tlsHosts(_ reader: inout JSONReader) throws(JSONError) -> [String] {
        var hosts: [String] = []
        var array = try reader.array()
        while try reader.hasElement(in: &array) {
            var object = try reader.object()
            while let name = try reader.member(of: &object) {
                if name == "hosts" { hosts += try texts(&reader) } else { try reader.skip() }
            }
        }
        return hosts
    }

    private mutating func rules(
        _ reader: inout JSONReader
    ) throws(JSONError) -> [IngressObject.Rule] {
        var rules: [IngressObject.Rule] = []
        var array = try reader.array()
        while try reader.hasElement(in: &array) {
            var rule = IngressObject.Rule()
            var object = try reader.object()
            while let name = try reader.member(of: &object) {
                switch name {
                case "host": rule.host = try text(&reader)
                case "http": rule.paths = try reader.null() ? nil : try paths(&reader)
                default: try reader.skip()
                }
            }
            rules.append(rule)
        }
        return rules
    }

    private mutating func paths(_ reader: inout JSONReader) throws(JSONError) -> [String] {
        var found: [String] = []
        var http = try reader.object()
        while let name = try reader.member(of: &http) {
            guard name == "paths" else {
                try reader.skip()
                continue
            }
            var array = try reader.array()
            while try reader.hasElement(in: &array) {
                var path = ""
                var object = try reader.object()
                while let name = try reader.member(of: &object) {
                    if name == "path" { path = try text(&reader) } else { try reader.skip() }
                }
                found.append(path)
            }
        }
        return found
    }
}

extension PodObject {
    /// Gives containers the IDs that the pod's status has for their names.
    fileprivate static func identify(_ containers: inout [Container], _ ids: [Label]) {
        for index in containers.indices {
            let name = containers[index].name
            containers[index].id = ids.first { $0.name == name }?.value ?? ""
        }
    }
}
