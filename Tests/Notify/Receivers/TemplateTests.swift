import Configuration
import GoTemplate
import Model
import Notify
import Testing

@Suite struct NotificationTemplateTests {
    private func text(
        _ source: String, _ groupLabels: Labels = Samples.recordedGroup
    ) throws -> String {
        var slack = SlackConfiguration(endpoint: .webhook(Secret(.inline("http://x"))))
        slack.title = ""
        slack.text = source
        return try integration(.slack(slack))
            .render(Samples.notification(groupLabels: groupLabels)).text
    }

    @Test func givesRecordedOutputs() throws {
        for (template, output) in RecordedTemplates.outputs {
            #expect(try text(template) == output, "\(template)")
        }
        #expect(RecordedTemplates.outputs.count >= 25)
    }

    @Test func givesRecordedErrors() throws {
        for (template, wanted) in RecordedTemplates.errors {
            let error = #expect(throws: (any Error).self, "\(template)") { try text(template) }
            let shown = error.map { "\($0)" } ?? ""
            #expect(shown == "a template failed: " + wanted, "\(template)")
        }
        #expect(RecordedTemplates.errors.count >= 15)
    }

    @Test func escapesHTMLAsRecorded() throws {
        for (template, output) in RecordedTemplates.html {
            var email = EmailConfiguration(to: "a@b.c")
            email.from = "c@d.e"
            email.html = template
            let message = try integration(.email(email))
                .render(Samples.notification(groupLabels: Samples.recordedGroup)).request
            #expect(try MailReader(message).html == output, "\(template)")
        }
        #expect(RecordedTemplates.html.count >= 25)
    }

    @Test func knowsTheLettersOfZones() throws {
        let start = "(index .Alerts 0).StartsAt"
        #expect(try text("{{ tz \"Europe/Paris\" \(start) }}") == "2026-01-05 10:00:00 +0100 CET")
        #expect(try text("{{ tz \"Asia/Kolkata\" \(start) | date \"MST\" }}") == "IST")
        #expect(try text("{{ tz \"America/Sao_Paulo\" \(start) | date \"MST\" }}") == "-03")
    }

    @Test func takesNumbersAsDurations() throws {
        #expect(
            try text("{{ (since (index .Alerts 0).StartsAt).Round 60000000000 }}") == "1h1m0s")
    }

    @Test func keepsValuesInsideScripts() throws {
        var email = EmailConfiguration(to: "a@b.c")
        email.from = "c@d.e"
        email.html =
            "<script>var x = {{ \"</script>'\\\"\" }};</script><a onclick=\"f({{ \"a'b\" }})\">"
        let message = try integration(.email(email)).render(Samples.notification()).request
        #expect(
            try MailReader(message).html
                == "<script>var x = \"\\u003c/script\\u003e'\\\"\";</script>"
                + "<a onclick=\"f(&#34;a&#39;b&#34;)\">")
    }

    @Test(arguments: [
        ("__subject", "[FIRING:1] A (2)"),
        ("__alertmanagerURL", "http://am/#/alerts?receiver=r"),
        ("slack.default.title", "[FIRING:1] A (2)"),
        ("slack.default.fallback", "[FIRING:1] A (2) | http://am/#/alerts?receiver=r"),
        ("slack.default.color", "danger"),
        ("pagerduty.default.description", "[FIRING:1] A (2)"),
        ("email.default.subject", "[FIRING:1] A (2)"),
    ]) func hasTheDefaultTemplates(name: String, expected: String) throws {
        #expect(try text("{{ template \"\(name)\" . }}", Labels(["alertname": "A"])) == expected)
    }

    @Test func listsAlerts() throws {
        #expect(
            try text("{{ template \"__text_alert_list\" .Alerts }}") == """
                Labels:
                 - alertname = A
                 - b = 2
                Annotations:
                 - s = x
                Source: http://g

                """)
    }

    @Test func filesReplaceDefaults() throws {
        var configuration = NotifierConfiguration(route: RouteConfiguration(receiver: "r"))
        configuration.templates = [Located("/t/*.tmpl")]
        let (templates, problems) = NotificationTemplates.load(
            configuration,
            files: .memory([
                "/t/a.tmpl": "{{ define \"slack.default.title\" }}mine{{ end }}",
                "/t/b.tmpl": "\n{{ if }}",
            ]))
        #expect(problems.map(\.place.line) == [2])
        let slack = SlackConfiguration(endpoint: .webhook(Secret(.inline("http://x"))))
        let made = Receivers.integration(
            IntegrationConfiguration(.slack(slack), sendResolved: true), templates: templates)
        #expect(try made.render(Samples.notification()).text == "mine")
    }

    @Test func checksFields() {
        var slack = SlackConfiguration(endpoint: .webhook(Secret(.inline("http://x"))))
        slack.title = "{{ nosuch }}"
        slack.fields = [.init(title: "ok", value: "{{ if }}")]
        var configuration = NotifierConfiguration(route: RouteConfiguration(receiver: "r"))
        configuration.receivers = [
            ReceiverConfiguration(
                "r", [IntegrationConfiguration(.slack(slack), sendResolved: true)])
        ]
        let problems = Receivers.check(configuration, templates: NotificationTemplates())
        #expect(
            problems.map(\.path) == [
                "receivers: r: slack[0].title", "receivers: r: slack[0].fields[0].value",
            ])
    }
}
