import Configuration
import Foundation
import Model
import Notify
import Testing
import Transport

@Suite struct SlackTests {
    private func configuration() -> SlackConfiguration {
        var slack = SlackConfiguration(endpoint: .webhook(Secret(.file(path: "/s/url"))))
        slack.channel = "#{{ .GroupLabels.alertname }}"
        slack.fields = [.init(title: "B", value: "{{ .CommonLabels.b }}", short: true)]
        slack.actions = [.init(type: "button", text: "Look")]
        slack.actions[0].url = "{{ .ExternalURL }}"
        return slack
    }

    private let files = ["/s/url": "https://hooks.example/T/1\n"]

    @Test func sendsAnAttachment() async throws {
        let inbox = Inbox(status: 200, "ok")
        let slack = integration(.slack(configuration()), files: files)
        let outcome = await slack.deliver(Samples.notification(), transport: inbox)
        #expect(outcome == .delivered(detail: "status 200"))
        #expect(inbox.request?.url == "https://hooks.example/T/1")
        #expect(inbox.request?.method == "POST")
        let link = "http://am/#/alerts?receiver=r"
        #expect(
            inbox.body == """
                {"channel":"#A","username":"Tocsin","attachments":[{"title":"[FIRING:1] A (2)",\
                "title_link":"\(link)","text":"","fallback":"[FIRING:1] A (2) | \(link)",\
                "callback_id":"","fields":[{"title":"B","value":"2","short":true}],\
                "actions":[{"type":"button","text":"Look","url":"http://am"}],"footer":"",\
                "color":"danger","mrkdwn_in":["fallback","pretext","text"]}]}
                """)
    }

    @Test func appsSendTheirToken() async throws {
        var slack = configuration()
        slack.endpoint = .app(
            token: Secret(.inline("xoxb-1")), url: SlackConfiguration.defaultAppURL)
        let json = [HTTPRequest.Header("content-type", "application/json; charset=utf-8")]
        let inbox = Inbox(status: 200, "{\"ok\":true}", json)
        let outcome = await integration(.slack(slack)).deliver(
            Samples.notification(), transport: inbox)
        #expect(outcome == .delivered(detail: "status 200"))
        #expect(inbox.request?.url == "https://slack.com/api/chat.postMessage")
        #expect(inbox.request?.authorization == .bearer("xoxb-1"))
        #expect(!inbox.body.contains("xoxb"))
    }

    @Test func cutsTitles() async throws {
        var slack = configuration()
        slack.title = String(repeating: "é", count: 2000)
        let inbox = Inbox(status: 200, "ok")
        _ = await integration(.slack(slack), files: files).deliver(
            Samples.notification(), transport: inbox)
        #expect(inbox.body.contains("\"" + String(repeating: "é", count: 1023) + "…\""))
    }

    @Test(arguments: [
        (200, "no_team", false, "channel \"#A\": received an error response from Slack: no_team"),
        (
            200, "{\"ok\":false,\"error\":\"channel_not_found\"}", true,
            "channel \"#A\": error response from Slack: channel_not_found"
        ),
        (404, "no_service", false, "channel \"#A\": unexpected status code 404: no_service"),
    ]) func saysWhatSlackRefused(
        status: Int, body: String, isJSON: Bool, reason: String
    ) async throws {
        let headers = isJSON ? [HTTPRequest.Header("Content-Type", "application/json")] : []
        let outcome = await integration(.slack(configuration()), files: files).deliver(
            Samples.notification(), transport: Inbox(status: status, body, headers))
        #expect(outcome == .failed(reason: reason))
    }

    @Test func waitsAsLongAsItIsTold() async throws {
        func outcome(_ inbox: Inbox) async throws -> DeliveryOutcome {
            await integration(.slack(configuration()), files: files).deliver(
                Samples.notification(), transport: inbox)
        }
        let limited = Inbox(status: 429, "", [HTTPRequest.Header("Retry-After", "30")])
        #expect(
            try await outcome(limited)
                == .retry(
                    after: .seconds(30), reason: "channel \"#A\": unexpected status code 429"))
        let dated = Inbox(
            status: 503, "", [HTTPRequest.Header("Retry-After", "Mon, 05 Jan 2026 10:02:01 GMT")])
        #expect(
            try await outcome(dated)
                == .retry(
                    after: .seconds(60), reason: "channel \"#A\": unexpected status code 503"))
        let forever = Inbox(status: 503, "", [HTTPRequest.Header("Retry-After", "99999999999")])
        #expect(
            try await outcome(forever)
                == .retry(
                    after: .seconds(3600), reason: "channel \"#A\": unexpected status code 503"))
        let lost = Inbox(.failure(TransportError(.timeout, "timed out after 30s")))
        #expect(
            try await outcome(lost) == .retry(reason: "timed out after 30s", mayHaveArrived: true))
        let absent = Inbox(.failure(TransportError(.connect, "refused")))
        #expect(try await outcome(absent) == .retry(reason: "refused"))
    }

    @Test func namesAMissingSecret() async throws {
        let slack = integration(.slack(configuration()))
        let reason = "unable to read secret file /s/url: no such file or directory"
        #expect(await slack.problem() == reason)
        let inbox = Inbox(status: 200, "ok")
        #expect(
            await slack.deliver(Samples.notification(), transport: inbox) == .unmade(reason: reason)
        )
        #expect(inbox.request == nil)
        #expect(try slack.render(Samples.notification()).destination == "#A")
        let whole = integration(.slack(configuration()), files: files)
        #expect(await whole.problem() == nil)
    }

    @Test func aURLInAFileIsParsedWhenItIsRead() async throws {
        for (text, problem) in [
            ("hooks.slack.com/HUSH", "unsupported scheme for URL, expected http or https"),
            ("https:///HUSH", "missing host for URL"),
            ("https://h/%HUSH", "invalid URL escape \"<secret>\""),
        ] {
            let slack = integration(.slack(configuration()), files: ["/s/url": text])
            let reason = "the secret file /s/url: \(problem)"
            #expect(await slack.problem() == reason)
            let inbox = Inbox(status: 200, "ok")
            #expect(
                await slack.deliver(Samples.notification(), transport: inbox)
                    == .unmade(reason: reason))
            #expect(inbox.request == nil)
        }
    }
}

@Suite struct PagerDutyTests {
    private func configuration() -> PagerDutyConfiguration {
        var pagerduty = PagerDutyConfiguration(key: .routing(Secret(.inline("secret-key"))))
        pagerduty.severity = "{{ .CommonLabels.b }}"
        pagerduty.details = [
            .init("num_firing", .text("{{ .Alerts.Firing | len }}")),
            .init("shape", .map([.init("x", .list([.text("{{ .Status }}"), .int(1)]))])),
            .init("firing", .text("{{ (index .Alerts 0).Labels | toJson }}")),
        ]
        pagerduty.links = [.init(href: "{{ .ExternalURL }}", text: "us"), .init(text: "none")]
        return pagerduty
    }

    @Test func triggersAndResolves() async throws {
        let inbox = Inbox(status: 202, "{}")
        let pagerduty = integration(.pagerduty(configuration()))
        let outcome = await pagerduty.deliver(Samples.notification(), transport: inbox)
        #expect(outcome == .delivered(detail: "status 202"))
        #expect(inbox.request?.url == "https://events.pagerduty.com/v2/enqueue")
        // printf '%s' '{}:{alertname="A"}' | sha256sum
        let key = "ad4b39d3af6c5f089ddb8504a474cd124febe3ef322f263d58074fb0c51dc572"
        #expect(
            inbox.body == """
                {"routing_key":"secret-key","dedup_key":"\(key)","event_action":"trigger",\
                "payload":{"summary":"[FIRING:1] A (2)","source":"Tocsin","severity":"2",\
                "custom_details":{"num_firing":1,"shape":{"x":["firing",1]},\
                "firing":{"alertname":"A","b":"2"}}},"client":"Tocsin",\
                "client_url":"http://am/#/alerts?receiver=r",\
                "links":[{"href":"http://am","text":"us"}]}
                """)
        _ = await pagerduty.deliver(
            Samples.notification(alerts: [Samples.alert(resolved: true)]), transport: inbox)
        #expect(inbox.body.contains("\"dedup_key\":\"\(key)\",\"event_action\":\"resolve\""))
        #expect(try !pagerduty.render(Samples.notification()).request.contains("secret-key"))
    }

    @Test func speaksTheOldInterface() async throws {
        var pagerduty = configuration()
        pagerduty.key = .service(Secret(.inline("service")))
        pagerduty.details = []
        let inbox = Inbox(status: 403, "slow down")
        let outcome = await integration(.pagerduty(pagerduty)).deliver(
            Samples.notification(), transport: inbox)
        #expect(outcome == .retry(reason: "unexpected status code 403: slow down"))
        #expect(
            inbox.body.hasPrefix(
                "{\"service_key\":\"service\",\"incident_key\":\"ad4b39d3af6c5f089ddb8504a474cd124febe3ef322f263d58074fb0c51dc572\""
            ))
        #expect(inbox.body.contains("\"event_type\":\"trigger\""))
    }

    @Test func staysWithinPagerDutysLimits() async throws {
        var pagerduty = configuration()
        pagerduty.description = String(repeating: "d", count: 5000)
        pagerduty.details = [.init("big", .text("{{ printf \"x%600000d\" 1 }}"))]
        let inbox = Inbox(status: 202)
        _ = await integration(.pagerduty(pagerduty)).deliver(
            Samples.notification(), transport: inbox)
        #expect(inbox.body.contains(String(repeating: "d", count: 1023) + "…\""))
        #expect(inbox.body.contains("\"custom_details\":{\"error\":\"Custom details have been"))
        #expect(inbox.body.utf8.count < 512_000)
    }

    @Test func wantsAKey() async throws {
        var pagerduty = configuration()
        pagerduty.key = .routing(Secret(.inline("{{ .CommonLabels.team }}")))
        let outcome = await integration(.pagerduty(pagerduty)).deliver(
            Samples.notification(), transport: Inbox(status: 202))
        #expect(outcome == .unmade(reason: "routing key cannot be empty"))
    }
}

@Suite struct WebhookTests {
    @Test func aURLThatCannotBeRenderedIsNotUsed() async throws {
        let webhook = WebhookConfiguration(url: Secret(.inline("http://x/{{ .StartsAt }}")))
        let inbox = Inbox(status: 200)
        let outcome = await integration(.webhook(webhook)).deliver(
            Samples.notification(), transport: inbox)
        guard case .unmade(let reason) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.hasPrefix("url: a template failed"))
        #expect(inbox.requests.isEmpty)
    }

    @Test func checkLooksAtTheTemplateOfTheURL() throws {
        let text = """
            route: {receiver: r}
            receivers: [{name: r, webhook_configs: [{url: "http://h/{{ nosuchfunction }}"}]}]
            """
        let configuration = try NotifierConfiguration.load(text: Array(text.utf8), path: "n").get()
        let problems = Receivers.check(configuration, templates: NotificationTemplates())
        #expect(problems.count == 1)
        #expect(
            problems.first?.message.contains("function \"nosuchfunction\" not defined") == true)
    }

    @Test func sendsVersion4() async throws {
        var webhook = WebhookConfiguration(url: Secret(.inline("http://x/{{ .Status }}")))
        webhook.maximumAlerts = 2
        webhook.client.basicAuth = BasicAuth(
            username: Secret(.inline("u")), password: Secret(.file(path: "/p")))
        webhook.client.headers = [HTTPHeader("X-A", [Secret(.inline("1"))])]
        webhook.timeout = .seconds(5)
        let inbox = Inbox(status: 200)
        let alerts = ["1", "2", "3"].map { Samples.alert([Label("n", $0)], resolved: $0 == "2") }
        let outcome = await integration(.webhook(webhook), files: ["/p": "pw\n"]).deliver(
            Samples.notification(alerts: alerts, receiver: "team.x"), transport: inbox)
        #expect(outcome == .delivered(detail: "status 200"))
        #expect(inbox.request?.url == "http://x/firing")
        #expect(inbox.request?.authorization == .basic(user: "u", password: "pw"))
        #expect(inbox.request?.headers.contains(HTTPRequest.Header("X-A", "1")) == true)
        #expect(inbox.request?.timeout == .seconds(5))
        func alert(_ number: String, _ status: String, _ end: String) -> String {
            """
            {"status":"\(status)","labels":{"alertname":"A","b":"2","n":"\(number)"},\
            "annotations":{"s":"x"},"startsAt":"2026-01-05T09:00:00Z","endsAt":"\(end)",\
            "generatorURL":"http://g",\
            "fingerprint":"\(Samples.alert([Label("n", number)]).fingerprint)"}
            """
        }
        #expect(
            inbox.body == """
                {"receiver":"team\\\\.x","status":"firing","alerts":[\
                \(alert("1", "firing", "0001-01-01T00:00:00Z")),\
                \(alert("2", "resolved", "2026-01-05T09:10:00Z"))],\
                "notification_reason":"unknown","groupLabels":{"alertname":"A"},\
                "commonLabels":{"alertname":"A","b":"2"},"commonAnnotations":{"s":"x"},\
                "externalURL":"http://am","version":"4","groupKey":"{}:{alertname=\\"A\\"}",\
                "truncatedAlerts":1}
                """)
    }

    @Test func emptyAnnotationsStay() async throws {
        let inbox = Inbox(status: 200)
        let webhook = WebhookConfiguration(url: Secret(.inline("http://x")))
        var (one, two) = (Samples.alert([Label("n", "1")]), Samples.alert([Label("n", "2")]))
        one.annotations = Annotations(["description": "", "s": "x"])
        two.annotations = Annotations(["description": "", "s": ""])
        _ = await integration(.webhook(webhook)).deliver(
            Samples.notification(alerts: [one, two]), transport: inbox)
        #expect(inbox.body.contains(#""annotations":{"description":"","s":"x"}"#))
        #expect(inbox.body.contains(#""annotations":{"description":"","s":""}"#))
        #expect(inbox.body.contains(#""commonAnnotations":{"description":""}"#))
        let text = try NotificationTemplates().render(
            "{{ range .Alerts }}{{ len .Annotations }}{{ range .Annotations.SortedPairs }} {{ .Name }}={{ .Value }}{{ end }};{{ end }}",
            Samples.notification(alerts: [one, two]))
        #expect(text == "2 description= s=x;2 description= s=;")
    }

    @Test func sendsTheUsersOwnPayload() async throws {
        var webhook = WebhookConfiguration(url: Secret(.inline("http://x")))
        webhook.payload = .map([
            .init("text", .text("{{ .Status }} \"quoted\"")), .init("n", .int(1)),
        ])
        let inbox = Inbox(status: 204)
        _ = await integration(.webhook(webhook)).deliver(
            Samples.notification(), transport: inbox)
        #expect(inbox.body == #"{"n":1,"text":"firing \"quoted\""}"#)
    }
}

@Suite struct EmailTests {
    private func configuration() -> EmailConfiguration {
        var email = EmailConfiguration(to: "Ops <ops@example.org>, \"B, C\" <bc@example.org>")
        email.from = "tocsin@example.org"
        email.smarthostName = "mail.example.org"
        email.smarthostPort = "587"
        email.authUsername = "u"
        email.authPassword = Secret(.file(path: "/pw"))
        email.threading = EmailConfiguration.Threading.none
        return email
    }

    private func send(
        _ email: EmailConfiguration, _ data: NotificationData = Samples.notification()
    ) async throws -> MailMessage {
        let inbox = Inbox(status: 0)
        let outcome = await integration(.email(email), files: ["/pw": "geheim"]).deliver(
            data, transport: inbox)
        #expect(outcome == .delivered(detail: "250 queued"))
        return try #require(inbox.mail)
    }

    @Test func sendsTextAndHTML() async throws {
        let mail = try await send(configuration())
        #expect(mail.host == "mail.example.org")
        #expect(mail.port == 587)
        #expect(mail.encryption == .startTLS)
        #expect(mail.from == "tocsin@example.org")
        #expect(mail.to == ["ops@example.org", "bc@example.org"])
        #expect(mail.credentials == MailCredentials(user: "u", password: "geheim"))
        #expect(mail.helloName == "localhost")
        let content = String(decoding: mail.content, as: UTF8.self)
        let read = try MailReader(content)
        #expect(read.header("Subject") == "[FIRING:1] A (2)")
        #expect(read.header("To") == "\"Ops\" <ops@example.org>, \"B, C\" <bc@example.org>")
        #expect(read.header("Date") == "Mon, 05 Jan 2026 10:01:01 +0000")
        #expect(read.header("Message-ID")?.hasSuffix("@example.org>") == true)
        #expect(
            read.header("In-Reply-To")
                == "<alert-\("ad4b39d3af6c5f089ddb8504a474cd124febe3ef322f263d58074fb0c51dc572".prefix(16))-@alertmanager>"
        )
        #expect(read.header("References") == read.header("In-Reply-To"))
        // Nobody configured a text.
        #expect(read.text == nil)
        let html = try #require(read.html)
        #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
        #expect(html.contains("1 alert for alertname=A</div>"))
        #expect(html.contains("<a href=\"http://g\" "))
        #expect(html.contains("<a href=\"http://am/#/alerts?receiver=r\" "))
        #expect(!content.contains("geheim"))
    }

    @Test func escapesWhatLabelsHold() async throws {
        let alert = Samples.alert([Label("evil", "<script>alert(1)</script>\r\nBcc: x@y.z é")])
        var email = configuration()
        email.headers = [.init("Subject", "{{ (index .Alerts 0).Labels.evil }}")]
        let mail = try await send(email, Samples.notification(alerts: [alert]))
        let read = try MailReader(String(decoding: mail.content, as: UTF8.self))
        #expect(read.header("Bcc") == nil)
        #expect(read.header("Subject")?.hasPrefix("=?utf-8?q?=3Cscript=3Ealert") == true)
        #expect(read.html?.contains("&lt;script&gt;alert(1)&lt;/script&gt;") == true)
        #expect(read.html?.contains("<script>") == false)
        #expect(mail.to.count == 2)
        let lines = String(decoding: mail.content, as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count < 998 })
    }

    @Test func hasThePartsThatAreConfigured() async throws {
        for (text, html) in [("t", ""), ("", "h"), ("t", "h"), ("", "")] {
            var email = configuration()
            (email.text, email.html) = (text, html)
            let mail = try await send(email)
            let read = try MailReader(String(decoding: mail.content, as: UTF8.self))
            #expect(read.text == (text.isEmpty ? nil : text))
            #expect(read.html == (html.isEmpty ? nil : html))
        }
    }

    @Test func handsOverPasswordAndSecret() async throws {
        var email = configuration()
        email.authSecret = Secret(.inline("key"))
        #expect(
            try await send(email).credentials
                == MailCredentials(user: "u", password: "geheim", secret: "key"))
    }

    @Test func choosesEncryption() async throws {
        var email = configuration()
        email.smarthostPort = "465"
        #expect(try await send(email).encryption == .implicit)
        email.smarthostPort = "smtp"
        email.requireTLS = false
        #expect(try await send(email).encryption == .none)
        #expect(try await send(email).port == 25)
        email.forceImplicitTLS = true
        #expect(try await send(email).encryption == .implicit)
    }

    @Test func threadsByDay() async throws {
        var email = configuration()
        email.threading = .daily
        let read = try MailReader(String(decoding: try await send(email).content, as: UTF8.self))
        #expect(read.header("References")?.hasSuffix("-2026-01-05@alertmanager>") == true)
        email.threading = nil
        let alone = try MailReader(String(decoding: try await send(email).content, as: UTF8.self))
        #expect(alone.header("References") == nil)
    }

    @Test(arguments: ["not an address", "a@b, c@", "<a@b", "a b@c", ""])
    func refusesBadAddresses(to: String) async throws {
        var email = configuration()
        email.to = to
        let inbox = Inbox(status: 0)
        let outcome = await integration(.email(email), files: ["/pw": "x"]).deliver(
            Samples.notification(), transport: inbox)
        guard case .unmade(let reason) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.hasPrefix("parsing to addresses: "))
        #expect(inbox.mail == nil)
    }

    @Test func triesAgainWhereTheServerIsBusy() async throws {
        func outcome(_ code: Int) async throws -> DeliveryOutcome {
            await integration(.email(configuration()), files: ["/pw": "x"]).deliver(
                Samples.notification(),
                transport: Inbox(.failure(TransportError(.smtp(code: code), "the server said"))))
        }
        #expect(try await outcome(451) == .retry(reason: "the server said"))
        #expect(try await outcome(550) == .retry(reason: "the server said"))
    }
}
