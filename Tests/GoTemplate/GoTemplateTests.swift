import GoTemplate
import Model
import Testing

@Suite struct GoTemplateTests {
    private func run(
        _ text: String, _ data: TemplateValue = .null,
        functions: [String: TemplateFunction] = [:], limits: TemplateLimits = TemplateLimits()
    ) throws -> String {
        try TemplateSet(functions: functions, limits: limits).template(text).execute(data)
    }

    @Test func givesRecordedOutputs() throws {
        for (template, output) in RecordedAnswers.outputs {
            #expect(try run(template) == output, "\(template)")
        }
        #expect(RecordedAnswers.outputs.count >= 25)
    }

    @Test func givesRecordedErrors() throws {
        for (template, error) in RecordedAnswers.errors {
            #expect(throws: TemplateError(error), "\(template)") { try run(template) }
        }
        #expect(RecordedAnswers.errors.count >= 50)
    }

    @Test func givesMoreRecordedAnswers() throws {
        for (template, output) in RecordedFormats.outputs {
            #expect(try run(template) == output, "\(template)")
        }
        for (template, error) in RecordedFormats.errors {
            #expect(throws: TemplateError(error), "\(template)") { try run(template) }
        }
        for (template, output) in RecordedFormats.html {
            let set = TemplateSet(escapesHTML: true)
            #expect(try set.template(template).execute(.null) == output, "\(template)")
        }
        let counts = [RecordedFormats.outputs, RecordedFormats.html].map(\.count)
        #expect(counts[0] >= 15 && counts[1] >= 10 && RecordedFormats.errors.count >= 4)
    }

    @Test func tellsNilsOfMapsFromOthers() throws {
        let data = TemplateValue.map(TemplateMap([("n", .null)]))
        #expect(
            throws: TemplateError(
                "template: :1:5: executing \"\" at <.n.x>: nil pointer evaluating interface {}.x")
        ) { try run("{{ .n.x }}", data) }
        #expect(try run("{{ (.n).x }}{{ with $x := 1 }}{{ $x }}{{ end }}", data) == "<no value>1")
    }

    @Test func givesWhatItHasWritten() throws {
        let functions = [
            "nested": TemplateFunction([.string]) { call in
                .string(try call.execute(call.string(0), .int(1)))
            }
        ]
        func output(_ text: String, _ maximumBytes: Int = .max) throws -> TemplateOutput {
            try TemplateSet(functions: functions).template(text)
                .output(.null, maximumBytes: maximumBytes)
        }
        #expect(try output("a{{ 1 }}") == TemplateOutput("a1"))
        #expect(try output("äöü{{ .x.y }}", 5) == TemplateOutput("äö", .full))
        #expect(try output("{{ range 1000000000 }}ab{{ end }}", 3) == TemplateOutput("aba", .full))
        let failed = try output("ab{{ len 1 }}cd")
        #expect(failed.text == "ab")
        guard case .failed(let reason) = failed.end else {
            Issue.record("\(failed)")
            return
        }
        #expect(reason.description.contains(":1:5: executing"))
        // What a called template wrote before it failed is not its caller's output, nor is its length.
        let define = "{{ define \"n\" }}inner{{ end }}{{ define \"f\" }}inner{{ .x }}{{ end }}"
        #expect(try output(define + "a{{ len (nested \"n\") }}", 3) == TemplateOutput("a5"))
        #expect(try output(define + "a{{ nested \"f\" }}").text == "a")
    }

    @Test(arguments: [
        ("{{ range 2000000 }}{{ end }}", "steps"), ("{{ printf \"%2000000d\" 1 }}", "outputBytes"),
        ("{{ define \"r\" }}{{ template \"r\" }}{{ end }}{{ template \"r\" }}", "templateDepth"),
        ("{{ len (slice \"a\" 2) }}", nil),
    ]) func namesTheLimit(template: String, limit: String?) throws {
        let error = try #require(throws: TemplateError.self) { try run(template) }
        #expect(error.limit == limit)
    }

    @Test func executesOnMaps() throws {
        let data = TemplateValue.map(TemplateMap([("a", .strings(["x", "y"])), ("n", .int(3))]))
        #expect(
            try run("{{ range $i, $x := .a }}{{ $i }}={{ $x }} {{ end }}{{ .b }}|", data)
                == "0=x 1=y <no value>|")
        #expect(try run("{{ range .n }}{{ . }}{{ end }}", data) == "012")
        #expect(try run("{{ .a }} {{ . }}", data) == "[x y] map[a:[x y] n:3]")
    }

    @Test func treatsMissingKeysAsTold() throws {
        let data = TemplateValue.stringMap([("a", "1")])
        func with(_ missing: MissingKey) throws -> String {
            try TemplateSet(missingKey: missing).template("{{ .b }}").execute(data)
        }
        #expect(try with(.zero) == "")
        #expect(try with(.invalid) == "<no value>")
        #expect(
            throws: TemplateError(
                "template: :1:3: executing \"\" at <.b>: map has no entry for key \"b\"")
        ) { try with(.error) }
    }

    @Test func handsTheContextToFunctions() throws {
        let set = TemplateSet(functions: [
            "who": TemplateFunction { .string($0.context as? String ?? "nobody") }
        ])
        let template = try set.template("{{ who }}")
        #expect(try template.execute(.null, context: "me") == "me")
        #expect(try template.execute(.null) == "nobody")
    }

    @Test func laterDefinitionsReplaceEarlierOnes() throws {
        var set = TemplateSet()
        try set.add(
            "{{ define \"a\" }}1{{ end }}{{ define \"b\" }}{{ template \"a\" }}{{ end }}",
            named: "x")
        try set.add("{{ define \"a\" }}2{{ end }}", named: "y")
        try set.add("{{ define \"a\" }}  {{ end }}", named: "z")
        #expect(try set.template("{{ template \"b\" }}").execute(.null) == "2")
    }

    // MARK: Hostile texts and data

    private func message(_ text: String, _ data: TemplateValue = .null) -> String {
        do {
            _ = try run(
                text, data,
                functions: [
                    "list": TemplateFunction([.any], variadic: true) { .list($0.arguments) },
                    "join": TemplateFunction([.any]) { .string(try $0.print($0.arguments[0])) },
                ].merging(TextFunctions.all) { $1 })
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test func boundsDepthOfTheText() {
        let parens = String(repeating: "(", count: 100_000)
        #expect(message("{{ \(parens)1 }}").contains("nesting, 100"))
        let ifs = String(repeating: "{{ if 1 }}", count: 100_000)
        #expect(message(ifs).contains("nesting, 100"))
        let elses =
            "{{ if 0 }}" + String(repeating: "{{ else if 0 }}", count: 10_000) + "{{ end }}"
        #expect(message(elses).contains("nesting, 100"))
        let defines = String(repeating: "{{ block \"a\" 1 }}", count: 10_000)
        #expect(message(defines).contains("nesting, 100"))
        #expect(message(String(repeating: "x", count: 2 << 20)).contains("templateBytes"))
    }

    @Test func boundsRecursionOfTemplates() {
        #expect(
            message("{{ define \"a\" }}{{ template \"a\" }}{{ end }}{{ template \"a\" }}")
                .contains("exceeded maximum template depth (100)"))
        let nest = String(repeating: "{{ with 1 }}", count: 90)
        let ends = String(repeating: "{{ end }}", count: 90)
        #expect(
            message(
                "{{ define \"a\" }}\(nest){{ template \"a\" }}\(ends){{ end }}{{ template \"a\" }}"
            )
            .contains("evaluationDepth of 400"))
    }

    @Test func survivesFailuresInCalledTemplates() {
        let failing = "{{ define \"a\" }}{{ len 5 }}{{ end }}{{ $x := 1 }}{{ $y := 2 }}"
        #expect(
            message(failing + "{{ if true }}{{ template \"a\" }}{{ end }}")
                == "template: :1:19: executing \"a\" at <len 5>: error calling len: len of type int"
        )
        #expect(
            message(failing + "{{ range $z := \"a\" | list }}{{ template \"a\" }}{{ end }}")
                .contains("error calling len"))
    }

    @Test func boundsOutputAndWork() {
        #expect(message("{{ range 100000 }}0123456789abcdef{{ end }}").contains("outputBytes"))
        #expect(message("{{ range 100000000000 }}{{ end }}").contains("the limit steps"))
        #expect(
            message("{{ $x := \"ab\" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}")
                .contains("outputBytes"))
        #expect(
            message("{{ $x := list 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}")
                .contains("valueHeight"))
        #expect(
            message("{{ $x := list 1 }}{{ range 40 }}{{ $x = list $x $x }}{{ end }}{{ $x }}")
                .contains("outputBytes"))
        #expect(
            message("{{ $x := \"\" }}{{ range 1000 }}{{ $x = printf \"%999999d\" 1 }}{{ end }}")
                .contains("workBytes"))
        #expect(
            message(
                "{{ $t := printf \"%500000d\" 1 }}{{ reReplaceAll \"\" $t $t }}"
            ).contains("workBytes"))
        #expect(message("{{ printf \"%.9999999f\" 1.0 }}").contains("outputBytes"))
    }

    @Test func survivesOddBytes() {
        for text in [
            "{{", "{{-", "{{- ", "{{/*", "{{- /*", "{{ \"", "{{ '", "{{ `", "{{ $", "{{ .", "}}",
            "{{}}", "{{ -}}", "{{--}}", "{{ 0x }}", "{{ 1e }}", "{{ \u{0} }}", "{{ \"\\u12\" }}",
            "{{ 99999999999999999999999 }}", "{{ slice \"é\" 1 }}", "{{ index \"é\" 9 }}",
            "{{ printf \"%[99999999999]d %*d\" 1 }}", "{{ printf \"%[\" }}", "{{ 'é }}",
        ] {
            _ = message(text)
        }
        #expect(message("{{ -9223372036854775808 }}") == "no error")
    }
}
