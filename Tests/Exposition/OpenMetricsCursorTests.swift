import Exposition
import Foundation
import Model
import TestSupport
import Testing

/// Everything that an exposition says.
private struct Reading {
    var samples: [(labels: Labels, value: Double, time: Timestamp?)] = []
    var exemplars: [Exemplar] = []
    var statements: [String] = []

    init(_ bytes: [UInt8]) throws {
        var cursor = OpenMetricsCursor()
        while let entry = try cursor.next(in: bytes.span) {
            switch entry {
            case .sample(let sample):
                samples.append(
                    (
                        Labels(try cursor.exposedLabels(in: bytes.span)), sample.value,
                        sample.timestamp
                    ))
                if cursor.hasExemplar, let exemplar = cursor.exemplar(in: bytes.span) {
                    exemplars.append(exemplar)
                }
            case .type(let metric, let type):
                statements.append("\(cursor.metric(metric, in: bytes.span)) is \(type.apiName)")
            case .help(let metric, let text):
                let help = OpenMetricsCursor.help(text, in: bytes.span)
                statements.append("\(cursor.metric(metric, in: bytes.span)): \(help.goQuoted)")
            case .unit(let metric, let text):
                let unit = cursor.metric(text, in: bytes.span)
                statements.append("\(cursor.metric(metric, in: bytes.span)) in \(unit)")
            case .comment: statements.append("comment")
            }
        }
    }

    init(_ text: String) throws { try self.init(Array(text.utf8)) }
}

private func message(_ bytes: [UInt8]) -> String? {
    do {
        _ = try Reading(bytes)
        return nil
    } catch {
        return (error as? ExpositionError)?.message
    }
}

@Suite struct OpenMetricsCursorTests {
    @Test(
        arguments: [
            ("a 1", "a", 1), (":a:b_1 -0.5", ":a:b_1", -0.5), ("a{} 1", "a", 1),
            (#"a{b="c",} 1"#, #"a{b="c"}"#, 1), (#"a{b="c",d="e"} 1"#, #"a{b="c", d="e"}"#, 1),
            (#"a{b=""} 1"#, "a", 1), (#"a{b=" # {} \"\\\n"} 1"#, #"a{b=" # {} \"\\\n"}"#, 1),
            (#"{"a.b"} 1"#, #"{__name__="a.b"}"#, 1),
            (#"{q="0.9","a.b",c="d"} 1"#, #"{__name__="a.b", c="d", q="0.9"}"#, 1),
            (#"{"a\"b","c\nd"="e"} 1"#, #"{__name__="a\"b", "c\nd"="e"}"#, 1),
            ("{\"a\nb\"} 1", #"{__name__="a\nb"}"#, 1), (#"a{"b.c"="d"} 1"#, #"a{"b.c"="d"}"#, 1),
            ("a 123456789012345678901234567890", "a", 1.2345678901234568e29),
            ("a +Inf", "a", .infinity), ("a inf", "a", .infinity), ("a .5", "a", 0.5),
        ] as [(String, String, Double)])
    func readsASample(text: String, metric: String, value: Double) throws {
        let samples = try Reading(text + "\n# EOF\n").samples
        #expect(samples.map(\.labels.metricDescription) == [metric])
        #expect(samples.first?.value == value)
        #expect(samples.first?.time == nil)
    }

    @Test func timesAreSecondsCutToMilliseconds() throws {
        let text = "a 1 1.5e3\na 1 -0.0015\na 1 1767603601.2049\na 1 1e300\na 1 -1e300\n# EOF"
        #expect(
            try Reading(text).samples.map(\.time) == [
                Timestamp(milliseconds: 1_500_000), Timestamp(milliseconds: -1),
                Timestamp(milliseconds: 1_767_603_601_204), .distantFuture, .distantPast,
            ])
    }

    @Test func readsMetadata() throws {
        let text = """
            # HELP a_s x \\\\ \\n \\" \u{0}
            # TYPE a_s unknown
            # UNIT a_s s
            # HELP b \n# UNIT b \n# TYPE "c.d" gaugehistogram
            # TYPE i info
            # TYPE s stateset
            # EOF

            """
        #expect(
            try Reading(text).statements == [
                #"a_s: "x \\ \n \" \x00""#, "a_s is unknown", "a_s in s", #"b: """#, "b in ",
                "c.d is gaugehistogram", "i is info", "s is stateset",
            ])
    }

    @Test func readsExemplars() throws {
        let text = """
            a 1 # {} 2
            a 1 5 # {id.x="y"} 2
            # EOF
            """
        #expect(throws: ExpositionError.self) { try Reading(text) }
        let good = """
            a 1 # {} 2
            a 1 5 # {id="y\\"z",t="#} {"} 2 1.5
            a 1 # {"i.d"="y",} NaN
            a 1
            # EOF
            """
        let exemplars = try Reading(good).exemplars
        #expect(
            exemplars.map(\.labels.description) == [
                "{}", ##"{id="y\\\"z", t="#} {"}"##, #"{"i.d"="y"}"#,
            ])
        #expect(exemplars.map(\.hasTime) == [false, true, false])
        #expect(exemplars[1].time == Timestamp(milliseconds: 1500))
        #expect(exemplars[2].value.bitPattern == SampleValue.nanBits)
    }

    @Test(arguments: ["x", "é"])
    func anExemplarHas128CharactersAtMost(character: String) throws {
        for (length, count) in [(126, 1), (127, 0), (100_000, 0)] {
            let value = String(repeating: character, count: length)
            let reading = try Reading("a 1 # {id=\"\(value)\"} 2\n# EOF")
            #expect(reading.samples.count == 1 && reading.exemplars.count == count)
        }
    }

    @Test func boundariesAreWrittenOneWay() throws {
        let text = """
            # TYPE h histogram
            h_bucket{le="1"} 1
            # TYPE s summary
            s{quantile="1",le="1"} 1
            # TYPE g gaugehistogram
            g_bucket{le="1"} 1
            # EOF
            """
        #expect(
            try Reading(text).samples.map(\.labels.droppingName.description) == [
                #"{le="1.0"}"#, #"{le="1", quantile="1.0"}"#, #"{le="1"}"#,
            ])
    }

    @Test(
        arguments: [
            ("", "data does not end with # EOF"), ("metric 1", "data does not end with # EOF"),
            ("metric 1\n", "data does not end with # EOF"),
            (##"m_total 1 # {aa="bb"} 4"##, "data does not end with # EOF"),
            (
                "\n", #"expected a valid start token, got "\n" ("INVALID") while parsing: "\n""#
            ),
            (
                "metric",
                #"expected value after metric, got "metric" ("EOF") while parsing: "metric""#
            ),
            (
                "a\n#EOF\n",
                #"expected value after metric, got "\n" ("INVALID") while parsing: "a\n""#
            ),
            (
                " a 1\n# EOF\n",
                #"expected a valid start token, got " " ("INVALID") while parsing: " ""#
            ),
            (
                "9\n# EOF\n",
                #"expected a valid start token, got "9" ("INVALID") while parsing: "9""#
            ),
            ("# TYPE u untyped\n# EOF\n", #"invalid metric type "untyped""#),
            ("# TYPE c counter \n# EOF\n", #"invalid metric type "counter ""#),
            ("# TYPE c  counter\n", #"invalid metric type " counter""#),
            (
                "#  TYPE c counter\n# EOF\n",
                ##"expected a valid start token, got "#  " ("INVALID") while parsing: "#  ""##
            ),
            (
                "#\tTYPE c counter\n",
                ##"expected a valid start token, got "#\t" ("INVALID") while parsing: "#\t""##
            ),
            (
                "# TYPE \n# EOF\n",
                ##"expected metric name after TYPE, got "\n" ("INVALID") while parsing: "# TYPE \n""##
            ),
            ("# TYPE m\n# EOF\n", "expected text in TYPE"),
            ("# UNIT m\n# EOF\n", "expected text in UNIT"),
            ("# HELP m\n# EOF\n", "expected text in HELP"), ("# HELP m", "expected text in HELP"),
            ("# UNIT metric suffix\n", #"unit "suffix" not a suffix of metric "metric""#),
            (
                "# UNIT metricsuffix suffix\n",
                #"unit "suffix" not a suffix of metric "metricsuffix""#
            ),
            ("# UNIT m suffix\n", #"unit "suffix" not a suffix of metric "m""#),
            (
                "a\t1\n# EOF\n",
                #"expected value after metric, got "\t" ("INVALID") while parsing: "a\t""#
            ),
            (
                "a 1\t2\n# EOF\n",
                #"strconv.ParseFloat: parsing "1\t2": invalid syntax while parsing: "a 1\t2""#
            ),
            (
                "a 1 2 \n# EOF\n",
                #"expected next entry after timestamp, got " \n" ("INVALID") while parsing: "a 1 2 \n""#
            ),
            (
                "a 1 2 #\n# EOF\n",
                ##"expected next entry after timestamp, got " #\n" ("TIMESTAMP") while parsing: "a 1 2 #\n""##
            ),
            (
                "a 1 1 1\n# EOF\n",
                #"expected next entry after timestamp, got " 1\n" ("TIMESTAMP") while parsing: "a 1 1 1\n""#
            ),
            (
                "a 1 1z\n# EOF\n",
                #"strconv.ParseFloat: parsing "1z": invalid syntax while parsing: "a 1 1z""#
            ),
            ("# EOF\na 1", "unexpected data after # EOF"),
            ("# EOF\n\n", "unexpected data after # EOF"),
            ("# EOFa 1", "unexpected data after # EOF"),
            (
                "a{b='c'} 1\n",
                #"expected label value, got "'" ("INVALID") while parsing: "a{b='""#
            ),
            (
                "a{,b=\"c\"} 1\n",
                #"expected label name, got ",b" ("COMMA") while parsing: "a{,b""#
            ),
            (
                "a{b=\"c\"d=\"e\"} 1\n",
                #"expected comma or brace close, got "d=" ("LNAME") while parsing: "a{b=\"c\"d=""#
            ),
            (
                "a{b=\"c\",,d=\"e\"} 1\n",
                #"expected label name, got ",d" ("COMMA") while parsing: "a{b=\"c\",,d""#
            ),
            ("a{b=\n", #"expected label value, got "\n" ("INVALID") while parsing: "a{b=\n""#),
            (
                #"{"a","b = "c"}"#,
                #"expected equal, got "c\"" ("LNAME") while parsing: "{\"a\",\"b = \"c\"""#
            ),
            (
                #"{"a",b\nc="d"} 1"#,
                #"expected equal, got "\\" ("INVALID") while parsing: "{\"a\",b\\""#
            ),
            (
                "a true\n",
                #"strconv.ParseFloat: parsing "true": invalid syntax while parsing: "a true""#
            ),
            (
                "w{p=\"\n# EOF\n",
                #"expected label value, got "\"\n" ("INVALID") while parsing: "w{p=\"\n""#
            ),
            (
                "e{=\"\"} 0\n",
                #"expected label name, got "=\"" ("EQUAL") while parsing: "e{=\"""#
            ),
            ("{A}0\n", #"expected equal, got "}0" ("BCLOSE") while parsing: "{A}0""#),
            ("foo 1_2\n", #"unsupported character in float while parsing: "foo 1_2""#),
            ("foo 0 0x1p-3\n", #"unsupported character in float while parsing: "foo 0 0x1p-3""#),
            (
                "m 1 # {aa=bb}\n",
                ##"expected label value, got "b" ("INVALID") while parsing: "m 1 # {aa=b""##
            ),
            (
                "m 1 # {aa=\"bb\"}\n",
                ##"expected value after exemplar labels, got "\n" ("INVALID") while parsing: "m 1 # {aa=\"bb\"}\n""##
            ),
            (
                "m 1 # {aa=\"bb\"}",
                ##"expected value after exemplar labels, got "}" ("EOF") while parsing: "m 1 # {aa=\"bb\"}""##
            ),
            (
                "m 1 # {bb}",
                ##"expected equal, got "}" ("BCLOSE") while parsing: "m 1 # {bb}""##
            ),
            (
                "m 1 # {bb, a=\"dd\"}",
                ##"expected equal, got ", " ("COMMA") while parsing: "m 1 # {bb, ""##
            ),
            (
                "m 1 # {\"bb\"} 1",
                ##"expected label name, got "} " ("BCLOSE") while parsing: "m 1 # {\"bb\"} ""##
            ),
            (
                "m 1 # {aa=\"bb\"} 1_2",
                ##"unsupported character in float while parsing: "m 1 # {aa=\"bb\"} 1_2""##
            ),
            (
                "m 1 # {aa=\"bb\",cc=}",
                ##"expected label value, got "}" ("INVALID") while parsing: "m 1 # {aa=\"bb\",cc=}""##
            ),
            (#"{b="c",} 1"#, #"metric name not set while parsing: "{b=\"c\",} 1""#),
            (#"a{"b"} 1"#, #"metric name already set while parsing: "a{\"b\"}""#),
            ("a 1 NaN", "invalid timestamp NaN"), ("a 1 -Inf", "invalid timestamp -Inf"),
            ("a 1 Inf", "invalid timestamp +Inf"),
            ("m 1 # {} 4 NaN", "invalid exemplar timestamp NaN"),
            ("m 1 # {} 4 -Inf", "invalid exemplar timestamp -Inf"),
            (
                #"a{b="c",b="d"} 1"# + "\n# EOF",
                #"label name "b" is not unique: invalid sample"#
            ),
        ])
    func refusesWithPrometheusWords(text: String, expected: String) {
        #expect(message(Array(text.utf8)) == expected)
    }

    @Test func refusesWhatIsNoUTF8() {
        let name = Array("a{".utf8) + [0xff] + Array("=\"foo\"} 1\n# EOF".utf8)
        #expect(
            message(name) == #"expected label name, got "\xff" ("INVALID") while parsing: "a{\xff""#
        )
        let value = Array("a{b=\"".utf8) + [0xff] + Array("\"} 1\n# EOF".utf8)
        #expect(message(value) == #"invalid UTF-8 label value: "\"\xff\"""#)
        let help = Array("# HELP a ".utf8) + [0xc0, 0x80] + Array("\n# EOF".utf8)
        #expect(message(help) == #"help text "\xc0\x80" is not a valid utf8 string"#)
    }

    @Test func errorsNameTheLineAndShowOnlySoMuch() {
        #expect(throws: ExpositionError(line: 3, #"invalid metric type "x""#)) {
            try Reading(
                "a 1\n{\"a\nb\"} 1\n# TYPE a x\n".replacing("{\"a\nb\"} 1\n", with: "b 1\n"))
        }
        let long = Array(("a{b=\"" + String(repeating: "x", count: 1_000_000)).utf8)
        #expect((message(long) ?? "").utf8.count < 1000)
    }

    @Test func anyChangeOfAnExpositionIsReadOrRefused() {
        let whole = Array(
            """
            # HELP a b\\n
            # TYPE a_s counter
            # UNIT a_s s
            a_s_total{b="c\\"","d"="é"} 1.5e3 12 # {a="b"} 1 2
            {"x"} NaN
            # EOF

            """.utf8)
        for end in 0...whole.count { _ = message(Array(whole[..<end])) }
        for index in whole.indices {
            for byte: UInt8 in [0, 0x0a, 0x20, 0x22, 0x23, 0x5c, 0x7b, 0x7d, 0x80, 0xff] {
                var changed = whole
                changed[index] = byte
                _ = message(changed)
                changed.insert(byte, at: index)
                _ = message(changed)
                changed.removeSubrange(index...(index + 1))
                _ = message(changed)
            }
        }
        #expect(message(whole) == nil)
    }
}

@Suite struct RecordedOpenMetricsTests {
    static let folder = "fixtures/expositions"

    /// The Python client served both at one moment: OpenMetrics names counters without `_total` in its
    /// metadata, and has the same samples.
    @Test(.enabled(if: SharedData.has(folder), "\(SharedData.missing)"))
    func bothTextFormatsHaveTheSameSeries() throws {
        let open = try Reading(try #require(SharedData.text("\(Self.folder)/python-client.om")))
        var text: Set<Labels> = []
        let bytes = Array(try #require(SharedData.text("\(Self.folder)/python-client.txt")).utf8)
        var cursor = TextCursor()
        while let entry = try cursor.next(in: bytes.span) {
            guard case .sample = entry else { continue }
            text.insert(try cursor.labels(in: bytes.span))
        }
        #expect(Set(open.samples.map(\.labels)) == text)
        #expect(open.samples.count == text.count && text.count > 20)
        #expect(open.statements.contains("process_cpu_seconds is counter"))
    }
}
