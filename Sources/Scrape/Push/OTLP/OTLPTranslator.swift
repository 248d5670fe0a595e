import Configuration
import Model
import WireFormats

/// Translates OTLP's metrics into samples, as Prometheus's receiver does. What does not conform is refused
/// by the data point, never with what is right.
public struct OTLPTranslator: Sendable {
    let settings: OTLPSettings

    /// A translator.
    public init(_ settings: OTLPSettings) { self.settings = settings }

    /// The samples of a body. `sums` are what samples with delta temporality have been added up to; they
    /// are used where the settings say so.
    public func translate(
        _ body: OTLPBody, sums: inout OTLPDeltaSums, at now: Timestamp
    ) -> OTLPOutcome {
        sums.expire(at: now)
        var run = OTLPRun(settings, body.encoding, sums: sums, at: now)
        // The one owner of the sums is the run, so that adding to them copies nothing.
        sums = OTLPDeltaSums()
        for resource in body.request.resourceMetrics { run.add(resource) }
        sums = run.sums
        return run.batch.outcome
    }
}

/// A translation under way.
struct OTLPRun {
    let settings: OTLPSettings
    let encoding: OTLPEncoding
    let now: Timestamp
    let metricNamer: OTLPMetricNamer
    let labelNamer: OTLPLabelNamer
    var batch: OTLPBatch
    var sums: OTLPDeltaSums
    var targetInfo = OTLPTargetInfo()

    init(
        _ settings: OTLPSettings, _ encoding: OTLPEncoding, sums: OTLPDeltaSums, at now: Timestamp
    ) {
        self.settings = settings
        self.encoding = encoding
        self.now = now
        self.sums = sums
        metricNamer = OTLPMetricNamer(strategy: settings.configuration.translationStrategy)
        labelNamer = OTLPLabelNamer(settings: settings.configuration)
        batch = OTLPBatch(settings.limits)
    }

    /// Adds all metrics of a resource, and its `target_info`.
    mutating func add(_ resource: OTLPResourceMetrics) {
        let labels: OTLPResourceLabels
        do throws(OTLPFault) {
            labels = try OTLPResourceLabels(
                resource.resource.attributes, labelNamer, settings.limits)
        } catch {
            let metrics = resource.scopeMetrics.flatMap(\.metrics)
            batch.outcome.reject(metrics.reduce(0) { $0 + $1.times.count }, error)
            return
        }
        for fault in labels.faults { batch.outcome.say(fault.message) }
        var maker = OTLPLabels(namer: labelNamer, limits: settings.limits, resource: labels)
        for scope in resource.scopeMetrics { add(scope, maker) }
        maker.scope = nil
        let times = resource.scopeMetrics.flatMap(\.metrics).flatMap(\.times).filter { $0 > 0 }
        if let first = times.min(), let last = times.max() {
            let range = Timestamp(nanoseconds: first)...Timestamp(nanoseconds: last)
            targetInfo.add(resource.resource.attributes, maker, settings, range, to: &batch)
        }
    }

    private mutating func add(_ scope: OTLPScopeMetrics, _ maker: OTLPLabels) {
        var maker = maker
        do throws(OTLPFault) {
            let labels = try OTLPScopeLabels(scope, labelNamer, settings.limits)
            for fault in labels.faults { batch.outcome.say(fault.message) }
            maker.scope = labels
        } catch {
            batch.outcome.reject(scope.metrics.reduce(0) { $0 + $1.times.count }, error)
            return
        }
        for metric in scope.metrics {
            do throws(OTLPFault) {
                try add(metric, maker)
            } catch {
                batch.outcome.reject(metric.times.count, error)
            }
        }
    }

    /// Adds a metric; throws what is wrong with all of it.
    private mutating func add(_ metric: OTLPMetric, _ maker: OTLPLabels) throws(OTLPFault) {
        let context = try context(of: metric, maker)
        if metric.times.isEmpty {
            batch.outcome.say("empty data points. \(metric.name) is dropped")
            return
        }
        let taken = batch.outcome.batch.samples.count
        switch metric.data {
        case .gauge(let gauge): addEach(gauge.dataPoints, context, context.gauge)
        case .sum(let sum): addEach(sum.dataPoints, context, context.sum)
        case .histogram(let histogram):
            let reader =
                settings.configuration.convertsHistogramsToNHCB
                ? context.customHistogram : context.classicHistogram
            addEach(histogram.dataPoints, context, reader)
        case .exponentialHistogram(let histogram):
            addEach(histogram.dataPoints, context, context.exponentialHistogram)
        case .summary(let summary): addEach(summary.dataPoints, context, context.summary)
        case nil: break
        }
        if batch.outcome.batch.samples.count > taken {
            batch.describe(context.family, context.metadata)
        }
    }

    private mutating func addEach<Point>(
        _ points: [Point], _ context: OTLPMetricContext,
        _ read: (Point) throws(OTLPFault) -> OTLPPoint
    ) {
        for point in points {
            do throws(OTLPFault) {
                if let end = batch.end { throw end }
                var made = try read(point)
                try batch.check(made)
                if context.isAccumulated { try sums.add(&made, at: now) }
                batch.add(made)
            } catch {
                batch.outcome.reject(1, error)
            }
        }
    }

    /// What a metric's points are read with; throws where its temporality or its name will not do.
    private func context(
        of metric: OTLPMetric, _ maker: OTLPLabels
    ) throws(OTLPFault) -> OTLPMetricContext {
        if metric.data == nil {
            throw OTLPFault(
                "could not get aggregation temporality for \(metric.name) as it has unsupported "
                    + "metric type Empty")
        }
        let isDelta = metric.temporality == .aggregationTemporalityDelta
        if let temporality = metric.temporality, temporality != .aggregationTemporalityCumulative {
            guard isDelta, settings.deltas != .refused else {
                throw OTLPFault(
                    "invalid temporality and type combination for metric \(metric.name.goQuoted)")
            }
        }
        let family = try metricNamer.name(
            metric.name, unit: metric.unit, kind: metric.namedKind)
        let isNative = isDelta && settings.deltas == .native
        return OTLPMetricContext(
            name: metric.name, family: family,
            metadata: MetricMetadata(
                type: isNative ? .untyped : metric.type, help: metric.description_p,
                unit: OTLPUnits(metric.unit).joined(escaping: true)),
            isNativeDelta: isNative, isAccumulated: isDelta && !isNative, maker: maker,
            settings: settings, encoding: encoding)
    }
}
