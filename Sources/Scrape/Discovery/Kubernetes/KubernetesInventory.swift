import Configuration
import Model

/// What is known of the cluster, and the target groups that follow: objects in, groups out.
///
/// A change of an object makes anew its own group and those that looked at it, and no others. Where groups
/// look at no others, objects are not kept.
struct KubernetesInventory {
    private let primary: KubernetesResource
    private let keepsObjects: Bool
    private var maker: KubernetesGroups
    private var groups: [String: DiscoveredGroup] = [:]
    /// The names of the groups in their order; nil where that has to be found out.
    private var order: [String]? = []
    /// The primary objects whose groups have to be made anew.
    private var changed: Set<String> = []
    /// Whether a group is another since the last update.
    private var hasOtherGroups = false
    /// What a group looked at, and the other way round.
    private var used: [String: Set<KubernetesGroups.Key>] = [:]
    private var users: [KubernetesGroups.Key: Set<String>] = [:]

    init(_ settings: KubernetesDiscovery) {
        primary = settings.primary
        keepsObjects = settings.resources.count > 1
        maker = KubernetesGroups(settings.attachment)
    }

    /// An object is there, or is another.
    mutating func put(_ object: KubernetesObject, _ resource: KubernetesResource) {
        let key = object.meta.key
        guard keepsObjects else { return set(maker.group(of: object), key) }
        if maker.objects[resource]?[key] == object { return }
        maker.objects[resource, default: [:]][key] = object
        note(resource, key)
    }

    /// An object is gone.
    mutating func remove(_ key: String, _ resource: KubernetesResource) {
        guard keepsObjects else { return set(nil, key) }
        if maker.objects[resource]?.removeValue(forKey: key) != nil { note(resource, key) }
    }

    /// Of a namespace, or of all, only these are there.
    mutating func keep(
        _ keys: Set<String>, _ resource: KubernetesResource, in namespace: String?
    ) {
        let prefix = namespace.map { $0 + "/" } ?? ""
        func isGone(_ key: String) -> Bool { key.hasPrefix(prefix) && !keys.contains(key) }
        let gone =
            keepsObjects
            ? (maker.objects[resource] ?? [:]).keys.filter(isGone) : groups.keys.filter(isGone)
        for key in gone { remove(key, resource) }
    }

    private mutating func note(_ resource: KubernetesResource, _ key: String) {
        if resource == primary { changed.insert(key) }
        changed.formUnion(users[KubernetesGroups.Key(resource: resource, name: key)] ?? [])
    }

    /// Whether a group may have changed since the last update.
    var isChanged: Bool { !changed.isEmpty || hasOtherGroups }

    /// All groups in order; nil where they are as they were at the last call.
    mutating func update() -> [DiscoveredGroup]? {
        let keys = changed
        changed = []
        for key in keys {
            let object = maker.objects[primary]?[key]
            set(object.flatMap { maker.group(of: $0) }, key)
            depend(key, on: object == nil ? [] : maker.used)
        }
        guard hasOtherGroups else { return nil }
        hasOtherGroups = false
        let order = self.order ?? groups.keys.sorted()
        self.order = order
        return order.compactMap { groups[$0] }
    }

    private mutating func set(_ group: DiscoveredGroup?, _ key: String) {
        let former = groups[key]
        if former == group { return }
        if (former == nil) != (group == nil) { order = nil }
        groups[key] = group
        hasOtherGroups = true
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
