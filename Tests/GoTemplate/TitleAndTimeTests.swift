import GoTemplate
import Model
import Testing
import Zones

/// The answers are those of golang.org/x/text/cases and of Go's time package.
struct TitleAndTimeTests {
    @Test(arguments: [
        ("node1.example.com", "Node1.example.com"), ("can't stop", "Can't Stop"),
        ("1st, 3d model", "1St, 3D Model"), ("a:b, foo.bar:9100", "A:b, Foo.bar:9100"),
        ("_a __b", "_A __B"), ("a..b", "A..B"), ("1.a", "1.A"), ("ß", "Ss"), ("l·l", "L·l"),
        ("a\u{301}b", "A\u{301}b"), ("a\u{ad}b", "A\u{ad}b"), ("a\u{200d}b", "A\u{200d}b"),
        ("hello, WORLD-wide", "Hello, WORLD-Wide"), ("x/y", "X/Y"), ("", ""), ("ǆ", "ǅ"),
        ("日本a語b", "日本A語B"), ("a1b", "A1b"),
    ])
    func titles(text: String, title: String) {
        #expect(TitleCase.apply(text, lowersRest: false) == title)
    }

    @Test(arguments: [
        ("hello WORLD", "Hello World"), ("ΣΑΣ", "Σας"), ("ΣΑΣΑ", "Σασα"), ("ΑΣ. b", "Ας. B"),
        ("O'NEIL", "O'neil"), ("ÀÉ", "Àé"),
    ])
    func titlesWithSmallLetters(text: String, title: String) {
        #expect(TitleCase.apply(text, lowersRest: true) == title)
    }

    private static let functions: [String: TemplateFunction] = [
        // 2026-01-31 09:13:07.250 UTC
        "at": TemplateFunction { _ in
            .object(TemplateTime(Timestamp(milliseconds: 1_769_850_787_250)))
        },
        "written": TemplateFunction([.string]) { call in
            WrittenTime(rfc3339: call.string(0)).map { .object(TemplateTime($0)) } ?? .null
        },
        "berlin": TemplateFunction([.named("time.Time")]) { call in
            guard case .object(let object) = call.arguments[0], let time = object as? TemplateTime
            else { return .null }
            return .object(time.moved(to: try Zone(named: "Europe/Berlin")))
        },
        "minutes": TemplateFunction([.int]) { call in
            guard case .int(let count) = call.arguments[0] else { return .null }
            return .object(TemplateDuration(milliseconds: count * 60_000))
        },
    ]

    @Test(arguments: [
        ("at.Truncate (minutes 60)", "2026-01-31 09:00:00 +0000 UTC"),
        ("at.Truncate (minutes 0)", "2026-01-31 09:13:07.25 +0000 UTC"),
        ("at.Truncate (minutes 10080)", "2026-01-26 00:00:00 +0000 UTC"),
        ("at.Round (minutes 5)", "2026-01-31 09:15:00 +0000 UTC"),
        ("at.Round (minutes 60)", "2026-01-31 09:00:00 +0000 UTC"),
        ("at.AddDate 0 1 0", "2026-03-03 09:13:07.25 +0000 UTC"),
        ("at.AddDate 1 -2 3", "2026-12-04 09:13:07.25 +0000 UTC"),
        ("at.AddDate 0 -13 0", "2024-12-31 09:13:07.25 +0000 UTC"),
        ("at.UnixMicro", "1769850787250000"),
        ("at.Compare (at.Add (minutes 1))", "-1"), ("at.Compare at", "0"),
        ("at.Location", "UTC"),
        ("at.GoString", "time.Date(2026, time.January, 31, 9, 13, 7, 250000000, time.UTC)"),
    ])
    func timesAreComputedAsInGo(expression: String, text: String) throws {
        let set = TemplateSet(functions: Self.functions)
        #expect(try set.template("{{ (\(expression)) }}").execute(.null) == text)
    }

    private static let west = "written `2026-07-15T11:13:07.123456789-02:30`"

    @Test(arguments: [
        (west, "2026-07-15 11:13:07.123456789 -0230 -0230"),
        ("(\(west)).Nanosecond", "123456789"), ("(\(west)).UnixNano", "1784122987123456789"),
        ("(\(west)).UnixMicro", "1784122987123456"), ("(\(west)).Hour", "11"),
        ("(\(west)).UTC", "2026-07-15 13:43:07.123456789 +0000 UTC"),
        ("(\(west)).Format `.000000000 .999999 ,00`", ".123456789 .123456 ,12"),
        ("(\(west)).Add 211", "2026-07-15 11:13:07.123457 -0230 -0230"),
        ("(\(west)).Truncate 1000", "2026-07-15 11:13:07.123456 -0230 -0230"),
        ("(\(west)).Round 1000", "2026-07-15 11:13:07.123457 -0230 -0230"),
        ("(\(west)).Sub (\(west)).UTC", "0s"), ("(\(west)).Compare ((\(west)).Add 1)", "-1"),
        ("(\(west)).Before ((\(west)).Add 1)", "true"), ("(\(west)).Equal (\(west)).UTC", "true"),
        ("(\(west)).MarshalText | printf `%s`", "2026-07-15T11:13:07.123456789-02:30"),
        ("(\(west)).MarshalJSON | printf `%s`", "\"2026-07-15T11:13:07.123456789-02:30\""),
        ("at.MarshalJSON | len", "25"), ("at.MarshalText | printf `%v`", bytes),
        ("at.AppendFormat nil `06` | printf `%q`", "\"26\""),
        ("at.AppendText (at.AppendFormat nil `06 `) | printf `%s`", "26 2026-01-31T09:13:07.25Z"),
        ("(\(west)).MarshalBinary | printf `%x`", "010000000ee1e9856b075bcd15ff6a"),
        ("at.GobEncode | printf `%x`", "010000000ee10fbea30ee6b280ffff"),
        ("at.IsDST", "false"), ("(berlin (\(west))).IsDST", "true"),
        ("berlin (\(west))", "2026-07-15 15:43:07.123456789 +0200 CEST"),
        ("(berlin (\(west))).AddDate 0 -6 0", "2026-01-15 15:43:07.123456789 +0100 CET"),
        ("(berlin (\(west))).Location", "Europe/Berlin"),
        ("at.In (berlin at).Location", "2026-01-31 10:13:07.25 +0100 CET"),
        (
            "(berlin at).GoString",
            "time.Date(2026, time.January, 31, 10, 13, 7, 250000000, "
                + "time.Location(\"Europe/Berlin\"))"
        ),
        ("print 3i (printf ` %v %.1f` 3i 2+1i)", "(0+3i) (0+3i) (2.0+1.0i)"),
        ("eq 3i 3i", "true"), ("len (printf `%T` 0i)", "10"),
        ("(at.AddDate 0 0 1+0i).Day", "1"),
        ("if 0i", "0"),
    ])
    func timesKeepZoneAndNanoseconds(expression: String, text: String) throws {
        let set = TemplateSet(functions: Self.functions)
        let action = expression.hasPrefix("if ") ? "\(expression) }}1{{ else }}0{{ end" : expression
        #expect(try set.template("{{ \(action) }}").execute(.null) == text)
    }

    private static let bytes =
        "[50 48 50 54 45 48 49 45 51 49 84 48 57 58 49 51 58 48 55 46 50 53 90]"

    @Test(arguments: [
        ("at.Date", "function Date has 3 return values; should be 1 or 2"),
        ("at.Clock", "function Clock has 3 return values; should be 1 or 2"),
        ("at.ISOWeek", "for ISOWeek: second return value should be error; is int"),
        ("at.Zone", "for Zone: second return value should be error; is int"),
        ("at.ZoneBounds", "for ZoneBounds: second return value should be error; is time.Time"),
        ("at.In nil", "error calling In: time: missing Location in call to Time.In"),
        (
            "(at.AddDate 20000 0 0).MarshalJSON",
            "error calling MarshalJSON: Time.MarshalJSON: year outside of range [0,9999]"
        ),
        ("at.UnmarshalJSON nil", "can't evaluate field UnmarshalJSON in type time.Time"),
        ("lt 3i 2i", "error calling lt: invalid type for comparison"),
    ])
    func whatGoRefuses(expression: String, problem: String) throws {
        let set = TemplateSet(functions: Self.functions)
        #expect {
            _ = try set.template("{{ \(expression) }}").execute(.null)
        } throws: {
            "\($0)".hasSuffix(problem)
        }
    }

    @Test func noStepIsTooFar() throws {
        let set = TemplateSet(functions: Self.functions)
        for number in ["9223372036854775807", "-9223372036854775807"] {
            let text = "{{ (at.AddDate \(number) \(number) \(number)).Year }}"
            _ = try set.template(text).execute(.null)
        }
    }
}
