import Daemon
import Foundation
import TestSupport
import Testing

/// OpenTelemetry's SDK for Python exports to us, with its own encoder.
@Suite("OpenTelemetry's Python SDK")
struct OTLPPeerTests {
    private static let python = "/usr/bin/python3"

    private static let isInstalled: Bool = {
        let check = Process()
        check.executableURL = URL(fileURLWithPath: python)
        check.arguments = [
            "-c", "import opentelemetry.sdk.metrics, opentelemetry.exporter.otlp.proto.http",
        ]
        check.standardError = FileHandle.nullDevice
        do { try check.run() } catch { return false }
        check.waitUntilExit()
        return check.terminationStatus == 0
    }()

    private static let script = """
        import logging, sys
        from opentelemetry.exporter.otlp.proto.http import Compression
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics import Histogram, MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.metrics.view import (
            ExponentialBucketHistogramAggregation, View)
        from opentelemetry.sdk.resources import Resource
        logging.basicConfig(level=logging.WARNING)
        compression = Compression.Gzip if sys.argv[2] == "gzip" else Compression.NoCompression
        exporter = OTLPMetricExporter(
            endpoint=f"http://127.0.0.1:{sys.argv[1]}/api/v1/otlp/v1/metrics",
            compression=compression)
        reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
        provider = MeterProvider(
            metric_readers=[reader],
            views=[View(instrument_name="size",
                aggregation=ExponentialBucketHistogramAggregation())],
            resource=Resource.create({
                "service.namespace": "lynex", "service.name": "worker",
                "service.instance.id": "w-0"}))
        meter = provider.get_meter("test")
        meter.create_counter("events.processed").add(3, {"status": "error"})
        meter.create_up_down_counter("jobs.running").add(2)
        latency = meter.create_histogram("latency", unit="s")
        size = meter.create_histogram("size", unit="By")
        for value in (0.5, 2, 700):
            latency.record(value)
            size.record(value)
        taken = provider.force_flush()
        provider.shutdown()
        sys.exit(0 if taken else 1)
        """

    @Test(
        .enabled(
            if: isInstalled,
            """
            the Python packages opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http are not \
            installed
            """), arguments: ["none", "gzip"])
    func exports(compression: String) async throws {
        let world = try World("  push: {enabled: true}\n", clock: WallClock())
        try await world.serve { client in
            let workspace = try Workspace()
            try workspace.write("export.py", Self.script)
            let run = try await Subprocess.run(
                Self.python, ["export.py", "\(client.port)", compression], in: workspace)
            #expect(run.end == .exited(0) && run.log.isEmpty, "\(run.log)")
            for (expression, value) in [
                (#"events_processed_total{status="error",job="lynex/worker",instance="w-0"}"#, 3),
                ("jobs_running", 2), ("latency_seconds_count", 3), ("latency_seconds_sum", 702.5),
                (#"latency_seconds_bucket{le="5.0"}"#, 2),
                ("histogram_count(size_bytes)", 3), ("histogram_sum(size_bytes)", 702.5),
                (#"count(target_info{telemetry_sdk_language="python"})"#, 1),
            ] as [(String, Double)] {
                let answer = try await client.ask(
                    "POST", "/api/v1/query", form: [("query", "(\(expression)) == \(value)")])
                #expect(answer.text.contains(#""value":["#), "\(expression): \(answer.text)")
            }
            let metrics = try await client.get("/metrics").text
            #expect(metrics.contains(#"tocsin_write_requests_failed_total{protocol="otlp"} 0"#))
        }
    }
}
