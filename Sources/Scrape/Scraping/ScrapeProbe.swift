import Configuration
import HTTPClient
import Model
import Transport

/// One scrape of a URL outside of the pipeline, asked as the pipeline asks.
public struct ScrapeProbe: Sendable {
    /// What was asked.
    public let target: Target
    /// The request, without what the job's HTTP client adds: its credentials.
    public let request: HTTPRequest
    /// The answer; nil where there is none.
    public let response: HTTPResponse?
    /// What the pipeline makes of the answer.
    public let outcome: ScrapeOutcome
    /// How long it took, in seconds.
    public let duration: Double

    /// Why a URL cannot be a target of a job, and what to do.
    public struct Refusal: Error, CustomStringConvertible {
        public let description: String
    }

    /// Asks; nil where the task was cancelled.
    public static func ask(
        _ target: Target, of job: ScrapeConfiguration, over transport: any Transporting
    ) async -> ScrapeProbe? {
        let scrape = ScrapeRequest(
            configuration: job, target: target,
            maximumBodyBytes: ScrapeManager.Options().maximumBodyBytes)
        let start = ContinuousClock.now
        guard
            let (outcome, response) = await scrape.send(
                by: ConfiguredClient(job.client), over: transport)
        else { return nil }
        return ScrapeProbe(
            target: target, request: scrape.request, response: response, outcome: outcome,
            duration: (ContinuousClock.now - start) / .seconds(1))
    }

    /// The target that the URL is in the job. Its labels are those of the static target of that
    /// address, where there is one; no mechanism of discovery is asked.
    public static func target(
        _ url: String, of job: ScrapeConfiguration
    ) throws(Refusal) -> Target {
        let parsed = try parsed(url)
        var job = job
        let fields = PercentEncoding.fields(ofForm: parsed.query)
        var order: [String] = []
        for field in fields where !order.contains(field.name) { order.append(field.name) }
        if !order.isEmpty {
            job.parameters = order.map { name in
                URLParameter(name, fields.filter { $0.name == name }.map(\.value))
            }
        }
        let own = Labels([
            "__address__": parsed.hostAndPort, "__scheme__": parsed.scheme,
            "__metrics_path__": parsed.path.isEmpty ? "/" : parsed.path,
        ])
        let labels = knownLabels(parsed.hostAndPort, job).merging(own)
        let group = DiscoveredGroup(place: url.goQuoted, targets: [labels])
        let result = TargetBuilder(job).build([group])
        if let target = result.targets.first { return target }
        if let dropped = result.dropped.first {
            let rule = dropped.droppingRule(in: job.relabeling)
            throw Refusal(
                description: "\(url): the job \(job.jobName) does not scrape it: "
                    + DroppedTarget.reason(droppingRule: rule))
        }
        throw Refusal(description: result.failures.joined(separator: "\n"))
    }

    private static func parsed(_ url: String) throws(Refusal) -> ParsedURL {
        guard let parsed = try? ParsedURL(url), ["http", "https"].contains(parsed.scheme),
            !parsed.host.isEmpty
        else {
            throw Refusal(
                description: "\(URLRedaction.redact(url)): a URL of http or https such as "
                    + "http://localhost:9100/metrics was expected")
        }
        if parsed.userInformation == nil { return parsed }
        throw Refusal(
            description: "\(URLRedaction.redact(url)): credentials in a URL are not sent: "
                + "use basic_auth of a job")
    }

    /// The labels of the address among the job's static targets.
    private static func knownLabels(_ address: String, _ job: ScrapeConfiguration) -> Labels {
        for group in job.discoveries.staticTargets
        where group.targets.contains(where: { $0.bytesEqual(address) }) {
            return group.labels
        }
        return .empty
    }
}
