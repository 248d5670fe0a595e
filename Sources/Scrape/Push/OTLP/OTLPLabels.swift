import Configuration
import Model
import WireFormats

/// What the series of a resource have in common.
struct OTLPResourceLabels {
    static let serviceName = "service.name"
    static let serviceNamespace = "service.namespace"
    static let serviceInstance = "service.instance.id"
    /// The attributes that `job` and `instance` are made of.
    static let identifying = [serviceNamespace, serviceName, serviceInstance]

    /// `job` and `instance`.
    let identity: [Label]
    /// The attributes that become labels.
    let promoted: [Label]
    /// Why attributes became none. They cost no sample.
    let faults: [OTLPFault]

    init(
        _ attributes: [OTLPKeyValue], _ namer: OTLPLabelNamer, _ limits: OTLPLimits
    ) throws(OTLPFault) {
        func value(_ key: String) -> String? {
            attributes.first { $0.key.bytesEqual(key) }.map { OTLPValue.text($0.value) }
        }
        var job = value(Self.serviceName) ?? ""
        if value(Self.serviceName) != nil, let namespace = value(Self.serviceNamespace) {
            job = "\(namespace)/\(job)"
        }
        identity = [Label("job", job), Label("instance", value(Self.serviceInstance) ?? "")]
            .filter { !$0.value.isEmpty }
        let chosen = attributes.filter { namer.settings.promotion.includes($0.key) }
        try limits.check(attributes: chosen.count)
        (promoted, faults) = namer.labels(chosen)
    }
}

extension OTLPConfiguration.Promotion {
    func includes(_ attribute: String) -> Bool {
        switch self {
        case .only(let names): names.contains(attribute)
        case .allExcept(let names): !names.contains(attribute)
        }
    }
}

extension OTLPLabelNamer {
    /// Labels of attributes whose names take the place of each other's. A name that none can be made of
    /// is left out.
    func labels(
        _ attributes: [OTLPKeyValue], prefix: String = ""
    ) -> (labels: [Label], faults: [OTLPFault]) {
        var labels: [Label] = []
        var faults: [OTLPFault] = []
        for attribute in attributes {
            do throws(OTLPFault) {
                let text = OTLPValue.text(attribute.value)
                labels.append(Label(try name(prefix + attribute.key), text))
            } catch {
                faults.append(error)
            }
        }
        return (labels, faults)
    }
}

/// The labels that say which instrumentation library a metric is of.
struct OTLPScopeLabels {
    let labels: [Label]
    /// Why attributes became none. They cost no sample.
    let faults: [OTLPFault]

    init(
        _ scope: OTLPScopeMetrics, _ namer: OTLPLabelNamer, _ limits: OTLPLimits
    ) throws(OTLPFault) {
        guard namer.settings.promotesScopeMetadata, !scope.scope.name.isEmpty else {
            (labels, faults) = ([], [])
            return
        }
        try limits.check(attributes: scope.scope.attributes.count)
        let made = namer.labels(scope.scope.attributes, prefix: "otel_scope_")
        faults = made.faults
        labels =
            made.labels + [
                Label("otel_scope_name", scope.scope.name),
                Label("otel_scope_version", scope.scope.version),
                Label("otel_scope_schema_url", scope.schemaURL),
            ]
    }
}

/// Makes labels of attributes, of a data point or of a resource.
struct OTLPLabels {
    let namer: OTLPLabelNamer
    let limits: OTLPLimits
    var resource: OTLPResourceLabels
    var scope: OTLPScopeLabels?

    /// The labels without the metric's name. `added` are `__type__` and `__unit__`.
    func labels(
        _ attributes: [OTLPKeyValue], without ignored: [String] = [Labels.name],
        promoting: Bool = true, added: [Label] = []
    ) throws(OTLPFault) -> Labels {
        let own = try joined(
            attributes.filter { pair in !ignored.contains { pair.key.bytesEqual($0) } })
        // Of equal names the last counts.
        return Labels(
            (promoting ? resource.promoted : []) + own + resource.identity + (scope?.labels ?? [])
                + added)
    }

    /// The labels of attributes. The values of those whose names become one are joined, in the order of
    /// the attributes' names.
    private func joined(_ attributes: [OTLPKeyValue]) throws(OTLPFault) -> [Label] {
        try limits.check(attributes: attributes.count)
        var named: [(name: String, attribute: OTLPKeyValue)] = []
        for attribute in attributes { named.append((try namer.name(attribute.key), attribute)) }
        named.sort { a, b in
            let order = a.name.byteOrder(b.name)
            return order == 0 ? a.attribute.key.byteOrder(b.attribute.key) < 0 : order < 0
        }
        var labels: [Label] = []
        for (name, attribute) in named {
            let text = OTLPValue.text(attribute.value)
            if let last = labels.last, last.name.bytesEqual(name) {
                let joined = last.value.isEmpty ? text : "\(last.value);\(text)"
                labels[labels.count - 1] = Label(name, joined)
            } else {
                labels.append(Label(name, text))
            }
        }
        return labels
    }
}
