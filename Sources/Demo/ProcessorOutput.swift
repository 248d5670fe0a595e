import Model

/// How the Processor, which has no HTTP endpoint, hands its metrics over.
public enum ProcessorOutput: String, CaseIterable, Sendable {
    /// It writes a text file.
    case textfile
    /// It pushes to Pushgateway's API.
    case pushgateway
    /// It sends Prometheus's remote write 1.0.
    case remoteWrite = "remote-write"
    /// It exports as OpenTelemetry's SDKs do.
    case otlp

    /// The attributes of OTLP's resource, beside those that `job` and `instance` are made of, that have to
    /// be promoted so that the series get the labels they get in the other ways.
    public static let promotedAttributes: Set<String> = ["environment", "service"]

    /// What tells the Processor from others.
    static let identity = Labels([
        "environment": "production", "instance": "processor-0", "job": "lynex-processor",
        "service": "processor",
    ])
}

/// What the Processor knows when it hands over.
struct ProcessorSnapshot {
    var families: [MetricFamily]
    /// When it began to count.
    var start: Timestamp
    var now: Timestamp
}
