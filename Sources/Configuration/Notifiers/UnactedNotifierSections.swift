import Model

/// What stands at Alertmanager's top level and Tocsin does not act on: checked for what Alertmanager
/// would refuse, and named in a warning.
enum UnactedNotifierSections {
    static func read(_ keys: KeyedElement) {
        _ = keys.object("tracing", tracing)
        _ = keys.object("event_recorder", eventRecorder)
        for key in ["tracing", "event_recorder"] where keys.has(key) {
            keys.warn(at: key, "is not acted on")
        }
    }

    private static func tracing(_ keys: KeyedElement) -> Void? {
        ValueSchema.check(
            keys,
            [
                "client_type": .word(["grpc", "http"], "tracing client type"),
                "endpoint": .string, "sampling_fraction": .number, "insecure": .bool,
                "tls_config": .tls, "compression": .word(["", "gzip"], "compression type"),
                "timeout": .duration,
            ])
        _ = HTTPClientReader.headers(keys["headers"])
        if !keys.has("endpoint") { keys.error("tracing endpoint must be set") }
        return ()
    }

    /// `event_recorder`, which Alertmanager has since 0.33 behind a feature flag.
    private static func eventRecorder(_ keys: KeyedElement) -> Void? {
        outputs(
            keys, "file", ["path": .string],
            required: ["path": "event_recorder file output requires a path"])
        outputs(keys, "stdout", [:], required: [:])
        outputs(
            keys, "kafka",
            [
                "brokers": .strings, "topic": .string, "client_id": .string,
                "format": .word(["", "json", "protobuf"], "format"),
                "acks": .word(["", "none", "leader", "all"], "acks"),
                "compression": .word(
                    ["", "none", "gzip", "snappy", "lz4", "zstd"], "compression"),
                "buffer_size": .int, "tls_config": .tls,
            ],
            required: [
                "brokers": "event_recorder kafka: at least one broker is required",
                "topic": "event_recorder kafka output requires a topic",
            ])
        outputs(
            keys, "webhook",
            [
                "timeout": .duration, "workers": .int, "max_retries": .int,
                "retry_backoff": .duration, "batch": .bool, "batch_max_events": .int,
                "batch_max_bytes": .int, "batch_flush_interval": .duration,
            ],
            required: ["url": "event_recorder webhook output requires a url"], webhook)
        return ()
    }

    private static func outputs(
        _ keys: KeyedElement, _ kind: String, _ schema: [String: ValueSchema],
        required: [String: String], _ more: (KeyedElement) -> Void = { _ in }
    ) {
        _ = keys.list("\(kind)_outputs") { element in
            element.object { output -> Void? in
                ValueSchema.check(output, schema)
                for (key, message) in required.sorted(by: { $0.key < $1.key })
                where !output.holds(key) {
                    output.error(message)
                }
                more(output)
                return ()
            }
        }
    }

    private static func webhook(_ keys: KeyedElement) {
        if keys.has("url"), let url = keys["url"] {
            _ = URLCheck.http(url, isSecret: true)
            _ = url.secret(hiding: .path)
        }
        _ = keys.object("http_config", HTTPClientReader.read)
        let batch = ["batch_max_events", "batch_max_bytes", "batch_flush_interval"]
        if keys.bool("batch") != true, batch.contains(where: keys.has) {
            keys.error("event_recorder webhook batch settings require batch: true")
        }
    }
}
