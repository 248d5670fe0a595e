import GoTemplate
import Model
import Rules
import Testing

@Suite struct RuleTemplateTests {
    private func expand(_ text: String, value: Double = 1.5) throws -> String {
        try RuleTemplate.expand(
            text, name: "__alert_X",
            RuleTemplate.Context(
                labels: Labels(["instance": "db-1.example.org:9100", "job": "db"]),
                externalLabels: Labels(["region": "eu"]),
                externalURL: "https://mon.example.org/prom",
                value: value, time: Timestamp(milliseconds: 1_435_065_584_128),
                query: { expression in
                    if expression == "none" { return [] }
                    if expression == "bad" { throw TemplateFunctionError("no such thing") }
                    return [
                        RuleTemplate.Sample(Labels(["__name__": "up", "instance": "b"]), 2),
                        RuleTemplate.Sample(Labels(["__name__": "up", "instance": "a"]), 1),
                    ]
                }))
    }

    @Test(arguments: [
        ("plain }} text", "plain }} text"),
        ("{{ $labels.instance }} of {{ $labels.nothing }}|", "db-1.example.org:9100 of |"),
        ("{{ $value }} {{ $value | humanize }} {{ .Value }}", "1.5 1.5 1.5"),
        ("{{ $externalLabels.region }} {{ $externalURL }}", "eu https://mon.example.org/prom"),
        ("{{ externalURL }} {{ pathPrefix }}", "https://mon.example.org/prom /prom"),
        ("{{ humanize 1234567.0 }} {{ humanize 0.0015 }} {{ humanize 0.0 }}", "1.235M 1.5m 0"),
        ("{{ humanize1024 1048576.0 }} {{ humanize1024 0.5 }}", "1Mi 0.5"),
        (
            "{{ humanizeDuration 899.99 }} {{ humanizeDuration 90061 }} {{ humanizeDuration 0.0015 }}",
            "14m 59s 1d 1h 1m 1s 1.5ms"
        ),
        ("{{ humanizeDuration \"3.5\" }} {{ humanizeDuration -61.0 }}", "3.5s -1m 1s"),
        ("{{ humanizePercentage 0.1234567 }}", "12.35%"),
        ("{{ humanizeTimestamp 1435065584.128 }}", "2015-06-23 13:19:44.128 +0000 UTC"),
        (
            "{{ (toTime 1435065584.0).Format \"2006-01-02T15:04:05Z07:00\" }}",
            "2015-06-23T13:19:44Z"
        ),
        ("{{ toDuration 90.5 }} {{ now }}", "1m30.5s 1.435065584128e+09"),
        ("{{ parseDuration \"1h2m10ms\" }}", "3720.01"),
        (
            "{{ \"aa bb CC\" | title }} {{ toUpper \"ab\" }} {{ \"AB\" | toLower }}",
            "Aa Bb CC AB ab"
        ),
        ("{{ if match \"^db-\" $labels.instance }}yes{{ end }}", "yes"),
        ("{{ reReplaceAll \"(.*):.*\" \"$1!\" $labels.instance }}", "db-1.example.org!"),
        ("{{ graphLink \"up == 0\" }}", "/graph?g0.expr=up+%3D%3D+0&g0.tab=0"),
        ("{{ tableLink \"up\" }}", "/graph?g0.expr=up&g0.tab=1"),
        (
            "{{ $labels.instance | stripPort }} {{ $labels.instance | stripDomain }}",
            "db-1.example.org db-1:9100"
        ),
        ("{{ stripDomain \"10.0.0.1:80\" }} {{ stripPort \"[::1]:80\" }}", "10.0.0.1:80 ::1"),
        ("{{ range query \"up\" }}{{ .Labels.instance }}={{ .Value }};{{ end }}", "b=2;a=1;"),
        (
            "{{ range query \"up\" | sortByLabel \"instance\" }}{{ . | label \"instance\" }}{{ . | value }} {{ end }}",
            "a1 b2 "
        ),
        ("{{ with query \"up\" }}{{ . | first | value | humanize }}{{ end }}", "2"),
        ("{{ with query \"none\" }}x{{ else }}nothing{{ end }}", "nothing"),
        (
            "{{ define \"x\" }}{{ .arg0 }}-{{ .arg1 }}{{ end }}{{ template \"x\" (args 1 \"b\") }}",
            "1-b"
        ),
        ("{{ urlQueryEscape \"a b&c\" }} {{ safeHtml \"<b>\" }}", "a+b%26c <b>"),
        ("{{ printf \"%.2f\" $value }} {{ printf \"%v\" 1e6 }}", "1.50 1e+06"),
    ]) func expands(text: String, expected: String) throws {
        #expect(try expand(text) == expected)
    }

    @Test(arguments: [
        (
            "{{ query \"none\" | first }}",
            "error executing template __alert_X: template: __alert_X:1:130: executing \"__alert_X\" at <first>: error calling first: first() called on vector with no elements"
        ),
        (
            "{{ query \"bad\" }}",
            "error executing template __alert_X: template: __alert_X:1:115: executing \"__alert_X\" at <query \"bad\">: error calling query: no such thing"
        ),
        (
            "{{ $nope }}",
            "error parsing template __alert_X: template: __alert_X:1: undefined variable \"$nope\""
        ),
        (
            "{{ humanize \"x\" }}",
            "error executing template __alert_X: template: __alert_X:1:115: executing \"__alert_X\" at <humanize \"x\">: error calling humanize: strconv.ParseFloat: parsing \"x\": invalid syntax"
        ),
    ]) func saysWhatIsWrong(text: String, expected: String) {
        #expect(throws: TemplateError(expected)) { try expand(text) }
    }

    @Test func findsQueries() throws {
        let text =
            "{{ query \"a\" }}{{ range query (printf \"%s\" \"b\") }}{{ end }}{{ with \"c\" | query }}{{ end }}"
        let found = try RuleTemplate(text, name: "x").queries
        #expect(found.literal == ["a", "c"])
        #expect(found.hasComputed)
        #expect(try RuleTemplate("{{ $value }}", name: "x").queries.literal.isEmpty)
        #expect(RuleTemplate.check("{{ if }}", name: "x") != nil)
        #expect(RuleTemplate.check("{{ $value }}", name: "x") == nil)
        #expect(try RuleTemplate("{{ .Nope }}", name: "x").trialExpansion() != nil)
    }
}
