import Model
import WireFormats

/// What the data points of one metric are read with.
struct OTLPMetricContext {
    /// As it was sent.
    let name: String
    /// As its series are named, but for `_bucket` and the like.
    let family: String
    let metadata: MetricMetadata
    /// Whether each sample is what came since the one before, and is stored like that.
    let isNativeDelta: Bool
    /// Whether its samples are added up.
    let isAccumulated: Bool
    let maker: OTLPLabels
    let settings: OTLPSettings
    let encoding: OTLPEncoding

    /// The labels of a data point's series, without the metric's name.
    func labels(_ attributes: [OTLPKeyValue]) throws(OTLPFault) -> Labels {
        var added: [Label] = []
        if settings.addsTypeAndUnitLabels {
            if metadata.type != .untyped { added.append(Label("__type__", metadata.type.rawValue)) }
            let escapes = settings.configuration.translationStrategy.escapes
            let unit = OTLPUnits(metadata.unit).joined(escaping: escapes)
            if !unit.isEmpty { added.append(Label("__unit__", unit)) }
        }
        return try maker.labels(attributes, added: added)
    }

    /// The labels of the series with the suffix.
    func series(_ labels: Labels, _ suffix: String = "", _ extra: Label? = nil) -> Labels {
        Labels(labels.sorted + (extra.map { [$0] } ?? []) + [Label(Labels.name, family + suffix)])
    }

    /// A sample of a gauge. Exemplars of gauges are left out, as in Prometheus.
    func gauge(_ point: OTLPNumberPoint) throws(OTLPFault) -> OTLPPoint {
        try number(point, exemplars: [])
    }

    /// A sample of a sum.
    func sum(_ point: OTLPNumberPoint) throws(OTLPFault) -> OTLPPoint {
        try number(point, exemplars: exemplars(point.exemplars))
    }

    private func number(
        _ point: OTLPNumberPoint, exemplars: [Exemplar]
    ) throws(OTLPFault) -> OTLPPoint {
        var made = try OTLPPoint(
            time: point.timeUnixNano, start: point.startTimeUnixNano, flags: point.flags)
        let value: Double =
            switch point.value {
            case .asDouble(let number): number
            case .asInt(let number): Double(number)
            case nil: 0
            }
        made.add(series(try labels(point.attributes)), value, exemplars: exemplars)
        return made
    }

    /// The samples of a summary.
    func summary(_ point: OTLPSummaryPoint) throws(OTLPFault) -> OTLPPoint {
        var made = try OTLPPoint(
            time: point.timeUnixNano, start: point.startTimeUnixNano, flags: point.flags)
        let labels = try labels(point.attributes)
        try settings.limits.check(buckets: point.quantileValues.count, of: name)
        made.add(series(labels, "_sum"), point.sum)
        made.add(series(labels, "_count"), Double(point.count))
        for quantile in point.quantileValues {
            let label = Label("quantile", GoFloat.fixed(quantile.quantile))
            made.add(series(labels, "", label), quantile.value)
        }
        return made
    }

    /// The exemplars as they are, each that has a value.
    func exemplars(_ exemplars: [OTLPExemplar]) -> [Exemplar] {
        exemplars.compactMap { OTLPExemplars.exemplar($0, encoding) }
    }
}
