import Configuration
import Console
import Model
import Testing

struct TemplateTests {
    private static let now = Timestamp(milliseconds: 1_767_603_600_000)

    private func rendering(_ files: [String: String] = [:]) throws -> TemplateRendering {
        try TemplateRendering(
            files: files.isEmpty ? [] : [Located("t/*.tmpl")], access: .memory(files))
    }

    @Test func aTextOrANameOverTheSample() throws {
        let sample = SampleNotification.mixed(at: Self.now)
        let files = [
            "t/a.tmpl": "{{ define \"mine\" }}{{ .Status }} <{{ len .Alerts.Resolved }}>{{ end }}"
        ]
        let rendering = try rendering(files)
        #expect(try rendering.render("mine", sample) == "firing <1>")
        #expect(try rendering.render("{{ \"<b>\" }}", sample, isHTML: true) == "&lt;b&gt;")
        #expect(try rendering.render("{{ \"<b>\" }}", sample) == "<b>")
        #expect(
            try rendering.render("{{ .CommonLabels.alertname | toUpper }}", sample) == "TOCSINTEST")
        #expect(try !rendering.render("slack.default.title", sample).isEmpty)
    }

    @Test func aWebhooksBodyIsData() throws {
        let body = """
            {"version":"4","receiver":"team","status":"resolved","groupLabels":{"alertname":"A"},
             "externalURL":"http://am","alerts":[
              {"status":"firing","labels":{"alertname":"A","n":"1"},"annotations":{"s":"x"},
               "startsAt":"2026-01-05T08:00:00Z","endsAt":"0001-01-01T00:00:00Z"},
              {"status":"resolved","labels":{"alertname":"A","n":"2"},
               "startsAt":"2026-01-05T08:00:00Z","endsAt":"2026-01-05T08:30:00Z"}]}
            """
        let data = try NotificationDocument(Array(body.utf8)).data(at: Self.now)
        let text =
            "{{ .Receiver }} {{ .Status }} {{ .CommonLabels.SortedPairs.Values }}"
            + "{{ range .Alerts.Resolved }} {{ .EndsAt.Format \"15:04\" }}{{ end }} {{ .ExternalURL }}"
        #expect(try rendering().render(text, data) == "team firing [A] 08:30 http://am")
    }

    @Test func whatIsWrongIsSaid() throws {
        let sample = SampleNotification.mixed(at: Self.now)
        for (template, message) in [
            ("slack.default.titel", "did you mean slack.default.title?"),
            ("{{ .Nope }}", "Nope"), ("{{ if }}", "if"),
        ] {
            let error = #expect(throws: ConsoleError.self) {
                try rendering().render(template, sample)
            }
            #expect(
                error?.description.contains(message) == true,
                "\(template): \(String(describing: error))")
        }
        #expect(throws: Problems.self) { try rendering(["t/a.tmpl": "{{ define \"a\" }}"]) }
        for (body, message) in [
            ("{", "JSON"), ("{}", "alerts is missing"),
            ("{\"alerts\":[{\"labels\":{\"a\":1}}]}", "alerts[0].labels.a"),
            ("{\"alerts\":[{\"startsAt\":\"now\"}]}", "startsAt \"now\" is no time"),
        ] {
            let error = #expect(throws: ConsoleError.self) {
                try NotificationDocument(Array(body.utf8)).data(at: Self.now)
            }
            #expect(
                error?.description.contains(message) == true,
                "\(body): \(String(describing: error))")
        }
    }
}
