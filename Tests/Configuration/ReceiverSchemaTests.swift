import Configuration
import Model
import Testing

/// Every receiver's schema: what is refused and in which words, what it falls back to.
struct ReceiverSchemaTests {
    private func load(
        _ kind: String, _ entry: String, global: String = "{}"
    ) -> LoadResult<NotifierConfiguration> {
        NotifierConfiguration.load(
            text: Array(
                """
                global: \(global)
                route: {receiver: r}
                receivers: [{name: r, \(kind)_configs: [{\(entry)}]}]
                """.utf8), path: "/c/n.yml")
    }

    private static let client = "http_config: {authorization: {credentials: x}}"

    @Test(arguments: [
        ("opsgenie", "", "no global OpsGenie API Key set either inline or in a file"),
        (
            "opsgenie", "api_key: k, api_key_file: f",
            "at most one of api_key & api_key_file must be configured"
        ),
        (
            "opsgenie", "api_key: k, responders: [{type: team}]",
            "opsGenieConfig responder {   team} has to have at least one of id, username or name specified"
        ),
        (
            "opsgenie", "api_key: k, responders: [{name: a, type: wrong}]",
            "opsGenieConfig responder { a  wrong} type does not match valid options ^(team|teams|user|escalation|schedule)$"
        ),
        ("opsgenie", "api_key: k, responders: [{name: a, type: Team}]", ""),
        ("opsgenie", "api_key: k, responders: [{name: a, type: '{{ .x }}'}]", ""),
        ("opsgenie", "api_key: k, teams: a", "field teams not found"),
        ("opsgenie", "api_key: k, api_url: 'ftp://x'", "unsupported scheme \"ftp\" for URL"),
        ("victorops", "api_key: k", "missing Routing key in VictorOps config"),
        ("victorops", "routing_key: k", "no global VictorOps API Key set"),
        (
            "victorops", "api_key: k, routing_key: r, custom_fields: {entity_state: x}",
            "victorOps config contains custom field entity_state which cannot be used as it conflicts with the fixed/static fields"
        ),
        ("pushover", "token: t", "one of user_key or user_key_file must be configured"),
        ("pushover", "user_key: t", "one of token or token_file must be configured"),
        (
            "pushover", "user_key: t, token: t, html: true, monospace: true",
            "at most one of monospace & html must be configured"
        ),
        (
            "pushover", "user_key: t, token: t, retry: 1x",
            "time: invalid duration \"1x\""
        ),
        ("telegram", "chat_id: 1", "missing bot_token or bot_token_file on telegram_config"),
        ("telegram", "bot_token: t", "missing chat_id or chat_id_file on telegram_config"),
        (
            "telegram", "bot_token: t, chat_id: 0",
            "missing chat_id or chat_id_file on telegram_config"
        ),
        ("telegram", "bot_token: t, chat_id: me", "expected a whole number, found \"me\""),
        ("telegram", "bot_token: t, chat_id_file: f", ""),
        (
            "telegram", "bot_token: t, chat_id: -1, parse_mode: html",
            "unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string"
        ),
        ("telegram", "bot_token: t, chat_id: -1, parse_mode: ''", ""),
        ("discord", "", "one of webhook_url or webhook_url_file must be configured"),
        (
            "discord", "webhook_url: 'http://x', webhook_url_file: f",
            "at most one of webhook_url & webhook_url_file must be configured"
        ),
        ("msteams", "", "one of webhook_url or webhook_url_file must be configured"),
        ("msteamsv2", "", "one of webhook_url or webhook_url_file must be configured"),
        ("msteamsv2", "webhook_url: 'http://x', summary: s", "field summary not found"),
        ("webex", Self.client, "missing room_id on webex_config"),
        ("webex", "room_id: r", "missing webex_configs.http_config.authorization"),
        ("wechat", "corp_id: c", "no global Wechat Api Secret set either inline or in a file"),
        ("wechat", "api_secret: s", "no global Wechat CorpID set"),
        (
            "wechat", "api_secret: s, corp_id: c, message_type: html",
            "weChat message type \"html\" does not match valid options ^(text|markdown)$"
        ),
        ("sns", "", "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config"),
        (
            "sns", "topic_arn: a, phone_number: b",
            "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config"
        ),
        (
            "sns", "topic_arn: a, sigv4: {access_key: k}",
            "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config"
        ),
        ("jira", "project: p, issue_type: t", "no global Jira Cloud URL set"),
        ("jira", "api_url: 'http://j', issue_type: t", "missing project in jira_config"),
        ("jira", "api_url: 'http://j', project: p", "missing issue_type in jira_config"),
        (
            "jira", "api_url: 'http://j', project: p, issue_type: t, api_type: server",
            "unknown api_type on jira_config, must be auto, cloud or datacenter"
        ),
        (
            "rocketchat", "token_id: i",
            "no global Rocketchat Token set either inline or in a file"
        ),
        (
            "rocketchat", "token: i",
            "no global Rocketchat TokenID set either inline or in a file"
        ),
        ("mattermost", "", "missing webhook_url or webhook_url_file on mattermost_config"),
        (
            "mattermost", "webhook_url: 'http://m', fields: [{title: t}]",
            "missing value in Mattermost field configuration"
        ),
        ("incidentio", "alert_source_token: t", "one of url or url_file must be configured"),
        (
            "incidentio", "url: 'http://i', alert_source_token: t, \(Self.client)",
            "cannot specify alert_source_token or alert_source_token_file when using http_config.authorization"
        ),
        (
            "incidentio", "url: 'http://i', http_config: {}",
            "at least one of alert_source_token, alert_source_token_file or http_config.authorization must be configured"
        ),
        (
            "slack", "app_token: t, \(Self.client)",
            "http authorization can't be set when using Slack App tokens"
        ),
    ])
    func whatIsRefused(_ kind: String, _ entry: String, _ message: String) {
        let messages = load(kind, entry).errors.map(\.message)
        #expect(messages == (message.isEmpty ? [] : [message]))
    }

    private static let global = """
        {opsgenie_api_url: 'http://o', opsgenie_api_key_file: ok, victorops_api_url: 'http://v',
        victorops_api_key: vk, wechat_api_url: 'http://w', wechat_api_secret: ws,
        wechat_api_corp_id: wc, telegram_api_url: 'http://t', telegram_bot_token: tt,
        webex_api_url: 'http://x', jira_api_url: 'http://j', rocketchat_api_url: 'http://r',
        rocketchat_token: rt, rocketchat_token_id_file: ri, mattermost_webhook_url: 'http://m',
        http_config: {follow_redirects: false}}
        """

    private func settings(_ kind: String, _ entry: String) throws -> IntegrationConfiguration {
        let configuration = try load(kind, entry, global: Self.global).get()
        return try #require(configuration.receivers.first?.integrations.first)
    }

    @Test func everyReceiverFallsBackToGlobal() throws {
        var client = HTTPClientConfiguration()
        client.followRedirects = false
        var opsgenie = OpsGenieConfiguration(key: Secret(.file(path: "/c/ok")))
        (opsgenie.url, opsgenie.client) = ("http://o/", client)
        #expect(try settings("opsgenie", "").kind == .opsgenie(opsgenie))
        var victorops = VictorOpsConfiguration(key: Secret(.inline("vk")), routingKey: "k")
        (victorops.url, victorops.client) = ("http://v/", client)
        #expect(try settings("victorops", "routing_key: k").kind == .victorops(victorops))
        var wechat = WeChatConfiguration(secret: Secret(.inline("ws")), corporation: "wc")
        (wechat.url, wechat.client) = ("http://w/", client)
        #expect(try settings("wechat", "").kind == .wechat(wechat))
        #expect(try settings("wechat", "").sendResolved == false)
        var telegram = TelegramConfiguration(
            token: Secret(.inline("tt")), chat: Secret(.inline("-5")))
        (telegram.url, telegram.client) = ("http://t", client)
        #expect(try settings("telegram", "chat_id: -5").kind == .telegram(telegram))
        guard case .webex(let webex) = try settings("webex", "room_id: r, \(Self.client)").kind,
            case .jira(let jira) = try settings("jira", "project: p, issue_type: t").kind
        else {
            Issue.record("other kinds")
            return
        }
        #expect([webex.url, jira.url] == ["http://x", "http://j"])
        var rocketchat = RocketChatConfiguration(
            token: Secret(.inline("rt")), tokenID: Secret(.file(path: "/c/ri")))
        (rocketchat.url, rocketchat.client) = ("http://r", client)
        #expect(try settings("rocketchat", "").kind == .rocketchat(rocketchat))
        #expect(try settings("rocketchat", "").sendResolved == false)
        var mattermost = MattermostConfiguration(url: Secret(.inline("http://m")))
        mattermost.client = client
        #expect(try settings("mattermost", "").kind == .mattermost(mattermost))
        #expect(try settings("mattermost", "").sendResolved)
    }

    @Test func jiraFieldsHaveTwoShapes() throws {
        let base = "api_url: 'http://j', project: p, issue_type: t"
        guard
            case .jira(let plain) = try settings(
                "jira",
                "\(base), summary: s, labels: [a], reopen_duration: 1d, fields: {x: {y: [1]}}"
            )
            .kind,
            case .jira(let whole) = try settings(
                "jira",
                """
                \(base), description: {enable_update: false}, summary: {template: s, enable_update: false},
                labels: {values: [a], enable_update: false}, api_type: cloud
                """
            ).kind
        else {
            Issue.record("other kinds")
            return
        }
        #expect(plain.summary == .init("s"))
        #expect(plain.labels == ["a"])
        #expect(plain.reopenDuration == .minutes(1440))
        #expect(plain.fields == [.init("x", .map([.init("y", .list([.int(1)]))]))])
        #expect(whole.summary == .init("s", isUpdated: false))
        #expect(
            whole.description
                == .init("{{ template \"jira.default.description\" . }}", isUpdated: false))
        #expect(whole.labels == ["a"])
        #expect(!whole.updatesLabels)
        #expect(whole.product == .cloud)
    }

    @Test func oauth2IsRead() throws {
        let result = load(
            "webhook",
            """
            url: 'http://w', http_config: {oauth2: {client_id: i, client_secret_file: s,
            token_url: 'http://t', scopes: [a], endpoint_params: {b: c}, proxy_url: 'http://p',
            tls_config: {min_version: TLS13}}}
            """)
        guard
            case .webhook(let webhook)? = try result.get().receivers.first?.integrations.first?.kind
        else {
            Issue.record("another kind")
            return
        }
        var oauth2 = OAuth2(
            clientID: "i", clientSecret: Secret(.file(path: "/c/s")), tokenURL: "http://t")
        oauth2.scopes = ["a"]
        oauth2.parameters = [NamedText("b", "c")]
        oauth2.proxyURL = Secret(.inline("http://p"))
        oauth2.tls.minimumVersion = .tls13
        #expect(webhook.client.oauth2 == oauth2)
        #expect(result.problems.isEmpty)
        let signing = load(
            "webhook",
            "url: 'http://w', http_config: {oauth2: {client_id: i, token_url: 't', client_certificate_key: k}}"
        )
        #expect(
            signing.problems.map(\.message) == [
                "it is used only with grant_type: urn:ietf:params:oauth:grant-type:jwt-bearer"
            ])
    }

    @Test func signedAssertionsAreRead() throws {
        let result = load(
            "webhook",
            """
            url: 'http://w', http_config: {oauth2: {client_id: i, token_url: 'http://t',
            grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
            client_certificate_key_file: k, client_certificate_key_id: one,
            signature_algorithm: RS384, iss: me, audience: them, claims: {a: 1, b: {c: [d]}}}}
            """)
        guard
            case .webhook(let webhook)? = try result.get().receivers.first?.integrations.first?.kind
        else {
            Issue.record("another kind")
            return
        }
        var assertion = SignedAssertion(key: Secret(.file(path: "/c/k")))
        (assertion.keyID, assertion.issuer, assertion.audience) = ("one", "me", "them")
        assertion.algorithm = .rs384
        assertion.claims = [
            .init("a", .int(1)), .init("b", .map([.init("c", .list([.text("d")]))])),
        ]
        #expect(webhook.client.oauth2?.assertion == assertion)
        #expect(webhook.client.secrets == [assertion.key])
        #expect(result.problems.isEmpty)
        let grant = "grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', token_url: t"
        for (keys, problem) in [
            ("client_certificate_key: k", "oauth2 client_id must be configured"),
            (
                "client_id: i, client_certificate_key: k, client_certificate_key_file: f",
                "at most one of oauth2 client_certificate_key, client_certificate_key_file & client_certificate_key_ref must be configured using grant-type=urn:ietf:params:oauth:grant-type:jwt-bearer"
            ),
            (
                "client_id: i, client_certificate_key: k, signature_algorithm: HS256",
                "valid signature algorithms are RS256, RS384 and RS512"
            ),
            (
                "client_id: i",
                "without client_certificate_key or client_certificate_key_file no assertion can be signed"
            ),
        ] {
            let result = load(
                "webhook", "url: 'http://w', http_config: {oauth2: {\(grant), \(keys)}}")
            #expect(result.problems.map(\.message) == [problem])
        }
    }

    /// Secrets that are needed, by kind: `tocsin check` looks for their files.
    @Test func everySecretFileIsNamed() throws {
        let entries = [
            ("opsgenie", "api_key_file: f"), ("victorops", "api_key_file: f, routing_key: r"),
            ("pushover", "user_key_file: f, token_file: g"),
            ("telegram", "bot_token_file: f, chat_id_file: g"), ("discord", "webhook_url_file: f"),
            ("msteams", "webhook_url_file: f"), ("msteamsv2", "webhook_url_file: f"),
            ("webex", "room_id: r, http_config: {authorization: {credentials_file: f}}"),
            ("wechat", "api_secret_file: f, corp_id: c"),
            ("rocketchat", "token_file: f, token_id_file: g"),
            ("mattermost", "webhook_url_file: f"),
            ("incidentio", "url_file: f, alert_source_token_file: g"),
            (
                "jira",
                "api_url: 'http://j', project: p, issue_type: t, http_config: {basic_auth: {username: u, password_file: f}}"
            ),
            ("sns", "topic_arn: t, http_config: {tls_config: {ca_file: f}}"),
            ("slack", "app_token_file: f"), ("pagerduty", "service_key_file: f"),
            ("webhook", "url_file: f, http_config: {http_headers: {a: {files: [g]}}}"),
            (
                "email",
                "to: a@b, from: c@d, smarthost: 'h:1', auth_username: u, auth_password_file: f"
            ),
        ]
        #expect(entries.count == 18)
        for (kind, entry) in entries {
            let made = try load(kind, entry).get().receivers[0].integrations[0]
            #expect(made.kind.name == kind)
            let files = ["f", "g"].filter { entry.contains(": \($0)") || entry.contains("[\($0)]") }
            #expect(made.secretFiles.sorted() == files.map { "/c/\($0)" }, "\(kind)")
        }
    }
}
