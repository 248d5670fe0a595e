import Model

/// Reads `storage`. Of it, exemplars are acted on; the rest is checked for what Prometheus would refuse,
/// and named in a warning.
enum StorageReader {
    /// `exemplars.max_exemplars`, or nil where it is not given.
    static func maximumExemplars(_ keys: KeyedElement) -> Int? {
        keys.object("storage") { storage -> Int? in
            let maximum = storage.object("exemplars") {
                $0["max_exemplars"]?.int(Int64.min...Int64.max)
            }
            _ = storage.object("tsdb", tsdb)
            if storage.has("tsdb") { storage.warn(at: "tsdb", "is not acted on") }
            return maximum.map { Int(max(0, $0)) }
        }
    }

    private static func tsdb(_ keys: KeyedElement) -> Void? {
        _ = keys["stale_series_compaction_threshold"]
        _ = keys.duration("out_of_order_time_window")
        _ = keys.object("retention", retention)
        return keys.object("chunk_encoding") { encoding in
            _ = encoding["floats"]?.word(["xor", "xor2"], "chunk encoding")
        }
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
