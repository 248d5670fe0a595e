import Model

/// What is kept of an object: what targets are made of, and nothing else.
///
/// The payload is boxed, so that tables of objects stay small.
indirect enum KubernetesObject: Sendable, Equatable {
    case pod(PodObject)
    case node(NodeObject)
    case service(ServiceObject)
    case endpoints(EndpointsObject)
    case slice(SliceObject)
    case ingress(IngressObject)
    /// One that only lends its labels or its owner.
    case plain(ObjectMeta)

    var meta: ObjectMeta {
        switch self {
        case .pod(let object): object.meta
        case .node(let object): object.meta
        case .service(let object): object.meta
        case .endpoints(let object): object.meta
        case .slice(let object): object.meta
        case .ingress(let object): object.meta
        case .plain(let meta): meta
        }
    }
}

/// `metadata`.
struct ObjectMeta: Sendable, Equatable {
    var namespace = ""
    var name = ""
    var uid = ""
    var labels: [Label] = []
    var annotations: [Label] = []
    /// The owner that controls it.
    var controller: ObjectReference?

    /// What it is called among its kind: `NAMESPACE/NAME`, or `NAME`. It is made once, to be shared.
    var key = ""

    static func key(_ namespace: String, _ name: String) -> String {
        namespace.isEmpty ? name : "\(namespace)/\(name)"
    }
}

/// Another object's kind and name.
struct ObjectReference: Sendable, Equatable {
    var kind = ""
    var namespace = ""
    var name = ""
}

struct PodObject: Sendable, Equatable {
    struct Port: Sendable, Equatable {
        var name = ""
        var number = 0
        var transport = ""
    }

    struct Container: Sendable, Equatable {
        var name = ""
        var image = ""
        var id = ""
        var isInit = false
        var ports: [Port] = []
    }

    var meta = ObjectMeta()
    var node = ""
    var ip = ""
    var hostIP = ""
    var phase = ""
    var ready = "unknown"
    /// Those that run, then those of the beginning.
    var containers: [Container] = []
}

struct NodeObject: Sendable, Equatable {
    var meta = ObjectMeta()
    var providerID = ""
    /// Types and states.
    var conditions: [Label] = []
    /// Types and addresses.
    var addresses: [Label] = []
    var kubeletPort = 0
}

struct ServiceObject: Sendable, Equatable {
    var meta = ObjectMeta()
    var type = ""
    var clusterIP = ""
    var externalName = ""
    var loadBalancerIP = ""
    var ingressIPs: [String] = []
    var familyPolicy = ""
    var families: [String] = []
    var ports: [PodObject.Port] = []
}

struct EndpointsObject: Sendable, Equatable {
    struct Address: Sendable, Equatable {
        var ip = ""
        var hostname = ""
        var node: String?
        var target: ObjectReference?
    }

    struct Subset: Sendable, Equatable {
        var ready: [Address] = []
        var notReady: [Address] = []
        var ports: [PodObject.Port] = []
    }

    var meta = ObjectMeta()
    var subsets: [Subset] = []
}

struct SliceObject: Sendable, Equatable {
    struct Endpoint: Sendable, Equatable {
        var addresses: [String] = []
        var ready: Bool?
        var serving: Bool?
        var terminating: Bool?
        var hostname: String?
        var node: String?
        var zone: String?
        var target: ObjectReference?
        var topology: [Label] = []
    }

    struct Port: Sendable, Equatable {
        var name: String?
        var number: Int?
        var transport: String?
        var application: String?
    }

    var meta = ObjectMeta()
    var addressType = ""
    var endpoints: [Endpoint] = []
    var ports: [Port] = []
}

struct IngressObject: Sendable, Equatable {
    struct Rule: Sendable, Equatable {
        var host = ""
        /// nil where the rule names no paths at all.
        var paths: [String]?
    }

    var meta = ObjectMeta()
    var className: String?
    var tlsHosts: [String] = []
    var rules: [Rule] = []
}
