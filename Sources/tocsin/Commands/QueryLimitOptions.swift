import ArgumentParser
import Configuration
import Model

/// The limits of queries as Prometheus's flags name them; they win over `tocsin.query`.
struct QueryLimitOptions: ParsableArguments {
    @Option(
        name: .customLong("query.max-samples"), help: "The most samples one query may hold at once."
    )
    var maximumSamples: Int?

    @Option(
        name: .customLong("query.max-concurrency"),
        help: "How many queries run at once; more wait until their timeout.")
    var maximumConcurrency: Int?

    @Option(
        name: .customLong("query.max-points"),
        help: "The most points one series of a range query may have.")
    var maximumPoints: Int?

    @Option(
        name: .customLong("query.max-memory"),
        help:
            "The most memory that all queries may hold at once, e.g. 2GiB (default: a quarter of what there is)."
    )
    var maximumMemory: String?

    @Option(
        name: .customLong("query.max-memory-per-query"),
        help: "The most memory that one query may hold, e.g. 1GiB (default: half of all queries').")
    var maximumMemoryPerQuery: String?

    @Option(name: .customLong("query.timeout"), help: "How long one query may take, e.g. 2m.")
    var timeout: String?

    func validate() throws {
        for (name, value) in [
            ("--query.max-samples", maximumSamples),
            ("--query.max-concurrency", maximumConcurrency),
            ("--query.max-points", maximumPoints),
        ] {
            if let value, value < 1 { throw ValidationError("\(name) is a number greater than 0") }
        }
        if maximumConcurrency ?? 1 > QuerySettings.concurrencyLimit {
            throw ValidationError(
                "--query.max-concurrency is at most \(QuerySettings.concurrencyLimit)")
        }
        _ = try Self.size(maximumMemory, "--query.max-memory")
        _ = try Self.size(maximumMemoryPerQuery, "--query.max-memory-per-query")
        if let timeout, try Milliseconds.flag(timeout, "--query.timeout") <= .zero {
            throw ValidationError("--query.timeout is a duration greater than 0")
        }
    }

    /// Puts what was said in the place of what is configured.
    func apply(to settings: inout QuerySettings) {
        if let maximumSamples { settings.maximumSamples = maximumSamples }
        if let maximumConcurrency { settings.maximumConcurrency = maximumConcurrency }
        if let maximumPoints { settings.maximumPoints = maximumPoints }
        if let size = try? Self.size(maximumMemory, "") { settings.maximumMemory = size }
        if let size = try? Self.size(maximumMemoryPerQuery, "") {
            settings.maximumMemoryPerQuery = size
        }
        if let timeout, let duration = try? Milliseconds(prometheus: timeout) {
            settings.timeout = duration
        }
    }

    /// The bytes that an option says.
    private static func size(_ text: String?, _ option: String) throws -> Int? {
        guard let text else { return nil }
        guard let bytes = try? ByteSize.parse(text), bytes >= QuerySettings.leastMemory else {
            throw ValidationError("\(option) is a size of at least 1MiB, such as 512MiB")
        }
        return Int(bytes)
    }
}
