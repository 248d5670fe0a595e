import GoTemplate
import Model
import Testing

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

    @Test func noStepIsTooFar() throws {
        let set = TemplateSet(functions: Self.functions)
        for number in ["9223372036854775807", "-9223372036854775807"] {
            let text = "{{ (at.AddDate \(number) \(number) \(number)).Year }}"
            _ = try set.template(text).execute(.null)
        }
    }
}
