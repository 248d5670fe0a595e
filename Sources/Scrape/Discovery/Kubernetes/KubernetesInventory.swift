import Configuration
import Model

/// What is known of the cluster, and the target groups that follow: objects in, groups out.
///
/// A change of an object makes anew its own group and those that looked at it, and no others.
struct KubernetesInventory {
    private let primary: KubernetesResource
    private let attachment: KubernetesDiscovery.Attachment
    private var objects: [KubernetesResource: [String: KubernetesObject]] = [:]
    private var groups: [String: DiscoveredGroup] = [:]
    /// The names of the groups in their order; nil where that has to be found out.
    private var order: [String]? = []
    /// The primary objects whose groups have to be made anew.
    private var changed: Set<String> = []
    /// What a group looked at, and the other way round.
    private var used: [String: Set<KubernetesGroups.Key>] = [:]
    private var users: [KubernetesGroups.Key: Set<String>] = [:]
    private var names = KubernetesLabels()

    init(_ settings: KubernetesDiscovery) {
        primary = settings.primary
        attachment = settings.attachment
    }

    /// An object is there, or is another.
    mutating func put(_ object: KubernetesObject, _ resource: KubernetesResource) {
        let key = object.meta.key
        if objects[resource]?[key] == object { return }
        objects[resource, default: [:]][key] = object
        note(resource, key)
    }

    /// An object is gone.
    mutating func remove(_ key: String, _ resource: KubernetesResource) {
        if objects[resource]?.removeValue(forKey: key) != nil { note(resource, key) }
    }

    /// Of a namespace, or of all, only these are there.
    mutating func keep(
        _ keys: Set<String>, _ resource: KubernetesResource, in namespace: String?
    ) {
        let prefix = namespace.map { $0 + "/" } ?? ""
        let gone = (objects[resource] ?? [:]).keys.filter {
            $0.hasPrefix(prefix) && !keys.contains($0)
        }
        for key in gone { remove(key, resource) }
    }

    private mutating func note(_ resource: KubernetesResource, _ key: String) {
        if resource == primary { changed.insert(key) }
        changed.formUnion(users[KubernetesGroups.Key(resource: resource, name: key)] ?? [])
    }

    /// Whether a group may have changed since `update`.
    var isChanged: Bool { !changed.isEmpty }

    /// All groups in order; nil where they are as they were at the last call.
    mutating func update() -> [DiscoveredGroup]? {
        if changed.isEmpty { return nil }
        let keys = changed
        changed = []
        var maker = KubernetesGroups(attachment, objects, names: names)
        var isOther = false
        for key in keys {
            let object = objects[primary]?[key]
            let group = object.flatMap { maker.group(of: $0) }
            depend(key, on: object == nil ? [] : maker.used)
            guard groups[key] != group else { continue }
            isOther = true
            if (groups[key] == nil) != (group == nil) { order = nil }
            groups[key] = group
        }
        names = maker.names
        return isOther ? all() : nil
    }

    private mutating func all() -> [DiscoveredGroup] {
        let order = self.order ?? groups.keys.sorted()
        self.order = order
        return order.compactMap { groups[$0] }
    }

    private mutating func depend(_ key: String, on others: Set<KubernetesGroups.Key>) {
        let former = used[key] ?? []
        if former == others { return }
        for other in former {
            users[other]?.remove(key)
            if users[other]?.isEmpty == true { users[other] = nil }
        }
        for other in others { users[other, default: []].insert(key) }
        used[key] = others.isEmpty ? nil : others
    }
}
