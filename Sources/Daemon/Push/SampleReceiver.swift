import Configuration
import Exposition
import Logging
import Model
import Scrape
import Setup
import Store

/// The protocols by which others write samples to us.
public enum WriteSender: String, Sendable, Hashable, CaseIterable {
    case remoteWrite = "write"
    case otlp
}

/// What became of a request.
public struct WriteOutcome: Sendable, Hashable {
    /// Numbers that are stored; those that were there already count too.
    public var samples = 0
    /// Native histograms, likewise.
    public var histograms = 0
    /// Exemplars, likewise.
    public var exemplars = 0
    /// What is not.
    public var refusals = WriteRefusals()
    /// Exemplars that are not, and that senders of 2.0 are told of.
    public var exemplarRefusals = WriteRefusals()

    /// Nothing.
    public init() {}
}

/// What is to be told the sender of a request of OTLP that was taken.
public struct OTLPReceipt: Sendable, Hashable {
    /// How many data points were not, a sample that the store refuses counting as one.
    public let rejectedPoints: Int
    /// Why, and what else there is to say.
    public let message: String
}

/// Takes in samples that others collected, of remote write and of OTLP.
///
/// It has a thread of its own: a body that takes long to read delays no scrape and no rule, and no more
/// than one is read at a time.
public actor SampleReceiver {
    /// What senders said of metrics.
    public nonisolated let metadata = WrittenMetadata()

    private let executor = ThreadExecutor(name: "write")
    private let store: Store
    private let clock: any PipelineClock
    private let registry: MetricsRegistry
    private let logger: Logger
    private var counters: [WriteSender: WriteCounters]
    private var terms: Terms
    private var ledger = WriterLedger()
    private var hasWarnedOfMetadata = false
    private var deltaSums = OTLPDeltaSums()

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// A receiver that nobody has written to.
    init(
        _ runtime: Runtime, store: Store, clock: any PipelineClock, registry: MetricsRegistry,
        logger: Logger
    ) {
        self.store = store
        self.clock = clock
        self.registry = registry
        self.logger = logger
        terms = Terms(runtime)
        counters = SampleReceiver.counters(registry, terms.settings)
    }

    /// Goes on under other settings.
    func apply(_ runtime: Runtime) {
        terms = Terms(runtime)
        counters.merge(SampleReceiver.counters(registry, terms.settings)) { known, _ in known }
    }

    /// Of the protocols that are on. From the start: an increase must see the first refusal too.
    private static func counters(
        _ registry: MetricsRegistry, _ settings: PushSettings
    ) -> [WriteSender: WriteCounters] {
        var counters: [WriteSender: WriteCounters] = [:]
        for (sender, isOn) in [
            (WriteSender.remoteWrite, settings.takesRemoteWrite), (.otlp, settings.takesOTLP),
        ] where isOn {
            counters[sender] = WriteCounters(registry, sender)
        }
        return counters
    }

    /// What of a configuration matters here.
    private struct Terms {
        let settings: PushSettings
        let limits: WriteLimits
        let outOfOrderWindow: Milliseconds
        let keepsStartTimes: Bool
        let otlp: OTLPTranslator

        init(_ runtime: Runtime) {
            settings = runtime.settings.push
            limits = WriteLimits(
                settings, addsTypeAndUnitLabels: runtime.settings.addsTypeAndUnitLabels)
            outOfOrderWindow = runtime.configuration.outOfOrderTimeWindow
            keepsStartTimes = runtime.settings.readsStartTimestamps
            otlp = OTLPTranslator(OTLPSettings(runtime.configuration))
        }
    }

    // MARK: Receiving

    /// Takes a request from a peer, which `read` reads here, on the receiver's thread.
    public func receive(
        from peer: String, by sender: WriteSender,
        _ read: @Sendable (WriteLimits) throws(WriteFailure) -> WrittenBatch
    ) -> Result<WriteOutcome, WriteFailure> {
        take(from: peer, by: sender, read)
    }

    /// Takes an export request of OTLP from a peer, which `read` reads here.
    public func receiveOTLP(
        from peer: String, _ read: @Sendable (WriteLimits) throws(WriteFailure) -> OTLPBody
    ) -> Result<OTLPReceipt, WriteFailure> {
        var translated = OTLPOutcome()
        let result = take(from: peer, by: .otlp) { limits throws(WriteFailure) in
            let body = try read(limits)
            translated = terms.otlp.translate(body, sums: &deltaSums, at: clock.now)
            var written = WrittenBatch()
            written.batch = translated.batch
            return written
        }
        return result.map { outcome in
            let refused = outcome.refusals.samples.values.reduce(0, +)
            let texts = translated.messages + outcome.refusals.texts
            return OTLPReceipt(
                rejectedPoints: translated.rejectedPoints + refused,
                message: texts.joined(separator: "\n"))
        }
    }

    private func take(
        from peer: String, by sender: WriteSender,
        _ read: (WriteLimits) throws(WriteFailure) -> WrittenBatch
    ) -> Result<WriteOutcome, WriteFailure> {
        let counters = counters[sender] ?? WriteCounters(registry, sender)
        let (limits, settings) = (terms.limits, terms.settings)
        do throws(WriteFailure) {
            let written = try read(limits)
            try limits.check(
                series: written.batch.series.count,
                samples: written.batch.samples.count + written.batch.exemplars.count)
            guard ledger.admit(peer, at: clock.now, maximum: settings.maximumSenders) else {
                throw .busy(
                    "there are as many senders as the limit push.max_senders allows "
                        + "(\(settings.maximumSenders)): try again later, or raise the limit")
            }
            let outcome = write(written, from: peer, by: sender)
            counters.count(outcome)
            return .success(outcome)
        } catch {
            counters.countFailure()
            return .failure(error)
        }
    }

    private func write(
        _ written: WrittenBatch, from peer: String, by sender: WriteSender
    ) -> WriteOutcome {
        var outcome = WriteOutcome()
        outcome.refusals = written.refusals
        var batch = written.batch
        let isAdmitted = admit(&batch, from: peer, &outcome.refusals)
        let verdicts = store.write(
            batch, from: sender.rawValue, outOfOrderWindow: terms.outOfOrderWindow)
        for (sample, verdict) in zip(batch.samples, verdicts) {
            count(verdict, of: sample, in: batch, &outcome)
        }
        for (series, exemplar) in batch.exemplars where isAdmitted[series] {
            take(exemplar, of: batch.series[series], &outcome)
        }
        keep(batch.metadata)
        return outcome
    }

    /// Leaves in the batch what may be written; says of each series whether it may.
    private func admit(
        _ batch: inout SampleBatch, from peer: String, _ refusals: inout WriteRefusals
    ) -> [Bool] {
        var counts = [Int](repeating: 0, count: batch.series.count)
        for sample in batch.samples { counts[sample.series] += 1 }
        let isAdmitted = batch.series.indices.map { index in
            admits(batch.series[index], samples: counts[index], from: peer, &refusals)
        }
        let latest = clock.now + SampleRules.maximumAhead
        let keepsStartTimes = terms.keepsStartTimes
        batch.samples = batch.samples.compactMap { sample in
            guard isAdmitted[sample.series] else { return nil }
            guard sample.time <= latest, sample.time.milliseconds >= 0 else {
                let isAhead = sample.time > latest
                refusals.add(
                    .outOfBounds, samples: 1,
                    (isAhead
                        ? "out of bounds: timestamp is too far in the future" : "out of bounds")
                        + ofSeries(batch.series[sample.series]))
                return nil
            }
            var sample = sample
            if let start = sample.startTime,
                !keepsStartTimes || start >= sample.time || start.milliseconds < 0
            {
                sample.startTime = nil
            }
            return sample
        }
        return isAdmitted
    }

    private func admits(
        _ labels: Labels, samples: Int, from peer: String, _ refusals: inout WriteRefusals
    ) -> Bool {
        if let refusal = terms.limits.rules.refusal(labels) {
            refusals.add(.labelLimit, samples: samples, refusal)
            return false
        }
        let maximum = terms.settings.maximumSeriesPerSender
        if samples == 0 || ledger.admit(labels, of: peer, maximum: maximum) { return true }
        refusals.add(
            .senderLimit, samples: samples,
            "\(peer) writes more series than the limit push.max_series_per_sender (\(maximum))"
                + ofSeries(labels))
        return false
    }

    private func ofSeries(_ labels: Labels) -> String {
        " for series \(WriteRefusals.shown(labels))"
    }

    private func count(
        _ verdict: SampleVerdict, of sample: SampleBatch.Sample, in batch: SampleBatch,
        _ outcome: inout WriteOutcome
    ) {
        let refusal: (reason: WriteRefusals.Reason, text: String)
        switch verdict {
        case .stored, .repeated:
            if sample.histogram == nil { outcome.samples += 1 } else { outcome.histograms += 1 }
            return
        case .duplicate: refusal = (.duplicate, "duplicate sample for timestamp")
        case .outOfOrder: refusal = (.outOfOrder, "out of order sample")
        case .tooOld: refusal = (.tooOld, "too old sample")
        case .tooManySeries:
            refusal = (
                .storeLimit,
                "there are as many series as there may be (\(store.options.maximumSeries))"
            )
        }
        outcome.refusals.add(
            refusal.reason, samples: 1, refusal.text + ofSeries(batch.series[sample.series]))
    }

    private func take(
        _ exemplar: Exemplar, of series: Labels, _ outcome: inout WriteOutcome
    ) {
        // As in Prometheus, nobody is told of those that are too far ahead or too long.
        guard exemplar.time <= clock.now + SampleRules.maximumAhead,
            exemplar.time.milliseconds >= 0
        else { return }
        switch store.exemplars.add(exemplar, of: series) {
        case .stored, .repeated: outcome.exemplars += 1
        case .outOfOrder:
            outcome.exemplarRefusals.add(
                .outOfOrder, samples: 0, "out of order exemplar" + ofSeries(series))
        case .tooLong, .disabled: break
        }
    }

    private func keep(_ said: [String: MetricMetadata]) {
        if said.isEmpty { return }
        let limits = terms.limits
        let left = metadata.take(said, maximum: limits.metadata, length: limits.valueLength)
        if left == 0 || hasWarnedOfMetadata { return }
        hasWarnedOfMetadata = true
        logger.warning(
            """
            the type, help and unit of some metrics that are written to us are not kept: there are more \
            than push.max_metadata (\(limits.metadata)), or one is longer than \
            push.label_value_length_limit (\(limits.valueLength) bytes)
            """)
    }
}
