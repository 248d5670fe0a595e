import Configuration
import Exposition
import Model
import Store

/// Commits the last values of pushed groups: one axis a group, one frame an interval. It reads a group
/// again only when that has changed.
public struct PushCommitter {
    /// What is committed of a group again and again.
    private struct Writer {
        let axis: Axis
        var version: Int
        var slots: Set<Int> = []
        var values: [Double] = []
        var histograms: [SlotHistogram] = []
    }

    private let store: Store
    private var writers: [GroupingKey: Writer] = [:]

    /// Of no group yet.
    public init(store: Store) { self.store = store }

    /// Writes a frame of each group; a group that is gone has a last one, which ends its series.
    public mutating func commit(
        _ groups: PushGroups, histograms: HistogramSettings, at time: Timestamp
    ) {
        for (key, writer) in writers where groups.entries[key] == nil {
            writer.axis.commit(at: time, values: [])
            store.closeAxis(writer.axis)
            writers[key] = nil
        }
        for (key, entry) in groups.entries { commit(key, entry, histograms, time) }
    }

    private mutating func commit(
        _ key: GroupingKey, _ entry: PushGroups.Entry, _ settings: HistogramSettings,
        _ time: Timestamp
    ) {
        let known = writers[key]
        var writer = known ?? Writer(axis: store.openAxis("push:" + key.id), version: -1)
        let isNew = writer.version != entry.version
        let before = writer.slots
        if isNew { PushCommitter.read(entry, settings, into: &writer) }
        writer.axis.commit(at: time, values: writer.values, histograms: writer.histograms)
        for slot in before.subtracting(writer.slots) { writer.axis.release(slot: slot) }
        writers[key] = writer
    }

    private static func read(
        _ entry: PushGroups.Entry, _ settings: HistogramSettings, into writer: inout Writer
    ) {
        let group = entry.group
        let axis = writer.axis
        writer.version = entry.version
        writer.slots = []
        writer.histograms = []
        writer.values = [Double](repeating: SampleValue.stale, count: axis.slotCount)
        var frame = writer
        func set(_ labels: Labels, _ value: Double) -> Int {
            let slot = axis.slot(for: labels)
            while frame.values.count <= slot { frame.values.append(SampleValue.stale) }
            frame.values[slot] = value
            frame.slots.insert(slot)
            return slot
        }
        for family in group.families {
            var samples = PushedSamples(
                group.key, .none,
                histograms: HistogramPolicy(
                    readsNative: settings.scrapesNative, keepsClassic: settings.alwaysScrapesClassic
                ))
            // What is kept was read before; what cannot be read now is left out.
            guard (try? family.read(&samples)) != nil else { continue }
            for (series, value) in samples.values { _ = set(samples.series[series], value) }
            for (series, sample) in samples.native {
                guard let histogram = settings.bounded(sample) else { continue }
                let slot = set(samples.series[series], SampleValue.histogram)
                frame.histograms.append(SlotHistogram(slot: slot, histogram: histogram))
            }
        }
        let names = PushedGroup.timeNames
        for (name, time) in [(names.push, group.pushTime), (names.failure, group.failureTime)] {
            let labels = group.key.applied(to: [Label(Labels.name, name)])
            _ = set(labels, time?.seconds ?? 0)
        }
        writer = frame
    }
}
