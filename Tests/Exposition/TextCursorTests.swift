import Exposition
import Foundation
import Model
import TestSupport
import Testing

/// Every sample of an exposition, or the error.
private func read(_ text: String) throws -> [(Labels, Double, Timestamp?)] {
    try read(Array(text.utf8))
}

private func read(_ bytes: [UInt8]) throws -> [(Labels, Double, Timestamp?)] {
    var cursor = TextCursor()
    var samples: [(Labels, Double, Timestamp?)] = []
    while let entry = try cursor.next(in: bytes.span) {
        guard case .sample(let sample) = entry else { continue }
        samples.append((try cursor.labels(in: bytes.span), sample.value, sample.timestamp))
    }
    return samples
}

private func message(_ bytes: [UInt8]) -> String? {
    do {
        _ = try read(bytes)
        return nil
    } catch {
        return (error as? ExpositionError)?.message
    }
}

@Suite struct TextCursorTests {
    @Test(
        arguments: [
            ("a 1", "a", 1), ("a 1\n", "a", 1), ("a\t 1 ", "a", 1), (":a:b_1 1", ":a:b_1", 1),
            (#"a{b="c"} 1"#, #"a{b="c"}"#, 1), (#"a{b="c",} 1"#, #"a{b="c"}"#, 1),
            (#"a{ b = "c" , d = "e" }1"#, #"a{b="c", d="e"}"#, 1),
            (#"a{b="1" c="2"} 1"#, #"a{b="1", c="2"}"#, 1), ("a{} 1", "a", 1),
            (#"a {b="c"} 1"#, #"a{b="c"}"#, 1), (#"a{b=""} 1"#, "a", 1),
            (#"a{b="x\\y\"z\nw\q"} 1"#, #"a{b="x\\y\"z\nw\\q"}"#, 1),
            (#"{"a.b"} 1"#, #"{__name__="a.b"}"#, 1),
            (#"{"a.b",c="d"} 1"#, #"{__name__="a.b", c="d"}"#, 1),
            (#"{c="d","a.b"} 1"#, #"{__name__="a.b", c="d"}"#, 1),
            (#"{"a","é.x"="d"} 1"#, #"a{"é.x"="d"}"#, 1),
            (#"{"a\"b"} 1"#, #"{__name__="a\"b"}"#, 1), (#"{"up"} 1"#, "up", 1),
            ("a{b=\"x\ny\"} 1", #"a{b="x\ny"}"#, 1), (#"a{b="}"} 2"#, #"a{b="}"}"#, 2),
            ("a 1.5e3", "a", 1500), ("a -0.25", "a", -0.25),
            ("a 1.767603601204e+09", "a", 1_767_603_601.204),
            ("a +Inf", "a", .infinity), ("a -inf", "a", -.infinity), ("a .5", "a", 0.5),
            ("a 123456789012345678901234567890", "a", 1.2345678901234568e29),
            ("a 0.1234567890123456789", "a", 0.1234567890123456789),
            ("a 9007199254740993", "a", 9_007_199_254_740_992),
            ("a 5e-324", "a", .leastNonzeroMagnitude),
            ("a 1e23", "a", 1e23), ("a 1e-400", "a", 0),
        ] as [(String, String, Double)])
    func readsASample(text: String, metric: String, value: Double) throws {
        let samples = try read(text)
        #expect(samples.count == 1)
        #expect(samples.first?.0.metricDescription == metric)
        #expect(samples.first?.1 == value)
        #expect(samples.first?.2 == nil)
    }

    @Test func nanIsTheOrdinaryOne() throws {
        #expect(try read("a NaN").first?.1.bitPattern == SampleValue.nanBits)
        #expect(try read("a -0").first?.1.sign == .minus)
    }

    @Test func readsTimestamps() throws {
        let samples = try read("a 1 1767603601204\nb{c=\"d\"} 2\t0 \n")
        #expect(samples.map { $0.2?.milliseconds } == [1_767_603_601_204, 0])
    }

    @Test func blankLinesAndCommentsAreNothing() throws {
        let text = "\n\n  \n# any\n#any\n#\n# \n#HELP a\n# HELPFUL\n# TYPES a b\n a 1\n\n"
        #expect(try read(text).count == 1)
        #expect(try read("").isEmpty)
    }

    @Test func readsTypeAndHelp() throws {
        let text = Array(
            "#\tTYPE a counter\n# HELP a  x \\\\ \\n \\\" \n# HELP b\n# TYPE \"c.d\" untyped\n".utf8
        )
        var cursor = TextCursor()
        var entries: [String] = []
        while let entry = try cursor.next(in: text.span) {
            switch entry {
            case .type(let metric, let type):
                entries.append("\(cursor.metric(metric, in: text.span)) is \(type)")
            case .help(let metric, let help):
                let shown = TextCursor.help(help, in: text.span)
                entries.append("\(cursor.metric(metric, in: text.span)): \(shown.goQuoted)")
            case .sample, .unit, .comment: Issue.record("unexpected entry")
            }
        }
        #expect(
            entries == [
                "a is counter", #"a: " x \\ \n \\\" ""#, #"b: """#, "c.d is untyped",
            ])
    }

    @Test(
        arguments: [
            ("a", #"expected value after metric, got "\n" ("INVALID") while parsing: "a"#),
            ("a{b='c'} 1\n", #"expected label value, got "'" ("INVALID") while parsing: "a{b='""#),
            ("a{b=\n", #"expected label value, got "\n" ("INVALID") while parsing: "a{b=\n""#),
            ("{\"a\" 1\n", #"expected equal, got "1" ("INVALID") while parsing: "{\"a\" 1""#),
            (
                "a true\n",
                #"strconv.ParseFloat: parsing "true": invalid syntax while parsing: "a true""#
            ),
            (
                "empty_label_name{=\"\"} 0\n",
                #"expected label name, got "=\"" ("EQUAL") while parsing: "empty_label_name{=\"""#
            ),
            ("foo 1_2\n", #"unsupported character in float while parsing: "foo 1_2""#),
            ("foo 0x1p-3\n", #"unsupported character in float while parsing: "foo 0x1p-3""#),
            (
                "foo 0 1_2\n",
                #"expected next entry after timestamp, got "_" ("INVALID") while parsing: "foo 0 1_""#
            ),
            (
                "foo 1 -2\n",
                #"expected timestamp or new record, got "-" ("INVALID") while parsing: "foo 1 -""#
            ),
            (
                "# TYPE #\n",
                ##"expected metric name after TYPE, got "#" ("INVALID") while parsing: "# TYPE #""##
            ),
            ("# TYPE a b\n", #"invalid metric type "b""#),
            ("# TYPE a counter\r\n", #"invalid metric type "counter\r""#),
            (
                "a 1\r\n",
                #"strconv.ParseFloat: parsing "1\r": invalid syntax while parsing: "a 1\r""#
            ),
            (
                "a 1e400\n",
                #"strconv.ParseFloat: parsing "1e400": value out of range while parsing: "a 1e400""#
            ),
            (#"{a="b"} 1"#, #"metric name not set while parsing: "{a=\"b\"}""#),
            (#"a{"b"} 1"#, #"metric name already set while parsing: "a{\"b\"""#),
            ("a{b=\"c\",b=\"d\"} 1", #"label name "b" is not unique: invalid sample"#),
            ("0a 1", #"expected a valid start token, got "0" ("INVALID") while parsing: "0""#),
            (
                "a 1 99999999999999999999",
                #"strconv.ParseInt: parsing "99999999999999999999": value out of range while parsing: "a 1 99999999999999999999""#
            ),
        ])
    func refusesWithPrometheusWords(text: String, expected: String) {
        #expect(
            message(Array(text.utf8))?.hasPrefix(expected) == true,
            "\(message(Array(text.utf8)) ?? "")")
    }

    @Test func refusesWhatIsNoUTF8() {
        let name = Array("a{".utf8) + [0xff] + Array("=\"foo\"} 1".utf8)
        #expect(
            message(name) == #"expected label name, got "\xff" ("INVALID") while parsing: "a{\xff""#
        )
        let value = Array("a{b=\"".utf8) + [0xff] + Array("\"} 1".utf8)
        #expect(message(value) == #"invalid UTF-8 label value: "\"\xff\"""#)
        let surrogate = Array("a{b=\"".utf8) + [0xed, 0xa0, 0x80] + Array("\"} 1".utf8)
        #expect(message(surrogate) != nil)
        let help = Array("# HELP a ".utf8) + [0xc0, 0x80]
        #expect(message(help) == #"help text "\xc0\x80" is not a valid utf8 string"#)
    }

    @Test func errorsNameTheLine() {
        #expect(throws: ExpositionError(line: 4, #"invalid metric type "x""#)) {
            try read("a 1\n# y\n\n# TYPE a x\n")
        }
    }

    @Test func errorsShowOnlySoMuchOfTheInput() {
        let long = Array(("a{b=\"" + String(repeating: "x", count: 1_000_000)).utf8)
        #expect((message(long) ?? "").utf8.count < 1000)
    }

    @Test func boundariesAreWrittenOneWay() throws {
        let text = """
            # TYPE h histogram
            h_bucket{le="1"} 1
            h_bucket{le="0.50"} 1
            h_bucket{le="1000000"} 1
            h_bucket{le="+Inf"} 1
            # TYPE s summary
            s{quantile="1",le="1"} 1
            # TYPE g gauge
            g{le="1"} 1
            """
        let shown = try read(text).map { $0.0.droppingName.description }
        #expect(
            shown == [
                #"{le="1.0"}"#, #"{le="0.5"}"#, #"{le="1e+06"}"#, #"{le="+Inf"}"#,
                #"{le="1", quantile="1.0"}"#, #"{le="1"}"#,
            ])
    }

    @Test func aKnownSeriesIsPassedOver() throws {
        let body = Array("a{b=\"c\"} 5 7\nfoo 1\nfoo {x=\"y\"} 2\nfoobar 3\n".utf8)
        var cursor = TextCursor()
        let first = try #require(try cursor.sample(afterSeriesOf: 8, in: body.span))
        #expect(first.value == 5 && first.timestamp?.milliseconds == 7 && first.series == 0..<8)
        #expect(try cursor.sample(afterSeriesOf: 3, in: body.span)?.value == 1)
        // The same bytes begin another series here.
        #expect(try cursor.sample(afterSeriesOf: 3, in: body.span) == nil)
        #expect(try cursor.next(in: body.span) != nil)
        #expect(try cursor.sample(afterSeriesOf: 3, in: body.span) == nil)
        #expect(cursor.line == 4)
    }

    @Test func anyTruncationOfAnExpositionIsReadOrRefused() {
        let whole = Array(
            "# HELP a b\n# TYPE a counter\na{b=\"c\\\"\",\"d\"=\"é\"} 1.5e3 12\n{\"x\"} NaN\n".utf8)
        for end in 0...whole.count { _ = message(Array(whole[..<end])) }
        for index in whole.indices {
            for byte: UInt8 in [0, 0x0a, 0x22, 0x5c, 0x7b, 0x7d, 0x80, 0xff] {
                var changed = whole
                changed[index] = byte
                _ = message(changed)
            }
        }
        #expect(message(whole) == nil)
    }
}

@Suite struct RecordedExpositionTests {
    static let folder = "fixtures/expositions"

    @Test(.enabled(if: SharedData.has(folder), "\(SharedData.missing)"))
    func everyRecordedExpositionIsRead() throws {
        let files = SharedData.files(Self.folder, endingIn: ".txt")
        #expect(files.count == 5)
        for file in files {
            let data = try Data(contentsOf: file)
            let samples = try read(Array(data))
            let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
            #expect(samples.count == lines.count { !$0.hasPrefix("#") }, "\(file)")
            #expect(Set(samples.map(\.0)).count == samples.count, "\(file)")
        }
    }
}
