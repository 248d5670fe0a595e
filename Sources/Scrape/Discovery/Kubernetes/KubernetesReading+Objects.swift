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

    mutating func meta(
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
        meta.key = ObjectMeta.key(meta.namespace, meta.name)
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

    mutating func reference(
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
    mutating func typed(
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

    mutating func ports(
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
