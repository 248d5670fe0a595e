import ArgumentParser
import Configuration
import Daemon
import Foundation
import Model
import PromQL
import Scrape
import Server
import Transport

struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Evaluates an expression, on a running daemon or over a recording.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Argument(help: "The expression.")
    var expression: String

    @Option(help: "The daemon (or Prometheus) to ask.")
    var url = "http://127.0.0.1:9090"

    @Option(help: "A recording to evaluate over instead.")
    var recording: String?

    @Option(help: "The time of an instant query: seconds or RFC 3339.")
    var at: String?

    @Option(help: "The first time of a range query.")
    var start: String?

    @Option(help: "The last time of a range query.")
    var end: String?

    @Option(help: "The step of a range query: seconds or a duration.")
    var step: String?

    @Option(help: "text, or json: exactly the API's answer.")
    var format = Format.text

    @OptionGroup var features: FeatureOptions

    func validate() throws {
        let range = [start, end, step]
        let given = range.compactMap { $0 }.count
        if given != 0, given != 3 {
            throw ValidationError("a range query needs --start, --end and --step")
        }
        if given == 3, at != nil {
            throw ValidationError("--at is for instant queries, --start --end --step for ranges")
        }
    }

    func run() async throws {
        if let recording {
            try runOffline(recording)
        } else {
            try await runOnline()
        }
    }

    // MARK: Over a recording

    private func runOffline(_ path: String) throws {
        features.warn()
        let recording = try LoadedRecording(path: path, features: features.names)
        let engine = recording.engine
        let bytes: [UInt8]
        var failed = false
        do {
            let result: QueryResult
            if let start, let end, let step {
                result = try engine.range(
                    expression, from: try time(start, "--start"), through: try time(end, "--end"),
                    step: try duration(step))
            } else {
                result = try engine.instant(
                    expression, at: try at.map { try time($0, "--at") } ?? recording.end)
            }
            bytes = format == .json ? APIEnvelope.query(result) : Array(QueryText(result).text.utf8)
        } catch let error as QueryError {
            failed = true
            bytes =
                format == .json
                ? APIEnvelope.failure(APIError(error)) : Array("error: \(error)".utf8)
        }
        StandardOutput.write(bytes + [0x0a])
        if failed { throw ExitCode.failure }
    }

    private func time(_ text: String, _ flag: String) throws -> Timestamp {
        guard let time = APITime.moment(text) else {
            throw ValidationError("\(flag): \(text.goQuoted) is neither seconds nor RFC 3339")
        }
        return time
    }

    private func duration(_ text: String) throws -> Milliseconds {
        guard let duration = APITime.duration(text) else {
            throw ValidationError("--step: \(text.goQuoted) is neither seconds nor a duration")
        }
        return duration
    }

    // MARK: On a running daemon

    private func runOnline() async throws {
        let isRange = start != nil
        var form = [("query", expression)]
        for (name, value) in [("time", at), ("start", start), ("end", end), ("step", step)] {
            if let value { form.append((name, value)) }
        }
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        var request = HTTPRequest(
            url: base + "/api/v1/" + (isRange ? "query_range" : "query"))
        request.method = "POST"
        request.headers = [
            HTTPRequest.Header("Content-Type", "application/x-www-form-urlencoded")
        ]
        request.body = Array(
            form.map { "\($0.0)=\(PercentEncoding.formValue($0.1))" }.joined(separator: "&").utf8)
        let response: HTTPResponse
        do {
            response = try await CurlTransport().send(request)
        } catch {
            throw Failure("\(url): \(error)")
        }
        let text = String(decoding: response.body, as: UTF8.self)
        StandardOutput.write(format == .json ? text : QueryText.readable(response.body) ?? text)
        if response.status >= 400 { throw ExitCode.failure }
    }
}

/// A recording in memory, whole, for queries.
struct LoadedRecording {
    let engine: Engine
    let end: Timestamp

    init(path: String, features: [String]) throws {
        let store = RecordingStore()
        end = try store.load(path: path)
        var options = EngineOptions()
        options.enable(features)
        engine = Engine(store: store.store, options: options)
    }
}
