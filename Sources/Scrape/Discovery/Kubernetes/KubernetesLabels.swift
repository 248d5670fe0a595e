import Model

/// Makes the `__meta_kubernetes_*` labels of objects' labels and annotations. Names are kept, since thousands
/// of objects have the same.
struct KubernetesLabels {
    private static let maximumNames = 20_000

    private struct Names {
        var value: String
        var present: String
    }

    private var known: [String: [String: Names]] = [:]
    private var count = 0
    private var nameOfKind: [String: String] = [:]

    /// `__meta_kubernetes_KIND_name`, and what follows from labels and annotations.
    mutating func add(_ meta: ObjectMeta, _ kind: String, to labels: inout [Label]) {
        let name = nameOfKind[kind] ?? "__meta_kubernetes_\(kind)_name"
        nameOfKind[kind] = name
        labels.append(Label(name, meta.name))
        addMaps(meta, kind, to: &labels)
    }

    /// What follows from labels and annotations.
    mutating func addMaps(_ meta: ObjectMeta, _ kind: String, to labels: inout [Label]) {
        add(meta.labels, "\(kind)_label", to: &labels)
        add(meta.annotations, "\(kind)_annotation", to: &labels)
    }

    /// `__meta_kubernetes_PREFIX_KEY` with each value, and `__meta_kubernetes_PREFIXpresent_KEY`.
    mutating func add(_ map: [Label], _ prefix: String, to labels: inout [Label]) {
        for entry in map {
            let names = self.names(prefix, entry.name)
            labels.append(Label(names.value, entry.value))
            labels.append(Label(names.present, "true"))
        }
    }

    private mutating func names(_ prefix: String, _ key: String) -> Names {
        if let names = known[prefix]?[key] { return names }
        if count >= KubernetesLabels.maximumNames {
            known = [:]
            count = 0
        }
        let name = KubernetesLabels.sanitised(key)
        let names = Names(
            value: "__meta_kubernetes_\(prefix)_\(name)",
            present: "__meta_kubernetes_\(prefix)present_\(name)")
        known[prefix, default: [:]][key] = names
        count += 1
        return names
    }

    /// With `_` for every character that may not be in a label's name.
    static func sanitised(_ name: String) -> String {
        var result = ""
        result.unicodeScalars.append(
            contentsOf: name.unicodeScalars.map { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "_": scalar
                default: "_"
                }
            })
        return result
    }
}

extension [Label] {
    /// Adds a label; one without a value is none.
    mutating func add(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { append(Label(name, value)) }
    }

    mutating func add(_ name: String, _ value: Bool?) {
        if let value { append(Label(name, value ? "true" : "false")) }
    }
}

/// `HOST:PORT`, with brackets around an IPv6 address.
func hostAndPort(_ host: String, _ port: Int) -> String {
    host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
}
