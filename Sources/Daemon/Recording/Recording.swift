import Foundation
import Model
import Scrape

/// One scrape of a recording: a line of its file.
public struct RecordedScrape: Sendable, Equatable {
    /// When it was scraped.
    public var time: Timestamp
    /// The target's job.
    public var job: String
    /// The target's instance.
    public var instance: String
    /// The target's other labels.
    public var labels: [String: String]
    /// The exposition, or why there is none.
    public var result: ScrapeOutcome

    /// A scrape.
    public init(
        time: Timestamp, job: String, instance: String, labels: [String: String],
        result: ScrapeOutcome
    ) {
        self.time = time
        self.job = job
        self.instance = instance
        self.labels = labels
        self.result = result
    }
}

/// Reads `scrapes.jsonl[.gz]`, a scrape at a time, in the file's order.
public final class RecordingReader {
    private let lines: LineReader
    private let path: String
    private var number = 0

    /// Opens the recording.
    public init(path: String) throws {
        lines = try LineReader(path: path)
        self.path = path
    }

    /// The next scrape, or nil at the end.
    public func next() throws -> RecordedScrape? {
        while true {
            number += 1
            let scrape = try lines.next { line -> RecordedScrape? in
                if line.isEmpty { return nil }
                do {
                    return try RecordedLine.parse(line)
                } catch let error as FlatJSON.SyntaxError {
                    throw RecordingError("\(path):\(number): \(error)")
                }
            }
            guard let scrape else { return nil }
            if let scrape { return scrape }
        }
    }
}

enum RecordedLine {
    /// The times that are read: until the end of the year 9999.
    static let timeRange: ClosedRange<Int64> = 0...253_402_300_799_999

    static func parse(_ line: Span<UInt8>) throws(FlatJSON.SyntaxError) -> RecordedScrape {
        var json = FlatJSON(line)
        var time: Int64?
        var job: String?
        var instance: String?
        var labels: [String: String] = [:]
        var ok: Bool?
        var body: [UInt8]?
        var contentType = ScrapeOutcome.textContentType
        var failure: String?
        try json.object { (key, json) throws(FlatJSON.SyntaxError) in
            switch key {
            case "timestamp_ms": time = Int64(clamping: try json.number())
            case "job": job = try json.string()
            case "instance": instance = try json.string()
            case "ok": ok = try json.bool()
            case "body": body = try json.bytes()
            case "body_base64": body = try base64(&json)
            case "content_type": contentType = try json.string()
            case "error": failure = try json.string()
            case "labels":
                try json.object { (name, json) throws(FlatJSON.SyntaxError) in
                    labels[name] = try json.string()
                }
            default: try json.skip()
            }
        }
        try json.end()
        guard let time, let job, let instance else {
            throw FlatJSON.SyntaxError(
                "a scrape needs timestamp_ms, job and instance", at: 0)
        }
        guard timeRange.contains(time) else {
            throw FlatJSON.SyntaxError(
                "timestamp_ms \(time) is out of the range 1970 to 9999", at: 0)
        }
        let outcome: ScrapeOutcome
        if ok ?? (body != nil), let body {
            outcome = .body(body, contentType: contentType)
        } else {
            outcome = .failure(failure ?? "scrape failed")
        }
        return RecordedScrape(
            time: Timestamp(milliseconds: time), job: job, instance: instance, labels: labels,
            result: outcome)
    }
}

extension RecordedLine {
    private static func base64(_ json: inout FlatJSON) throws(FlatJSON.SyntaxError) -> [UInt8] {
        guard let data = Data(base64Encoded: try json.string()) else {
            throw FlatJSON.SyntaxError("body_base64 is not Base64", at: 0)
        }
        return Array(data)
    }
}

/// Writes a recording in the format that `RecordingReader` reads.
public final class RecordingWriter: Sendable {
    private let lines: LineWriter

    /// Creates the file; a name that ends in `.gz` is compressed.
    public init(path: String) throws { lines = try LineWriter(path: path) }

    /// Writes one scrape.
    public func write(_ scrape: RecordedScrape) throws {
        var line = Line(
            timestamp_ms: scrape.time.milliseconds, job: scrape.job, instance: scrape.instance,
            labels: scrape.labels, ok: true)
        switch scrape.result {
        case .body(let bytes, let contentType):
            line.body = String(validating: bytes, as: UTF8.self)
            if line.body == nil { line.body_base64 = Data(bytes).base64EncodedString() }
            // What older recordings lack is the text format.
            if contentType != ScrapeOutcome.textContentType { line.content_type = contentType }
        case .failure(let reason):
            line.ok = false
            line.error = reason
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try lines.write(Array(encoder.encode(line)))
    }

    /// Ends the file.
    public func close() throws { try lines.close() }

    private struct Line: Encodable {
        var timestamp_ms: Int64
        var job: String
        var instance: String
        var labels: [String: String]
        var ok: Bool
        var content_type: String?
        var body: String?
        /// The body where it is no UTF-8.
        var body_base64: String?
        var error: String?
    }
}
