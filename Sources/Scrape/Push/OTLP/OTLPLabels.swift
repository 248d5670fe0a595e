import Configuration
import Model
import WireFormats

/// Labels in the making: each name once, none without a value.
struct LabelDraft {
    private(set) var labels: [Label]

    init(_ labels: [Label] = []) { self.labels = labels }

    func value(_ name: String) -> String? {
        labels.first { $0.name.bytesEqual(name) }?.value
    }

    /// Sets a label; without a value it goes.
    mutating func set(_ name: String, _ value: String) {
        labels.removeAll { $0.name.bytesEqual(name) }
        if !value.isEmpty { labels.append(Label(name, value)) }
    }

    /// Sets a label, behind what it has already: what becomes of attributes whose names become one.
    mutating func join(_ name: String, _ value: String) {
        set(name, self.value(name).map { "\($0);\(value)" } ?? value)
    }

    mutating func setIfMissing(_ label: Label) {
        if value(label.name) == nil { labels.append(label) }
    }
}

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
        var draft = LabelDraft()
        var faults: [OTLPFault] = []
        for attribute in attributes {
            do throws(OTLPFault) {
                draft.set(try name(prefix + attribute.key), OTLPValue.text(attribute.value))
            } catch {
                faults.append(error)
            }
        }
        return (draft.labels, faults)
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
        var draft = LabelDraft(made.labels)
        draft.set("otel_scope_name", scope.scope.name)
        draft.set("otel_scope_version", scope.scope.version)
        draft.set("otel_scope_schema_url", scope.schemaURL)
        labels = draft.labels
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
    ) throws(OTLPFault) -> [Label] {
        try limits.check(attributes: attributes.count)
        var draft = LabelDraft()
        let taken = attributes.filter { pair in !ignored.contains { pair.key.bytesEqual($0) } }
        for pair in taken.sorted(by: { $0.key.byteOrder($1.key) < 0 }) {
            draft.join(try namer.name(pair.key), OTLPValue.text(pair.value))
        }
        if promoting { for label in resource.promoted { draft.setIfMissing(label) } }
        for label in resource.identity { draft.set(label.name, label.value) }
        for label in scope?.labels ?? [] { draft.set(label.name, label.value) }
        for label in added { draft.set(label.name, label.value) }
        return draft.labels
    }
}
