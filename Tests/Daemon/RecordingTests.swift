import Daemon
import Foundation
import Model
import Scrape
import TestSupport
import Testing

@Suite struct RecordingTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func scrapes(_ bytes: [UInt8], name: String = "r.jsonl") throws -> [RecordedScrape] {
        try Data(bytes).write(to: URL(fileURLWithPath: folder[name]))
        return try read(folder[name])
    }

    private func scrapes(_ text: String) throws -> [RecordedScrape] {
        try scrapes(Array(text.utf8))
    }

    private func read(_ path: String) throws -> [RecordedScrape] {
        let reader = try RecordingReader(path: path)
        var scrapes: [RecordedScrape] = []
        while let scrape = try reader.next() { scrapes.append(scrape) }
        return scrapes
    }

    /// The message of the error that reading the text must end in.
    private func failure(_ text: String) -> String {
        do {
            let found = try scrapes(text)
            return "no error, \(found.count) scrapes"
        } catch { return "\(error)".replacingOccurrences(of: folder.path + "/", with: "") }
    }

    private static let sample: [RecordedScrape] = [
        RecordedScrape(
            time: at(0), job: "app", instance: "a:1", labels: ["zone": "ä\"\\\n\u{1}😀"],
            result: .body(Array("# HELP x y\nx{l=\"\u{2028}\"} 1\n\t\u{0}\u{7f}/ 😀".utf8))),
        RecordedScrape(
            time: at(15), job: "", instance: "", labels: [:], result: .failure("timed out \"x\"")),
        RecordedScrape(time: at(15), job: "b", instance: "b", labels: [:], result: .body([])),
        RecordedScrape(
            time: at(30), job: "app", instance: "a:1", labels: [:],
            result: .body(Array(String(repeating: "x_total 12345\n", count: 200_000).utf8))),
        RecordedScrape(
            time: at(45), job: "app", instance: "a:1", labels: [:],
            result: .body([0x0a, 0xff, 0x00], contentType: "application/x-binary; a=b")),
        RecordedScrape(
            time: at(60), job: "app", instance: "a:1", labels: [:],
            result: .body(Array("x 1\n".utf8), contentType: "")),
    ]

    @Test(arguments: ["r.jsonl", "r.jsonl.gz"])
    func whatIsWrittenIsRead(name: String) throws {
        let writer = try RecordingWriter(path: folder[name])
        for scrape in Self.sample { try writer.write(scrape) }
        try writer.close()
        #expect(try read(folder[name]) == Self.sample)
        let size = try #require(
            FileManager.default.attributesOfItem(atPath: folder[name])[.size] as? Int)
        #expect((size < 100_000) == name.hasSuffix(".gz"))
    }

    /// A replay chooses the reader by the content type, as the scrape did.
    @Test func aReplayReadsByTheContentType() throws {
        let writer = try RecordingWriter(path: folder["r.jsonl"])
        for (instance, contentType) in [("a", "text/plain; version=0.0.4"), ("b", "text/html")] {
            try writer.write(
                RecordedScrape(
                    time: at(0), job: "j", instance: instance, labels: [:],
                    result: .body(Array("x 1\n".utf8), contentType: contentType)))
        }
        try writer.close()
        let store = RecordingStore()
        #expect(try store.load(path: folder["r.jsonl"]) == at(0))
        let names = store.store.select([]).labels.filter { $0.metricName == "x" }
        #expect(names.map { $0["instance"] } == ["a"])
    }

    @Test func aClosedWriterSaysSo() throws {
        let writer = try RecordingWriter(path: folder["r.jsonl"])
        try writer.close()
        #expect(throws: RecordingError.self) { try writer.write(Self.sample[1]) }
        #expect(throws: RecordingError.self) { try RecordingWriter(path: folder["no/r"]) }
        #expect(throws: RecordingError.self) { try RecordingReader(path: folder["none"]) }
    }

    @Test func escapes() throws {
        let line =
            #"{"timestamp_ms":1767603600000,"job":"\u0061\ud83d\ude00\ud83dx\udc00\/","#
            + #""instance":"\t\r\b\f\n\"\\","ok":true,"body":"é\u00e9"}"#
        let scrape = try #require(try scrapes(line).first)
        #expect(scrape.job == "a😀\u{fffd}x\u{fffd}/")
        #expect(scrape.instance == "\t\r\u{8}\u{c}\n\"\\")
        #expect(scrape.result == .body(Array("éé".utf8)))
    }

    @Test func emptyLinesSpacesAndUnknownKeys() throws {
        let text = """

            { "x" : [1, {"y": [null, true, -1.5e3]}, "z"], "timestamp_ms" : 1767603600000 ,
            """.replacingOccurrences(of: ",\n", with: ",")
        let line =
            text.trimmingCharacters(in: .newlines)
            + #" "job":"a","instance":"b","labels":{},"ok":false,"error":"no"}"#
        let found = try scrapes("\n\(line)\n\n\r\(line)\n")
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.result == .failure("no") && $0.time == origin })
    }

    @Test func noBodyIsAFailedScrape() throws {
        let head = #"{"timestamp_ms":1767603600000,"job":"a","instance":"b""#
        #expect(try scrapes(head + "}").first?.result == .failure("scrape failed"))
        #expect(
            try scrapes(
                head + #","ok":true,"body":null}"#.replacingOccurrences(of: "null", with: "\"\"")
            )
            .first?.result == .body([]))
        #expect(
            try scrapes(head + #","ok":false,"body":"x 1"}"#).first?.result
                == .failure("scrape failed"))
    }

    @Test(arguments: [
        "{", "[]", "null", "x", "{}", #"{"job":"a","instance":"b"}"#,
        #"{"timestamp_ms":"1","job":"a","instance":"b"}"#,
        #"{"timestamp_ms":1e999,"job":"a","instance":"b"}"#,
        #"{"timestamp_ms":-9223372036854775808,"job":"a","instance":"b"}"#,
        #"{"timestamp_ms":9e18,"job":"a","instance":"b"}"#,
        #"{"timestamp_ms":-,"job":"a","instance":"b"}"#,
        #"{"timestamp_ms":1,"job":"a","instance":"b"} x"#,
        #"{"timestamp_ms":1,"job":"a","instance":"b\"}"#,
        #"{"timestamp_ms":1,"job":"\x","instance":"b"}"#,
        #"{"timestamp_ms":1,"job":"\u12","instance":"b"}"#,
        #"{"timestamp_ms":1,"job":"\u12g4","instance":"b"}"#,
        #"{"timestamp_ms":1,"job":"\ud83d\u"#, #"{"timestamp_ms":1,"job":"\"#,
        #"{"timestamp_ms":1,"labels":{"a":{"b":"c"}}}"#, #"{"timestamp_ms":1,"ok":1}"#,
    ])
    func badLinesAreNamedByTheirNumber(line: String) throws {
        let good = #"{"timestamp_ms":1767603600000,"job":"a","instance":"b"}"#
        #expect(failure("\(good)\n\n\(line)\n\(good)").hasPrefix("r.jsonl:3: "))
    }

    @Test func deepNestingIsAnErrorThatNamesTheLimit() {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let deep = String(repeating: open, count: 100_000)
            let ends = String(repeating: close, count: 100_000)
            #expect(failure("{\"x\":\(deep)1\(ends)}").contains("maximumDepth"))
        }
    }

    @Test func damagedFiles() throws {
        let writer = try RecordingWriter(path: folder["r.gz"])
        for scrape in Self.sample { try writer.write(scrape) }
        try writer.close()
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: folder["r.gz"])))
        #expect(throws: RecordingError.self) {
            try scrapes(Array(whole.dropLast(whole.count / 2)), name: "cut.gz")
        }
        // Cut in the checksum behind the last line.
        #expect(throws: RecordingError.self) {
            try scrapes(Array(whole.dropLast(5)), name: "cut.gz")
        }
        var flipped = whole
        flipped[flipped.count / 2] ^= 0xff
        #expect(throws: RecordingError.self) { try scrapes(flipped, name: "flipped.gz") }
        #expect(try scrapes([], name: "empty.gz").isEmpty)
    }

    /// Nothing in a recording may trap: random changes of a good line are read or refused.
    @Test func changedBytesNeverTrap() throws {
        let line = Array(
            (#"{"timestamp_ms":1767603600000,"job":"\ud83d\ude00","instance":"b","labels":"#
                + #"{"a":"b"},"ok":true,"x":[1,{"y":null}],"body":"x 1\n"}"#).utf8)
        var random = SeededRandom(seed: 7)
        var (read, refused) = (0, 0)
        for round in 0..<3000 {
            var bytes = line
            for _ in 0...(round % 4) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes.remove(at: index)
                case 1: bytes.removeSubrange(index...)
                case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
                default:
                    let some = Array(#"{}[]":,\u0e-+.tfn "#.utf8)
                    bytes[index] = some[Int(random.next() % UInt64(some.count))]
                }
                if bytes.isEmpty { bytes = [0x7b] }
            }
            do {
                _ = try scrapes(bytes)
                read += 1
            } catch is RecordingError { refused += 1 }
        }
        #expect(read > 100 && refused > 1000)
    }
}
