import Model

// What leads to pods: services, endpoints and ingresses.
extension KubernetesReading {
    // MARK: Services

    mutating func service(
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

    mutating func endpoints(
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

    mutating func slice(
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

    mutating func ingress(
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
