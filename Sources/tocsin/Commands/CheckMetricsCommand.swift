import ArgumentParser
import Check
import Configuration
import Foundation
import Model
import Scrape
import Transport

/// `tocsin check metrics`: what `promtool check metrics` says, or the letter of OpenMetrics 1.0.
struct CheckMetrics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Expositions: what cannot be read, and names, units and types that are unusual.",
        discussion: "The exit status is 1 where an exposition cannot be read, and 3 where only its "
            + "metrics are unusual.")

    @Argument(help: "Files, URLs (asked as a scrape asks), or - for the standard input (default).")
    var inputs: [String] = ["-"]

    @Flag(help: "By the letter of OpenMetrics 1.0, not only what a scrape needs.")
    var strict = false

    /// The exit status where metrics are unusual; promtool's.
    private static let unusual = ExitCode(3)

    func run() async throws {
        var expositions: [LoadedExposition] = []
        var problems: [Problem] = []
        for input in inputs {
            do throws(Problem) {
                expositions.append(try await LoadedExposition.load(input))
            } catch {
                problems.append(error)
            }
        }
        for text in expositions.compactMap(\.negotiated) { StandardOutput.write(text) }
        if strict {
            problems += expositions.flatMap { Checker.checkOpenMetrics($0.body, named: $0.name) }
            return try CheckReport.finish(problems)
        }
        try lint(expositions, problems)
    }

    private func lint(_ expositions: [LoadedExposition], _ found: [Problem]) throws {
        var problems = found
        var isUnusual = false
        for exposition in expositions {
            let check = MetricsCheck(
                exposition.body, named: exposition.name, contentType: exposition.contentType)
            problems += check.errors
            isUnusual = isUnusual || !check.findings.isEmpty
            let prefix = inputs.count > 1 ? exposition.name + ": " : ""
            for finding in check.findings { StandardOutput.write(prefix + finding.description) }
        }
        if !isUnusual || !problems.isEmpty { return try CheckReport.finish(problems) }
        throw CheckMetrics.unusual
    }
}

/// An exposition, and where it came from.
private struct LoadedExposition {
    let name: String
    let body: [UInt8]
    /// nil where nobody says.
    var contentType: String?
    /// How a URL answered.
    var negotiated: String?

    /// The largest file or standard input that is read.
    static let maximumBytes = ScrapeManager.Options().maximumBodyBytes

    static func load(_ input: String) async throws(Problem) -> LoadedExposition {
        if input == "-" { return try standardInput() }
        if input.hasPrefix("http://") || input.hasPrefix("https://") { return try await url(input) }
        do throws(FileAccess.ReadError) {
            let body = try ScrapeFiles.system.read(input, maximumBytes)
            return try checked(LoadedExposition(name: input, body: body))
        } catch {
            throw Problem(at: SourcePlace(file: input), error.description)
        }
    }

    private static func checked(
        _ loaded: LoadedExposition
    ) throws(FileAccess.ReadError) -> LoadedExposition {
        if loaded.body.count <= maximumBytes { return loaded }
        throw FileAccess.ReadError(
            "it is larger than \(ByteCount(maximumBytes)) (LoadedExposition.maximumBytes)")
    }

    private static func standardInput() throws(Problem) -> LoadedExposition {
        do {
            let data = try FileHandle.standardInput.read(upToCount: maximumBytes + 1)
            return try checked(LoadedExposition(name: "-", body: data.map(Array.init) ?? []))
        } catch {
            throw Problem(at: SourcePlace(file: "-"), "\(error)")
        }
    }

    private static func url(_ url: String) async throws(Problem) -> LoadedExposition {
        let job = ScrapeConfiguration(jobName: "check")
        let target: Target
        do throws(ScrapeProbe.Refusal) { target = try ScrapeProbe.target(url, of: job) } catch {
            throw Problem(at: SourcePlace(file: url), error.description)
        }
        guard let probe = await ScrapeProbe.ask(target, of: job, over: CurlTransport()) else {
            throw Problem(at: SourcePlace(file: url), "cancelled")
        }
        switch probe.outcome {
        case .failure(let reason): throw Problem(at: SourcePlace(file: url), reason)
        case .body(let body, let contentType):
            return LoadedExposition(
                name: url, body: body, contentType: contentType,
                negotiated: url + ": " + probe.negotiated)
        }
    }
}

extension ScrapeProbe {
    /// What was agreed on: format, encoding, size.
    var negotiated: String {
        guard let response else { return "no answer" }
        let type = response.header("Content-Type") ?? "no Content-Type"
        let encoding = response.header("Content-Encoding") ?? "not compressed"
        return "\(type), \(encoding), \(ByteCount(response.transferredBytes)) transferred, "
            + "\(ByteCount(response.body.count)) uncompressed"
    }
}
