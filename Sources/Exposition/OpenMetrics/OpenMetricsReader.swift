/// Reads OpenMetrics text, versions 0.0.1 and 1.0.0, as leniently as Prometheus does.
///
/// What `OpenMetricsCheck` refuses beyond that is a table in `docs/differences.md`.
public struct OpenMetricsReader: ExpositionReader {
    /// The reader.
    public init() {}

    public func read<Sink: SampleSink>(
        _ body: [UInt8], lines: inout LineTable, into sink: inout Sink
    ) throws(ExpositionError) {
        try TextPass<OpenMetricsCursor>.read(body, lines: &lines, into: &sink)
    }
}
