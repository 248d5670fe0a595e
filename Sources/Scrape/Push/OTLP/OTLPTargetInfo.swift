import Model
import WireFormats

/// The metric `target_info`, which has what is known of a resource beside `job` and `instance`.
struct OTLPTargetInfo {
    private struct Seen: Hashable {
        let labels: Labels
        let time: Timestamp
    }

    private var seen: Set<Seen> = []

    private static let name = "target_info"

    /// Adds samples for the resource from the first to the last of its data points, so near to each other
    /// that queries in between find one. None where there is nothing to say, or nothing to say it of.
    mutating func add(
        _ attributes: [OTLPKeyValue], _ maker: OTLPLabels, _ settings: OTLPSettings,
        _ times: ClosedRange<Timestamp>, to batch: inout OTLPBatch
    ) {
        let identifying = OTLPResourceLabels.identifying
        let hasMore = attributes.contains { pair in
            !identifying.contains { pair.key.bytesEqual($0) }
        }
        if !hasMore || maker.resource.identity.isEmpty { return }
        let keepsAll = settings.configuration.keepsIdentifyingResourceAttributes
        do throws(OTLPFault) {
            let labels = try maker.labels(
                attributes, without: keepsAll ? [] : identifying, promoting: false
            ).setting(Labels.name, OTLPTargetInfo.name)
            for time in OTLPTargetInfo.times(times, settings)
            where seen.insert(Seen(labels: labels, time: time)).inserted {
                let nanoseconds = UInt64(clamping: time.milliseconds) * 1_000_000
                var point = try OTLPPoint(time: nanoseconds, start: 0, flags: 0)
                point.add(labels, 1)
                try batch.check(point)
                batch.add(point)
            }
            batch.describe(
                OTLPTargetInfo.name, MetricMetadata(type: .gauge, help: "Target metadata"))
        } catch {
            // It is no data point that somebody sent.
            batch.outcome.say("target_info: \(error.message)")
        }
    }

    /// From the first in steps of half the lookback, and the last. Of too many the newest.
    private static func times(
        _ times: ClosedRange<Timestamp>, _ settings: OTLPSettings
    ) -> [Timestamp] {
        let (first, last) = (times.lowerBound.milliseconds, times.upperBound.milliseconds)
        let step = max(1, settings.lookbackDelta.value / 2)
        let before = (last - first + step - 1) / step
        let kept = min(before, Int64(settings.limits.targetInfoSamples) - 1)
        let steps = (before - kept)..<max(before, before - kept)
        return steps.map { Timestamp(milliseconds: first + $0 * step) } + [times.upperBound]
    }
}
