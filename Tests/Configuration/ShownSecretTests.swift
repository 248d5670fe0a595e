import Configuration
import Model
import Testing

/// What others see of a configuration holds no secret. The keys are those that Prometheus's and
/// Alertmanager's documentation calls secret, and every place of a URL that can hold one.
struct ShownSecretTests {
    private static let client = """
        authorization: {credentials: HUSH}
        oauth2: {client_id: i, client_secret: HUSH, token_url: "https://HUSH:HUSH@h/?a=HUSH", endpoint_params: {p: HUSH}, tls_config: {cert: c, key: HUSH}, proxy_url: "http://u:HUSH@p", proxy_connect_header: {A: [HUSH]}}
        basic_auth: {username: u, password: HUSH}
        bearer_token: HUSH
        tls_config: {cert: c, key: HUSH}
        proxy_url: "http://u:HUSH@p/?t=HUSH"
        proxy_connect_header: {A: [HUSH, HUSH]}
        http_headers: {X-A: {values: [HUSH], secrets: [HUSH]}}
        """

    /// A section for each key of a client that carries a secret, since some exclude others.
    private static let clients = client.split(separator: "\n").map { line in
        line.hasPrefix("proxy_connect") ? "proxy_url: http://p, \(line)" : String(line)
    }

    private static let discoveries: [String: String] = [
        "aws": "role: ec2, access_key: HUSH, secret_key: HUSH",
        "azure": "subscription_id: s, tenant_id: t, client_id: c, client_secret: HUSH",
        "consul": "token: HUSH", "ec2": "access_key: HUSH, secret_key: HUSH",
        "ecs": "access_key: HUSH, secret_key: HUSH",
        "elasticache": "access_key: HUSH, secret_key: HUSH",
        "http": "url: \"http://u:HUSH@h/?token=HUSH&x=HUSH\"",
        "kubernetes": "role: pod, api_server: \"https://u:HUSH@h/?t=HUSH\"",
        "lightsail": "access_key: HUSH, secret_key: HUSH",
        "marathon": "servers: [\"http://u:HUSH@h\"], auth_token: HUSH",
        "msk": "access_key: HUSH, secret_key: HUSH",
        "nomad": "server: \"http://u:HUSH@h\"",
        "oci": "region: r, tenancy: t, user: u, fingerprint: f, key_file: k, key_passphrase: HUSH",
        "openstack":
            "role: instance, region: r, password: HUSH, application_credential_secret: HUSH",
        "outscale": "region: r, access_key: a, secret_key: HUSH",
        "ovhcloud":
            "endpoint: e, application_key: HUSH, application_secret: HUSH, consumer_key: HUSH, service: vps",
        "puppetdb": "url: \"http://u:HUSH@h/?a=HUSH\", query: q",
        "rds": "access_key: HUSH, secret_key: HUSH",
        "scaleway": "role: instance, project_id: p, access_key: HUSH, secret_key: HUSH",
        "stackit": "project: p, service_account_key: HUSH, private_key: HUSH",
        "uyuni": "server: \"http://u:HUSH@h\", username: u, password: HUSH",
    ]

    private static let remotes = [
        "url: \"http://u:HUSH@h/?t=HUSH\", headers: {X-T: HUSH}",
        "url: http://h, sigv4: {access_key: HUSH, secret_key: HUSH}",
        "url: http://h, azuread: {oauth: {client_id: 00000000-0000-0000-0000-000000000000, tenant_id: t, client_secret: HUSH}}",
        "url: http://h, azuread: {certificate: {client_id: 00000000-0000-0000-0000-000000000000, tenant_id: t, certificate_path: p, certificate_password: HUSH}}",
    ]

    @Test func ofAPrometheusConfiguration() {
        var jobs: [String] = Self.clients
        for (name, section) in Self.discoveries.sorted(by: { $0.key < $1.key }) {
            jobs.append("\(name)_sd_configs: [{\(section)}]")
        }
        jobs.append("consul_sd_configs: [{username: u, password: HUSH}]")
        var text = "scrape_configs:\n"
        for (index, job) in jobs.enumerated() { text += "- {job_name: j\(index), \(job)}\n" }
        text += "alerting:\n  alertmanagers:\n"
        for client in Self.clients { text += "  - {\(client)}\n" }
        text += "  - {sigv4: {access_key: HUSH, secret_key: HUSH}}\n"
        text += "remote_write:\n"
        for section in Self.remotes + Self.clients.map({ "url: http://h, \($0)" }) {
            text += "- {\(section)}\n"
        }
        text += "remote_read:\n- {\(Self.remotes[0])}\n"
        text += "tracing: {endpoint: e, headers: {A: HUSH}}\n"
        expectNone(of: text) { TocsinConfiguration.load(text: $0, path: "p") }
    }

    @Test(arguments: [
        "smtp_auth_password: HUSH, smtp_auth_secret: HUSH",
        "slack_api_url: \"https://u:HUSH@h/HUSH?HUSH=HUSH\"", "slack_app_token: HUSH",
        "opsgenie_api_key: HUSH", "victorops_api_key: HUSH", "wechat_api_secret: HUSH",
        "telegram_bot_token: HUSH", "rocketchat_token: HUSH, rocketchat_token_id: HUSH",
        "mattermost_webhook_url: \"https://h/HUSH\"", "jira_api_url: \"https://u:HUSH@h/?a=HUSH\"",
    ])
    func ofAlertmanagersGlobal(section: String) {
        let text = "global: {\(section)}\nroute: {receiver: r}\nreceivers: [{name: r}]\n"
        expectNone(of: text) { NotifierConfiguration.load(text: $0, path: "n") }
    }

    private static let receivers = [
        "webhook_configs: [{url: \"https://u:HUSH@h/HUSH?t=HUSH\"}]",
        "webhook_configs: [{url: \"https://h/{{ .HUSH }}\"}]",
        "discord_configs: [{webhook_url: \"https://h/HUSH\"}]",
        "email_configs: [{to: a, from: b, smarthost: 'c:25', auth_username: u, auth_password: HUSH, auth_secret: HUSH}]",
        "incidentio_configs: [{url: \"https://h/HUSH?a=HUSH\", alert_source_token: HUSH}]",
        "jira_configs: [{api_url: \"https://u:HUSH@h/\", project: p, issue_type: t}]",
        "mattermost_configs: [{webhook_url: \"https://h/HUSH\"}]",
        "msteams_configs: [{webhook_url: \"https://h/HUSH\"}]",
        "msteamsv2_configs: [{webhook_url: \"https://h/HUSH\"}]",
        "opsgenie_configs: [{api_key: HUSH}]",
        "pagerduty_configs: [{routing_key: HUSH}]", "pagerduty_configs: [{service_key: HUSH}]",
        "pushover_configs: [{user_key: HUSH, token: HUSH}]",
        "rocketchat_configs: [{token: HUSH, token_id: HUSH, channel: c}]",
        "slack_configs: [{api_url: \"https://h/HUSH\", channel: c}]",
        "slack_configs: [{app_token: HUSH, channel: c}]",
        "sns_configs: [{topic_arn: t, sigv4: {region: r, access_key: HUSH, secret_key: HUSH}}]",
        "telegram_configs: [{bot_token: HUSH, chat_id: 1}]",
        "victorops_configs: [{api_key: HUSH, routing_key: r}]",
        "webex_configs: [{room_id: r, http_config: {authorization: {credentials: HUSH}}}]",
        "wechat_configs: [{api_secret: HUSH, corp_id: c}]",
    ]

    @Test func ofReceivers() {
        var all = Self.receivers
        all += Self.clients.map { "webhook_configs: [{url: http://h, http_config: {\($0)}}]" }
        for receiver in all {
            let text = "route: {receiver: r}\nreceivers: [{name: r, \(receiver)}]\n"
            expectNone(of: text) { NotifierConfiguration.load(text: $0, path: "n") }
        }
    }

    /// Loads the text with a secret for each HUSH. It must load, and show none of them.
    private func expectNone<Value>(
        of template: String, _ load: ([UInt8]) -> LoadResult<Value>,
        location: SourceLocation = #_sourceLocation
    ) {
        var number = 0
        let text = template.split(separator: "HUSH", omittingEmptySubsequences: false)
            .reduce("") { text, part in
                defer { number += 1 }
                return text + (number > 0 ? "hush\(number)" : "") + part
            }
        let result = load(Array(text.utf8))
        for error in result.errors {
            Issue.record("\(error)", sourceLocation: location)
        }
        #expect(!result.shown.isEmpty, sourceLocation: location)
        for secret in 1..<max(2, number) where result.shown.contains("hush\(secret)") {
            let line = result.shown.split(separator: "\n").first { $0.contains("hush\(secret)") }
            Issue.record("shown: \(line ?? "")", sourceLocation: location)
        }
        for problem in result.problems {
            #expect(!"\(problem)".contains("hush"), sourceLocation: location)
        }
    }
}
