import Model

/// Reads `storage`. Of it, exemplars and the window for samples out of order are acted on; the rest is
/// checked for what Prometheus would refuse, and named in a warning.
enum StorageReader {
    static func read(
        _ storage: KeyedElement, into configuration: inout TocsinConfiguration
    ) -> Void? {
        let maximum = storage.object("exemplars") {
            $0["max_exemplars"]?.int(Int64.min...Int64.max)
        }
        if let maximum { configuration.maximumExemplars = Int(clamping: max(0, maximum)) }
        let window = storage.object("tsdb", tsdb)
        if let window { configuration.outOfOrderTimeWindow = window }
        return ()
    }

    /// `out_of_order_time_window`.
    private static func tsdb(_ keys: KeyedElement) -> Milliseconds? {
        _ = keys["stale_series_compaction_threshold"].flatMap { $0.double() }
        let window = keys.duration("out_of_order_time_window")
        _ = keys.object("retention", retention)
        _ = keys.object("chunk_encoding") { encoding in
            if let floats = encoding.string("floats"), !["", "xor", "xor2"].contains(floats) {
                encoding.error(
                    at: "floats",
                    "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got \(floats.goQuoted)"
                )
            }
        }
        for key in ["stale_series_compaction_threshold", "retention", "chunk_encoding"]
        where keys.has(key) {
            keys.warn(at: key, "is not acted on")
        }
        return window
    }

    private static func retention(_ keys: KeyedElement) -> Void? {
        _ = keys.duration("time")
        if let size = keys["size"].flatMap({ $0.size() }), size < 0 {
            keys.error(
                at: "size", "'storage.tsdb.retention.size' must be greater than or equal to 0")
        }
        if let percentage = keys["percentage"].flatMap({ $0.double() }),
            !(0...100).contains(percentage)
        {
            keys.error(
                at: "percentage",
                "'storage.tsdb.retention.percentage' must be in the range [0, 100], got \(GoFloat.general(percentage))"
            )
        }
        return ()
    }
}
