import Foundation
import Model
import Store
import TestSupport

/// The recorded scrapes and answers that conformance is measured with.
enum Recording {
    static func folder(_ name: String) -> URL? { SharedData.url("fixtures/\(name)") }

    private struct Scrape: Decodable {
        var timestamp_ms: Int64
        var job: String
        var instance: String
        var labels: [String: String]
        var ok: Bool
        var body: String?
    }

    struct Broken: Error {}

    /// A store that holds everything that a scraper stores of a recording.
    static func store(_ folder: URL) throws -> Store {
        var writer = StoreWriter()
        for write in try writes(folder) { writer.take(write) }
        return writer.store
    }

    /// What a scraper stores of a recording, scrape by scrape.
    static func writes(_ folder: URL) throws -> [Write] {
        var targets: [String: Target] = [:]
        return try lines(folder.appendingPathComponent("scrapes.jsonl.gz")).map { line in
            let scrape = try JSONDecoder().decode(Scrape.self, from: line)
            let key = "\(scrape.job)/\(scrape.instance)"
            let target =
                targets[key]
                ?? Target(
                    Labels(scrape.labels).merging(
                        Labels(["job": scrape.job, "instance": scrape.instance])))
            targets[key] = target
            return .frame(
                axis: key, time: scrape.timestamp_ms,
                samples: try target.samples(scrape.ok ? scrape.body ?? "" : nil))
        }
    }

    private static func lines(_ file: URL) throws -> [Data] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-dc", file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Broken() }
        return data.split(separator: UInt8(ascii: "\n")).map { Data($0) }
    }

    /// A target's labels, and the series of the lines that its expositions have.
    private final class Target {
        private let labels: Labels
        private let up: Labels
        private let scraped: Labels
        private var byText: [String: Labels] = [:]

        init(_ labels: Labels) {
            self.labels = labels
            up = labels.setting("__name__", "up")
            scraped = labels.setting("__name__", "scrape_samples_scraped")
        }

        /// The samples of an exposition; nil is a failed scrape's.
        func samples(_ body: String?) throws -> [(labels: Labels, value: Double)] {
            var samples: [(labels: Labels, value: Double)] = []
            for line in (body ?? "").utf8.split(separator: UInt8(ascii: "\n")) {
                if line.first == UInt8(ascii: "#") { continue }
                guard let space = line.lastIndex(of: UInt8(ascii: " ")),
                    let text = String(line[..<space]),
                    let number = String(line[line.index(after: space)...]),
                    let value = GoFloat.parse(number)
                else { throw Broken() }
                let known = try byText[text] ?? series(text).merging(labels)
                byText[text] = known
                samples.append((known, value))
            }
            let count = Double(samples.count)
            return samples + [(up, body == nil ? 0 : 1), (scraped, count)]
        }

        /// `name{a="b",…}`, without escapes other than the three of the format.
        private func series(_ text: String) throws -> Labels {
            guard let brace = text.firstIndex(of: "{") else { return Labels(["__name__": text]) }
            var list = [Label("__name__", String(text[..<brace]))]
            var rest = text[text.index(after: brace)...]
            while rest.first != "}" {
                guard let equals = rest.firstIndex(of: "=") else { throw Broken() }
                let name = String(rest[..<equals])
                rest = rest[equals...].dropFirst(2)
                var value = ""
                while let character = rest.first, character != "\"" {
                    rest.removeFirst()
                    if character == "\\", let escaped = rest.first {
                        rest.removeFirst()
                        value.append(escaped == "n" ? "\n" : escaped)
                    } else {
                        value.append(character)
                    }
                }
                list.append(Label(name, value))
                rest = rest.dropFirst()
                if rest.first == "," { rest.removeFirst() }
            }
            return Labels(list)
        }
    }
}
