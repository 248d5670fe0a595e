import Foundation
import Model
import Store

/// The recorded scrapes and answers that conformance is measured with.
enum Recording {
    /// The folder of shared test data, or nil where there is none.
    static let shared: URL? = {
        let environment = ProcessInfo.processInfo.environment["TOCSIN_SHARED"]
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let beside = root.deletingLastPathComponent().appendingPathComponent("shared")
        let folder = environment.map { URL(fileURLWithPath: $0) } ?? beside
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    static func folder(_ name: String) -> URL? {
        guard let shared else { return nil }
        let folder = shared.appendingPathComponent("fixtures/\(name)")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }

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
        var options = StoreOptions()
        options.keepsEverything = true
        let store = Store(options)
        var targets: [String: Target] = [:]
        for line in try lines(folder.appendingPathComponent("scrapes.jsonl.gz")) {
            let scrape = try JSONDecoder().decode(Scrape.self, from: line)
            let key = "\(scrape.job)/\(scrape.instance)"
            let target =
                targets[key]
                ?? Target(
                    store.openAxis(key),
                    Labels(scrape.labels).merging(
                        Labels(["job": scrape.job, "instance": scrape.instance])))
            targets[key] = target
            try target.take(
                Timestamp(milliseconds: scrape.timestamp_ms), scrape.ok ? scrape.body ?? "" : nil)
        }
        return store
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

    /// One target's axis, and the slots of the lines that its expositions have.
    private final class Target {
        private let axis: Axis
        private let labels: Labels
        private var byText: [String: Int] = [:]

        init(_ axis: Axis, _ labels: Labels) {
            self.axis = axis
            self.labels = labels
        }

        func take(_ time: Timestamp, _ body: String?) throws {
            var values: [Double] = []
            func put(_ slot: Int, _ value: Double) {
                while values.count <= slot { values.append(SampleValue.stale) }
                values[slot] = value
            }
            var count = 0
            for line in (body ?? "").utf8.split(separator: UInt8(ascii: "\n")) {
                if line.first == UInt8(ascii: "#") { continue }
                guard let space = line.lastIndex(of: UInt8(ascii: " ")),
                    let text = String(line[..<space]),
                    let number = String(line[line.index(after: space)...]),
                    let value = GoFloat.parse(number)
                else { throw Broken() }
                let slot: Int
                if let known = byText[text] {
                    slot = known
                } else {
                    slot = axis.slot(for: try series(text).merging(labels))
                    byText[text] = slot
                }
                put(slot, value)
                count += 1
            }
            let up = labels.setting("__name__", "up")
            put(axis.slot(for: up), body == nil ? 0 : 1)
            let scraped = labels.setting("__name__", "scrape_samples_scraped")
            put(axis.slot(for: scraped), Double(count))
            guard axis.commit(at: time, values: values) else { throw Broken() }
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
