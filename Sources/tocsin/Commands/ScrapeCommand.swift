import ArgumentParser
import Check
import Configuration
import Daemon
import Foundation
import Model
import PromQL
import Scrape
import Setup
import Transport

/// `tocsin scrape`: one scrape as the pipeline sees it.
struct ScrapeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrape",
        abstract: "Scrapes a URL once, and shows what the pipeline makes of it.",
        discussion: "Nothing is stored. With a job, its settings, credentials, relabelling and "
            + "limits count, and the rules that read the series are named.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Argument(help: "The URL.")
    var url: String

    @Option(
        name: [.customLong("config.file"), .customLong("config")],
        help: "The configuration that the job is of.")
    var configFile = "tocsin.yml"

    @Option(help: "The job whose settings count; Prometheus's defaults without one.")
    var job: String?

    @Option(help: "text or json.")
    var format = Format.text

    @Option(help: "How many series of a kind the text shows; 0 for all.")
    var limit = 10

    @OptionGroup var features: FeatureOptions

    func run() async throws {
        let documents = try documents()
        let job = try job(of: documents?.configuration)
        let target: Target
        do throws(ScrapeProbe.Refusal) { target = try ScrapeProbe.target(url, of: job) } catch {
            throw Failure(error.description)
        }
        guard let probe = await ScrapeProbe.ask(target, of: job, over: CurlTransport()) else {
            throw Failure("\(url): cancelled")
        }
        let inspection = ScrapeInspection(probe, of: job, at: WallClock().now)
        let readers = documents.map { documents in
            SeriesReaders(
                of: inspection.series, in: documents.ruleFiles,
                parser: ParserOptions(features: documents.configuration.tocsin.enabledFeatures))
        }
        switch format {
        case .text:
            StandardOutput.write(
                ScrapeText(probe, job, inspection, readers, shown: limit).description)
        case .json: try ScrapeDocument(probe, inspection, readers).print()
        }
        if inspection.report.error != nil { throw ExitCode.failure }
    }

    /// What users wrote; nil where no job is asked for.
    private func documents() throws -> Documents? {
        if job == nil { return nil }
        let build = RuntimeBuilder(path: configFile, features: features.names) { _ in }.build()
        guard let documents = build.documents else {
            throw Problems(build.problems.configuration)
        }
        return documents
    }

    private func job(of configuration: TocsinConfiguration?) throws -> ScrapeConfiguration {
        guard let job, let configuration else { return ScrapeConfiguration(jobName: "scrape") }
        let all = configuration.scrapeConfigurations
        if let found = all.first(where: { $0.jobName == job }) { return found }
        throw ValidationError(
            "there is no job \(job); there are: \(all.map(\.jobName).joined(separator: ", "))")
    }
}

/// A scrape as a JSON document.
struct ScrapeDocument: Encodable {
    struct Answer: Encodable {
        var status: Int
        var headers: [String: String]
        var transferredBytes: Int
        var bodyBytes: Int
    }

    struct Step: Encodable {
        var rule: Int
        var labels: Labels?
        var isDropped: Bool
    }

    struct Relabelled: Encodable {
        var labels: Labels
        var steps: [Step]
    }

    struct Limit: Encodable {
        var name: String
        var limit: Int?
        var isConfigured: Bool
        var reached: Int
    }

    struct Reader: Encodable {
        var file: String
        var group: String
        var rule: String
        var series: [Labels]
    }

    var url: String
    var labels: Labels
    var requestHeaders: [String: String]
    var response: Answer?
    var seconds: Double
    var format: String?
    var error: String?
    var samplesScraped: Int
    var samplesAfterRelabelling: Int
    var seriesAdded: Int
    var relabelled: [Relabelled]
    var limits: [Limit]
    var rules: [Reader]?
    var unread: [Labels]?

    init(_ probe: ScrapeProbe, _ inspection: ScrapeInspection, _ readers: SeriesReaders?) {
        url = URLRedaction.redact(probe.target.url)
        labels = probe.target.labels
        requestHeaders = Dictionary(
            probe.request.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        response = probe.response.map { response in
            Answer(
                status: response.status,
                headers: Dictionary(
                    response.shownHeaders.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
                transferredBytes: response.transferredBytes, bodyBytes: response.body.count)
        }
        seconds = probe.duration
        format = inspection.format
        error = inspection.report.error
        samplesScraped = inspection.report.scraped
        samplesAfterRelabelling = inspection.report.added
        seriesAdded = inspection.report.seriesAdded
        relabelled = inspection.relabelled.map { series in
            Relabelled(
                labels: series.labels,
                steps: series.steps.map {
                    Step(rule: $0.rule, labels: $0.labels, isDropped: $0.labels == nil)
                })
        }
        limits = inspection.limits.map {
            Limit(
                name: $0.name, limit: $0.limit, isConfigured: $0.isConfigured, reached: $0.reached)
        }
        rules = readers?.readers.map {
            Reader(file: $0.file, group: $0.group, rule: $0.rule, series: $0.series)
        }
        unread = readers?.unread
    }

    func print() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        StandardOutput.write(String(decoding: try encoder.encode(self), as: UTF8.self))
    }
}

extension HTTPResponse {
    /// The headers that matter to a scrape; others may hold what is nobody's business.
    var shownHeaders: [HTTPRequest.Header] {
        ["Content-Type", "Content-Encoding", "Content-Length"].compactMap { name in
            header(name).map { HTTPRequest.Header(name, $0) }
        }
    }
}
