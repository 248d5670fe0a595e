import Configuration
import Foundation
import Model
import Notify
import Testing
import Transport

/// What answers mean to each service, and what is cut before it is sent.
@Suite struct ServiceTests {
    private static let secret = Secret(.inline("s"))
    private static let json = [HTTPRequest.Header("Content-Type", "application/json")]

    /// One of every kind.
    private static func kinds() -> [IntegrationConfiguration.Kind] {
        var webex = WebexConfiguration(room: "r")
        webex.client.authorization = Authorization(credentials: secret)
        var sns = SNSConfiguration(topic: "arn")
        sns.identity.region = "us-east-1"
        sns.identity.accessKey = "AKID"
        sns.identity.secretKey = secret
        return [
            .webhook(WebhookConfiguration(url: Secret(.inline("http://w")))),
            .pagerduty(PagerDutyConfiguration(key: .routing(secret))),
            .opsgenie(OpsGenieConfiguration(key: secret)),
            .wechat(WeChatConfiguration(secret: secret, corporation: "c")),
            .slack(SlackConfiguration(endpoint: .webhook(Secret(.inline("http://s"))))),
            .victorops(VictorOpsConfiguration(key: secret, routingKey: "k")),
            .pushover(PushoverConfiguration(userKey: secret, token: secret)), .sns(sns),
            .telegram(TelegramConfiguration(token: secret, chat: Secret(.inline("1")))),
            .discord(DiscordConfiguration(url: Secret(.inline("http://d")))), .webex(webex),
            .msteams(TeamsConfiguration(url: Secret(.inline("http://t")))),
            .msteamsv2(TeamsWorkflowConfiguration(url: Secret(.inline("http://t")))),
            .jira(JiraConfiguration(url: "http://j/rest/api/2", project: "P", issueType: "T")),
            .rocketchat(RocketChatConfiguration(token: secret, tokenID: secret)),
            .mattermost(MattermostConfiguration(url: Secret(.inline("http://m")))),
            .incidentio(
                IncidentIOConfiguration(url: Secret(.inline("http://i")), token: secret)),
        ]
    }

    private func word(_ outcome: DeliveryOutcome) -> String {
        switch outcome {
        case .delivered: "delivered"
        case .retry: "retry"
        case .failed: "failed"
        case .unmade: "unmade"
        }
    }

    /// Beside what Alertmanager tries again (5xx; 429 of some), 408 and 429 of every service.
    @Test func everyServiceIsTriedAgainWhereItMayWorkLater() async {
        #expect(Self.kinds().count == 17)
        for kind in Self.kinds() {
            for status in [408, 429, 500, 502, 503, 504] {
                let inbox = Inbox(status: status, "no", [.init("Retry-After", "7")])
                let outcome = await integration(kind).deliver(
                    Samples.notification(), transport: inbox)
                guard case .retry(let after, _, _) = outcome else {
                    Issue.record("\(kind.name) \(status): \(outcome)")
                    continue
                }
                #expect(after == .seconds(7), "\(kind.name) \(status)")
            }
            let lost = Inbox(.failure(TransportError(.connect, "refused")))
            let outcome = await integration(kind).deliver(
                Samples.notification(), transport: lost)
            #expect(outcome == .retry(reason: "refused"), "\(kind.name)")
        }
    }

    /// Telegram's and WeCom's refusals are tried again as Alertmanager does it.
    @Test func refusalsAreToldFromFailures() async {
        let patient: Set<String> = ["telegram", "wechat"]
        for kind in Self.kinds() {
            for status in [400, 401, 403, 404] {
                var script = [Inbox.answer(status, "no")]
                if kind.name == "wechat" {
                    script.insert(Inbox.answer(200, #"{"access_token":"t"}"#), at: 0)
                }
                let outcome = await integration(kind).deliver(
                    Samples.notification(), transport: Inbox(script))
                let wanted = patient.contains(kind.name) ? "retry" : "failed"
                #expect(word(outcome) == wanted, "\(kind.name) \(status)")
            }
        }
    }

    @Test func answersOfSuccessMayHoldErrors() async {
        func outcome(
            _ kind: IntegrationConfiguration.Kind, _ bodies: String...
        ) async -> DeliveryOutcome {
            await integration(kind).deliver(
                Samples.notification(), transport: Inbox(bodies.map { Inbox.answer(200, $0) }))
        }
        var chat = RocketChatConfiguration(token: Self.secret, tokenID: Self.secret)
        chat.channel = "#a"
        #expect(
            await outcome(.rocketchat(chat), #"{"success":false,"error":"no room"}"#)
                == .failed(reason: "error response from Rocketchat: no room"))
        #expect(
            await word(
                outcome(.rocketchat(chat), #"{"success":false,"error":"error-too-many-requests"}"#))
                == "retry")
        #expect(await word(outcome(.rocketchat(chat), "<html>")) == "retry")
        let wechat = WeChatConfiguration(secret: Self.secret, corporation: "corp")
        #expect(
            await outcome(.wechat(wechat), #"{"errcode":40013,"errmsg":"invalid corpid"}"#)
                == .failed(reason: "invalid APISecret for CorpID: corp: invalid corpid"))
        let token = #"{"access_token":"t","errcode":0}"#
        #expect(
            await outcome(.wechat(wechat), token, #"{"errcode":81013,"errmsg":"nobody"}"#)
                == .failed(reason: "error 81013: nobody"))
        #expect(
            await outcome(.wechat(wechat), token, #"{"errcode":45009,"errmsg":"too often"}"#)
                == .retry(reason: "error 45009: too often"))
    }

    @Test func tokensAreKeptAndRenewed() async throws {
        let wechat = integration(
            .wechat(WeChatConfiguration(secret: Self.secret, corporation: "corp")))
        let ok = Inbox.answer(200, #"{"errcode":0}"#)
        let first = Inbox([Inbox.answer(200, #"{"access_token":"one"}"#), ok, ok])
        _ = await wechat.deliver(Samples.notification(), transport: first)
        _ = await wechat.deliver(Samples.notification(), transport: first)
        #expect(first.requests.count == 3)
        // It has expired: another is asked for, and the message goes at once.
        let second = Inbox([
            Inbox.answer(200, #"{"errcode":42001,"errmsg":"expired"}"#),
            Inbox.answer(200, #"{"access_token":"two"}"#), ok,
        ])
        let outcome = await wechat.deliver(Samples.notification(), transport: second)
        #expect(outcome == .delivered(detail: "status 200"))
        #expect(second.requests.last?.url.hasSuffix("access_token=two") == true)
    }

    @Test func oauth2AsksOnceAndAgainWhenRefused() async throws {
        var webhook = WebhookConfiguration(url: Secret(.inline("http://w")))
        webhook.client.oauth2 = OAuth2(
            clientID: "id", clientSecret: Self.secret, tokenURL: "http://issuer/token")
        let made = integration(.webhook(webhook))
        func token(_ text: String) -> HTTPResponse {
            Inbox.answer(200, #"{"access_token":"\#(text)","expires_in":"3600"}"#)
        }
        let inbox = Inbox([
            // The issuer wants its credentials in the form.
            Inbox.answer(401), token("one"), Inbox.answer(200), Inbox.answer(401), token("two"),
            Inbox.answer(200),
        ])
        for _ in 0..<2 {
            let outcome = await made.deliver(Samples.notification(), transport: inbox)
            #expect(outcome == .delivered(detail: "status 200"))
        }
        #expect(
            inbox.requests.map(\.url) == [
                "http://issuer/token", "http://issuer/token", "http://w", "http://w",
                "http://issuer/token", "http://w",
            ])
        #expect(inbox.requests[0].authorization == .basic(user: "id", password: "s"))
        #expect(
            Inbox.body(inbox.requests[1])
                == "client_id=id&client_secret=s&grant_type=client_credentials")
        #expect(inbox.requests[2].authorization == .bearer("one"))
        #expect(inbox.requests[5].authorization == .bearer("two"))
        for end in ["\"nan\"", "-1", "1e300", "null", "[]"] {
            let odd = Inbox([
                Inbox.answer(200, #"{"access_token":"odd","expires_in":\#(end)}"#),
                Inbox.answer(200),
            ])
            _ = await integration(.webhook(webhook)).deliver(
                Samples.notification(), transport: odd)
            #expect(odd.request?.authorization == .bearer("odd"), "\(end)")
        }
        let down = Inbox(status: 503)
        let outcome = await integration(.webhook(webhook)).deliver(
            Samples.notification(), transport: down)
        #expect(outcome == .retry(reason: "oauth2: cannot fetch token: unexpected status code 503"))
    }

    @Test func httpConfigReachesEveryRequest() async throws {
        for kind in Self.kinds() {
            guard case .jira(var jira) = kind else { continue }
            var client = HTTPClientConfiguration()
            client.proxyURL = Secret(.inline("http://proxy:3128"))
            client.noProxy = "localhost"
            client.proxyConnectHeaders = [HTTPHeader("X-P", [Self.secret])]
            client.followRedirects = false
            client.enableHTTP2 = false
            client.tls.minimumVersion = .tls12
            client.tls.maximumVersion = .tls13
            client.tls.serverName = "name"
            client.tls.ca = Secret(.file(path: "/ca"))
            client.headers = [HTTPHeader("accept-language", [Secret(.inline("de"))])]
            jira.client = client
            let inbox = Inbox([Inbox.answer(200, #"{"issues":[]}"#), Inbox.answer(201)])
            _ = await integration(.jira(jira), files: ["/ca": "PEM"]).deliver(
                Samples.notification(), transport: inbox)
            #expect(inbox.requests.count == 2)
            for request in inbox.requests {
                #expect(request.proxyURL == "http://proxy:3128")
                #expect(request.noProxy == "localhost")
                #expect(request.proxyHeaders == [.init("X-P", "s")])
                #expect(!request.followsRedirects)
                #expect(!request.http2)
                #expect(request.tls.minimumVersion == .tls12)
                #expect(request.tls.maximumVersion == .tls13)
                #expect(request.tls.serverName == "name")
                #expect(request.tls.ca == "PEM")
                // What is configured stands beside what is usual.
                #expect(
                    request.headers.filter { $0.name.lowercased() == "accept-language" }
                        .map(\.value) == ["en", "de"])
            }
        }
    }

    // MARK: Lengths

    private func sent(_ kind: IntegrationConfiguration.Kind) async -> String {
        let inbox = Inbox(status: 200, #"{"ok":true,"success":true}"#, Self.json)
        _ = await integration(kind).deliver(Samples.notification(), transport: inbox)
        return inbox.body
    }

    private static let long = String(repeating: "é", count: 100_000)

    private func cut(_ count: Int) -> String {
        "\"" + String(repeating: "é", count: count - 1) + "…\""
    }

    @Test func textsAreCutToWhatServicesTake() async {
        var opsgenie = OpsGenieConfiguration(key: Self.secret)
        opsgenie.message = Self.long
        #expect(await sent(.opsgenie(opsgenie)).contains("\"message\":" + cut(130)))
        var victorops = VictorOpsConfiguration(key: Self.secret, routingKey: "k")
        victorops.stateMessage = Self.long
        #expect(await sent(.victorops(victorops)).contains("\"state_message\":" + cut(20_480)))
        var discord = DiscordConfiguration(url: Secret(.inline("http://d")))
        (discord.title, discord.message, discord.content) = (Self.long, Self.long, Self.long)
        let embed = await sent(.discord(discord))
        #expect(embed.contains("\"content\":" + cut(2000)))
        #expect(embed.contains("\"title\":" + cut(256)))
        #expect(embed.contains("\"description\":" + cut(4096)))
        var mattermost = MattermostConfiguration(url: Secret(.inline("http://m")))
        mattermost.text = Self.long
        #expect(await sent(.mattermost(mattermost)).contains("\"text\":" + cut(16_383)))
        var rocketchat = RocketChatConfiguration(token: Self.secret, tokenID: Self.secret)
        rocketchat.title = Self.long
        #expect(await sent(.rocketchat(rocketchat)).contains("\"title\":" + cut(1024)))
        var webex = WebexConfiguration(room: "r")
        webex.message = Self.long
        // 7439 bytes: three for the mark, two for each é.
        #expect(await sent(.webex(webex)).contains("\"markdown\":" + cut(3719)))
        var teams = TeamsConfiguration(url: Secret(.inline("http://t")))
        teams.text = Self.long
        let card = await sent(.msteams(teams))
        #expect((27_900...28_000).contains(card.utf8.count), "\(card.utf8.count)")
        #expect(card.contains("…\",\"themeColor\""))
    }

    @Test func pushoverCutsAndFills() async throws {
        var pushover = PushoverConfiguration(userKey: Self.secret, token: Self.secret)
        (pushover.title, pushover.message, pushover.url) = (Self.long, Self.long, Self.long)
        let fields = Exchange.fields(await sent(.pushover(pushover)))
        func count(_ name: String) -> Int? { fields.first { $0.name == name }?.value.count }
        #expect([count("title"), count("message"), count("url")] == [250, 1024, 512])
        pushover.message = " \n"
        let empty = Exchange.fields(await sent(.pushover(pushover)))
        #expect(empty.first { $0.name == "message" }?.value == "(no details)")
    }

    @Test func telegramCutsHTMLBetweenTags() async throws {
        var telegram = TelegramConfiguration(token: Self.secret, chat: Secret(.inline("1")))
        telegram.message =
            "<b>{{ range $i, $c := .Alerts }}" + String(repeating: "<i>a&amp;</i>", count: 4000)
            + "{{ end }}</b>"
        let text = try JSONDecoder().decode(
            [String: JSON].self, from: Data(await sent(.telegram(telegram)).utf8))
        guard case .text(let html)? = text["text"] else {
            Issue.record("no text")
            return
        }
        #expect(html.hasSuffix("<i>a…</i></b>"))
        let shown = html.replacing("<b>", with: "").replacing("</b>", with: "")
            .replacing("<i>", with: "").replacing("</i>", with: "").replacing("&amp;", with: "&")
        #expect(shown.count <= 4096)
        #expect(html.utf8.count <= 32_768)
        // However it is made, it ends soon and is short enough.
        for odd in ["<b>", "<", "</b>", "&", "<b", "<i><", "&amp;<u>"] {
            telegram.message = String(repeating: odd, count: 60_000)
            let fitting = await sent(.telegram(telegram))
            #expect(fitting.utf8.count < 40_000, "\(odd)")
        }
        telegram.message = "<b>short</b> <"
        #expect(await sent(.telegram(telegram)).contains("\"<b>short</b> <\""))
        telegram.parseMode = .plain
        telegram.message = Self.long
        #expect(await sent(.telegram(telegram)).contains(cut(4096)))
    }

    @Test func telegramFindsAWay() async throws {
        let telegram = TelegramConfiguration(token: Self.secret, chat: Secret(.inline("1")))
        let moved = Inbox([
            Inbox.answer(
                400,
                #"{"ok":false,"description":"upgraded","parameters":{"migrate_to_chat_id":-1009}}"#),
            Inbox.answer(200, #"{"ok":true}"#),
        ])
        let made = integration(.telegram(telegram))
        #expect(
            await made.deliver(Samples.notification(), transport: moved)
                == .delivered(detail: "status 200"))
        #expect(moved.body.hasPrefix("{\"chat_id\":-1009,"))
        let broken = Inbox([
            Inbox.answer(400, #"{"ok":false,"description":"Bad Request: can't parse entities"}"#),
            Inbox.answer(200, #"{"ok":true}"#),
        ])
        #expect(
            await made.deliver(Samples.notification(), transport: broken)
                == .delivered(detail: "status 200"))
        #expect(!broken.body.contains("parse_mode"))
        let flood = Inbox(
            status: 429, #"{"ok":false,"error_code":429,"parameters":{"retry_after":33}}"#)
        guard
            case .retry(.seconds(33)?, _, _) = await made.deliver(
                Samples.notification(), transport: flood)
        else {
            Issue.record("not as long as it was told")
            return
        }
    }

    @Test func incidentioKeepsTheFirstAlert() async throws {
        let made = integration(
            .incidentio(
                IncidentIOConfiguration(url: Secret(.inline("http://i")), token: Self.secret)))
        let big = String(repeating: "x", count: 300_000)
        let alerts = ["1", "2", "3"].map { Samples.alert([Label("n", $0), Label("big", big)]) }
        let inbox = Inbox(status: 200)
        _ = await made.deliver(Samples.notification(alerts: alerts), transport: inbox)
        #expect(inbox.body.utf8.count < 1_000_000)
        #expect(inbox.body.contains("\"truncatedAlerts\":2"))
        #expect(inbox.body.contains("\"version\":\"1\""))
    }

    @Test func snsCutsAndMarks() async throws {
        var sns = SNSConfiguration(topic: "arn:t")
        sns.identity.region = "cn-north-1"
        sns.identity.accessKey = "AKID"
        sns.identity.secretKey = Self.secret
        sns.message = String(repeating: "é", count: 200_000)
        let inbox = Inbox(status: 200)
        _ = await integration(.sns(sns)).deliver(Samples.notification(), transport: inbox)
        #expect(inbox.request?.url == "https://sns.cn-north-1.amazonaws.com.cn/")
        let fields = Exchange.fields(inbox.body)
        #expect(fields.first { $0.name == "Message" }?.value.utf8.count == 256 << 10)
        #expect(
            fields.contains {
                $0.name == "MessageAttributes.entry.1.Name" && $0.value == "truncated"
            })
        let busy = Inbox(status: 400, "<Error><Code>ThrottledException</Code></Error>")
        #expect(
            word(await integration(.sns(sns)).deliver(Samples.notification(), transport: busy))
                == "retry")
        let refused = Inbox(status: 400, "<Error><Code>InvalidParameter</Code></Error>")
        #expect(
            word(await integration(.sns(sns)).deliver(Samples.notification(), transport: refused))
                == "failed")
    }

    @Test func amazonsCredentialsAreFoundWhereItsToolsLook() async throws {
        func key(
            _ environment: [String: String], _ files: [String: String] = [:],
            _ change: (inout SNSConfiguration) -> Void = { _ in }, _ answers: [HTTPResponse] = []
        ) async -> String {
            var sns = SNSConfiguration(topic: "arn:t")
            change(&sns)
            let inbox = Inbox(answers + [Inbox.answer(200)])
            let outcome = await integration(.sns(sns), files: files, environment: environment)
                .deliver(Samples.notification(), transport: inbox)
            guard case .scheme(_, let credentials)? = inbox.request?.authorization else {
                return "\(outcome)"
            }
            return credentials.split(separator: ",")[0].replacing("Credential=", with: "")
                .description
        }
        let shared = """
            [default]
            aws_access_key_id = DEFAULT
            aws_secret_access_key = s
            # [other]
            [other]
            aws_access_key_id=OTHER
            aws_secret_access_key=s
            """
        let config = "[default]\nregion = r1\n[profile other]\nregion = r2\n"
        let files = ["/h/.aws/credentials": shared, "/h/.aws/config": config]
        #expect(
            await key([
                "AWS_REGION": "r0", "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s",
            ])
                == "ENV/20260105/r0/sns/aws4_request")
        #expect(await key(["HOME": "/h"], files) == "DEFAULT/20260105/r1/sns/aws4_request")
        #expect(
            await key(["HOME": "/h", "AWS_PROFILE": "other"], files)
                == "OTHER/20260105/r2/sns/aws4_request")
        #expect(
            await key(["HOME": "/h", "AWS_ACCESS_KEY_ID": "ENV"], files) {
                $0.identity.profile = "other"
            }
                == "OTHER/20260105/r2/sns/aws4_request")
        let role =
            #"{"AccessKeyId":"TEMP","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-05T11:00:00Z"}"#
        #expect(
            await key(
                ["AWS_REGION": "r", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"], [:], { _ in },
                [Inbox.answer(200, role)]) == "TEMP/20260105/r/sns/aws4_request")
        #expect(
            await key(
                ["AWS_REGION": "r"], [:], { _ in },
                [Inbox.answer(200, "token"), Inbox.answer(200, "role\n"), Inbox.answer(200, role)])
                == "TEMP/20260105/r/sns/aws4_request")
        #expect(
            await key(["AWS_REGION": "r", "AWS_EC2_METADATA_DISABLED": "true"])
                == "unmade(reason: \"no credentials for Amazon could be found\")")
        #expect(await key([:]).contains("region not configured"))
    }

    // MARK: What is remembered

    @Test func slackChangesItsMessage() async throws {
        var slack = SlackConfiguration(
            endpoint: .app(token: Self.secret, url: SlackConfiguration.defaultAppURL))
        slack.channel = "#ops"
        slack.updateMessage = true
        let made = integration(.slack(slack))
        let posted = Inbox(
            status: 200, #"{"ok":true,"channel":"C1","ts":"17.5"}"#, Self.json)
        let memory = ["channelId": "C1", "threadTs": "17.5"]
        #expect(
            await made.deliver(Samples.notification(), transport: posted)
                == .delivered(detail: "status 200", memory: memory))
        var again = Samples.notification()
        again.memory = memory
        let updated = Inbox(status: 200, #"{"ok":true,"channel":"C1","ts":"17.5"}"#, Self.json)
        _ = await made.deliver(again, transport: updated)
        #expect(updated.requests.map(\.url) == ["https://slack.com/api/chat.update"])
        #expect(updated.body.hasPrefix("{\"channel\":\"C1\",\"ts\":\"17.5\",\"username\""))
        // Somebody deleted it.
        let gone = Inbox([
            Inbox.answer(200, #"{"ok":false,"error":"message_not_found"}"#, Self.json),
            Inbox.answer(200, #"{"ok":true,"channel":"C1","ts":"18.0"}"#, Self.json),
        ])
        #expect(
            await made.deliver(again, transport: gone)
                == .delivered(
                    detail: "status 200", memory: ["channelId": "C1", "threadTs": "18.0"]))
        #expect(gone.request?.url == "https://slack.com/api/chat.postMessage")
        #expect(gone.body.hasPrefix("{\"channel\":\"#ops\",\"username\""))
    }

    @Test func jiraLeavesAloneWhatItShould() async throws {
        var jira = JiraConfiguration(url: "http://j/rest/api/2", project: "P", issueType: "T")
        jira.summary.isUpdated = false
        jira.description.isUpdated = false
        jira.updatesLabels = false
        let open = Inbox.answer(
            200, #"{"issues":[{"key":"P-1","fields":{"status":{"statusCategory":{"key":"new"}}}}]}"#
        )
        let inbox = Inbox([open, Inbox.answer(204)])
        _ = await integration(.jira(jira)).deliver(Samples.notification(), transport: inbox)
        #expect(inbox.requests.map(\.method) == ["POST", "PUT"])
        #expect(inbox.body == #"{"fields":{"project":{"key":"P"},"issuetype":{"name":"T"}}}"#)
        // No transition is configured, and none is made.
        let over = Inbox([open, Inbox.answer(204)])
        let resolved = Samples.notification(alerts: [Samples.alert(resolved: true)])
        #expect(
            await integration(.jira(jira)).deliver(resolved, transport: over)
                == .delivered(detail: "status 204"))
        #expect(over.requests.count == 2)
        jira.resolveTransition = "Done"
        let unknown = Inbox([open, Inbox.answer(204), Inbox.answer(200, #"{"transitions":[]}"#)])
        #expect(
            await integration(.jira(jira)).deliver(resolved, transport: unknown)
                == .failed(reason: "can't find transition Done for issue P-1"))
    }
}
