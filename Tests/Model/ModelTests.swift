import Model
import Testing

@Suite struct LabelsTests {
    @Test func sortsByBytesAndDropsEmptyValues() {
        let labels = Labels([Label("b", "2"), Label("a", ""), Label("B", "1"), Label("b", "3")])
        #expect(labels.sorted == [Label("B", "1"), Label("b", "3")])
        #expect(labels.description == #"{B="1", b="3"}"#)
    }

    @Test func differentSpellingsOfOneLetterAreDifferentLabels() {
        #expect(Labels(["a": "\u{e9}"]) != Labels(["a": "e\u{301}"]))
    }

    @Test func printsMetrics() {
        #expect(Labels(["__name__": "up", "job": "a\"b"]).metricDescription == #"up{job="a\"b"}"#)
        #expect(Labels(["__name__": "up"]).metricDescription == "up")
        #expect(Labels.empty.metricDescription == "{}")
    }
}

@Suite struct GoFloatTests {
    @Test(arguments: [
        (0.0, "0", "0"), (-0.0, "-0", "-0"), (1e21, "1000000000000000000000", "1e+21"),
        (1e20, "100000000000000000000", "1e+20"), (1e6, "1000000", "1e+06"),
        (123456, "123456", "123456"), (0.0001, "0.0001", "0.0001"),
        (0.00001, "0.00001", "1e-05"),
        (13.999999999999998, "13.999999999999998", "13.999999999999998"),
        (.infinity, "+Inf", "+Inf"), (.nan, "NaN", "NaN"), (1.5e-7, "0.00000015", "1.5e-07"),
        (123456789.25, "123456789.25", "1.2345678925e+08"),
    ]) func writesAsGoDoes(value: Double, fixed: String, general: String) {
        #expect(GoFloat.fixed(value) == fixed)
        #expect(GoFloat.general(value) == general)
    }

    @Test(arguments: [
        ("1", 1.0), ("-1.25", -1.25), ("+Inf", .infinity), ("-inf", -.infinity), ("1e3", 1000),
        ("0x1p-2", 0.25), ("1.7976931348623157e308", 1.7976931348623157e308), ("1e400", .infinity),
        (".5", 0.5), ("5.", 5),
    ]) func readsWhatGoReads(text: String, value: Double) {
        #expect(GoFloat.parse(text) == value)
    }

    @Test(arguments: ["", " 1", "1 ", "0x10", "nan(1)", "1_0", "e5", "--1", "1e", ".", "+nan"])
    func refusesWhatGoRefuses(text: String) {
        #expect(GoFloat.parse(text) == nil)
    }
}

@Suite struct DurationTests {
    @Test(
        arguments: [
            ("0", 0, "0s"), ("1h30m", 5_400_000, "1h30m"), ("15s", 15_000, "15s"),
            ("250ms", 250, "250ms"), ("1w", 604_800_000, "1w"), ("8d", 691_200_000, "8d"),
            ("1y", 31_536_000_000, "1y"), ("90m", 5_400_000, "1h30m"),
        ] as [(String, Int64, String)])
    func readsAndPrints(text: String, milliseconds: Int64, printed: String) throws {
        let duration = try Milliseconds(prometheus: text)
        #expect(duration.value == milliseconds)
        #expect(duration.description == printed)
    }

    @Test(arguments: [
        "", "1", "1m1h", "5 m", "-1s", "1.5h", "1s1s", "99999999999999999999y", "300y",
    ])
    func refuses(text: String) {
        #expect(throws: Milliseconds.ParseError.self) { try Milliseconds(prometheus: text) }
    }
}

@Suite struct TimestampTests {
    @Test func readsAndPrintsRFC3339() throws {
        let moment = try #require(Timestamp(rfc3339: "2026-01-05T10:00:00.25+01:00"))
        #expect(moment.description == "2026-01-05T09:00:00.250Z")
        #expect(Timestamp(milliseconds: 0).description == "1970-01-01T00:00:00Z")
        #expect(Timestamp(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp(rfc3339: "2026-13-05T10:00:00Z") == nil)
        #expect(Timestamp(rfc3339: "2026-01-05T10:00:00") == nil)
    }

    @Test(
        arguments: [
            ("2026-01-05T10:00:00Z", 0, 0, nil), ("2026-01-05T10:00:00.25z", 250, 0, nil),
            ("2026-01-05T10:00:00.123456789123Z", 123, 456_789, nil),
            ("2026-01-05T10:00:00.0000001Z", 0, 100, nil),
            ("2026-01-05T15:30:00.5+05:30", 500, 0, 19_800),
            ("2026-01-05T10:00:00-00:00", 0, 0, 0), ("2026-01-05T02:00:00-08:00", 0, 0, -28_800),
        ] as [(String, Int64, Int32, Int32?)])
    func writtenTimesKeepWhatTimestampsLack(
        text: String, milliseconds: Int64, nanoseconds: Int32, offset: Int32?
    ) throws {
        let written = try #require(WrittenTime(rfc3339: text))
        let start = try #require(Timestamp(rfc3339: "2026-01-05T10:00:00Z"))
        #expect((written.timestamp - start).value == milliseconds)
        #expect((written.detail?.nanoseconds ?? 0) == nanoseconds)
        #expect(written.detail?.offset == offset)
        #expect((written.detail == nil) == (nanoseconds == 0 && offset == nil))
    }

    @Test(arguments: [
        "2026-01-05T10:00:00.Z", "2026-01-05T10:00:00+1:00", "2026-01-05T10:00:00+01:00x",
        "2026-01-05T10:00:00.5", "2026-01-05T10:00:00+01", "",
    ])
    func noTimes(text: String) {
        #expect(WrittenTime(rfc3339: text) == nil)
    }
}

@Suite struct MatcherTests {
    @Test func expressionsAreAnchoredAndDotMatchesNewline() throws {
        #expect(try Matcher(.matches, "a", "x|y").matches("x"))
        #expect(try !Matcher(.matches, "a", "x|y").matches("xy"))
        #expect(try Matcher(.matches, "a", "x.y").matches("x\ny"))
        #expect(try Matcher(.notMatches, "a", ".+").matches(Labels.empty))
        #expect(throws: LinearRegex.CompileError.self) { try Matcher(.matches, "a", "(") }
    }

    @Test(arguments: [
        ("(", "missing closing ): `(`"), ("a)", "unexpected ): `a)`"),
        ("[a", "missing closing ]: `[a`"), ("*", "missing argument to repetition operator: `*`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("a{1001}", "invalid repeat count: `{1001}`"), ("\\8", "invalid escape sequence: `\\8`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("a\\", "trailing backslash at end of expression: ``"),
    ])
    func refusalsAreInGosWords(pattern: String, reason: String) {
        let error = #expect(throws: LinearRegex.CompileError.self) { try LinearRegex(pattern) }
        #expect(error?.description == reason)
    }

    @Test func replacesAsGoDoes() throws {
        let regex = try LinearRegex("a(x*)b")
        #expect(regex.replacingAll(in: "-ab-axxb-", with: "${1}W") == "-W-xxW-")
        #expect(regex.replacingAll(in: "-ab-axxb-", with: "$1W") == "---")  // a group "1W"
        #expect(try LinearRegex("").replacingAll(in: "ab", with: "-") == "-a-b-")
    }

    @Test func fingerprintIsAlertmanagers() {
        #expect(Fingerprint(Labels.empty).description == "cbf29ce484222325")
    }
}
