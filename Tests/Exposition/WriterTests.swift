import Exposition
import Foundation
import Model
import Testing

@Suite struct WriterTests {
    @Test func writesFamiliesAndEscapes() {
        var writer = ExpositionWriter()
        writer.family("a_total", .counter, help: "x \\ \n \"y\"")
        writer.sample("a_total", Labels(["l": "a\\b\"c\nd"]), 1e21)
        writer.sample("b.c", Labels(["d.e": "f"]), .nan)
        let expected = """
            # HELP a_total x \\\\ \\n "y"
            # TYPE a_total counter
            a_total{l="a\\\\b\\"c\\nd"} 1e+21
            {"b.c","d.e"="f"} NaN

            """
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    private func filled() -> MetricsRegistry {
        let registry = MetricsRegistry(prefix: "tocsin_")
        registry.counter("events_total", help: "B.", labels: Labels(["x": "1"])).increment()
        registry.counter("events_total", help: "B.", labels: Labels(["x": "1"])).increment(by: 2)
        registry.counter("events_total", help: "B.", labels: Labels(["x": "0"])).increment(by: -1)
        registry.gauge("depth", help: "A.").set(-1.5)
        let histogram = registry.histogram("delay_seconds", help: "C.", bounds: [0.5, 1])
        for value in [0.5, 0.75, 7] { histogram.observe(value) }
        registry.collect("level", .gauge, help: "D.") { [(Labels(["y": "z"]), 4), (.empty, 5)] }
        return registry
    }

    @Test func theRegistryWritesWhatWasCounted() {
        let expected = """
            # HELP tocsin_delay_seconds C.
            # TYPE tocsin_delay_seconds histogram
            tocsin_delay_seconds_bucket{le="0.5"} 1
            tocsin_delay_seconds_bucket{le="1"} 2
            tocsin_delay_seconds_bucket{le="+Inf"} 3
            tocsin_delay_seconds_sum 8.25
            tocsin_delay_seconds_count 3
            # HELP tocsin_depth A.
            # TYPE tocsin_depth gauge
            tocsin_depth -1.5
            # HELP tocsin_events_total B.
            # TYPE tocsin_events_total counter
            tocsin_events_total{x="0"} 0
            tocsin_events_total{x="1"} 3
            # HELP tocsin_level D.
            # TYPE tocsin_level gauge
            tocsin_level{y="z"} 4
            tocsin_level 5

            """
        #expect(String(decoding: filled().exposition, as: UTF8.self) == expected)
    }

    @Test func aHandleOfAnotherTypeIsNotExposed() {
        let registry = MetricsRegistry()
        registry.counter("a", help: "A.").increment()
        registry.gauge("a", help: "A.").set(7)
        #expect(String(decoding: registry.exposition, as: UTF8.self).hasSuffix("counter\na 1\n"))
    }

    @Test func handlesCountFromManyTasks() async {
        let counter = MetricsRegistry().counter("a", help: "A.")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { for _ in 0..<100 { counter.increment() } } }
        }
        #expect(counter.value == 2000)
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool"),
            "promtool is not installed"))
    func promtoolAcceptsIt() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/promtool")
        process.arguments = ["check", "metrics"]
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stdout
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(filled().exposition))
        try stdin.fileHandleForWriting.close()
        let said = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(String(decoding: said, as: UTF8.self) == "")
    }
}
