import Configuration
import Model
import Notify
import Synchronization
import Testing
import Transport

/// One configuration of each kind of receiver, for what has to hold for all of them.
///
/// A field is written as `@NAME@`, NAME as the receiver declares it, so that a test can put something
/// else in its place; a field that is missing here is one that the tests would forget, and they say so.
enum EveryReceiver {
    static let kinds = configurations.keys.sorted()

    private static let configurations: [String: String] = [
        "webhook": """
        {url: "http://x/hook", payload: {a: "@payload.a@", b: ["@payload.b[0]@"]}}
        """,
        "email": """
        {to: "@to@", from: "@from@", smarthost: "mail.example.org:25", html: "@html@",
         text: "@text@", headers: {Subject: "@headers.Subject@", Cc: "@headers.Cc@"}}
        """,
        "pagerduty": """
        {routing_key: k, client: "@client@", client_url: "@client_url@",
         description: "@description@", source: "@source@", severity: "@severity@",
         class: "@class@", component: "@component@", group: "@group@",
         details: {firing: "@details.firing@", num_firing: "@details.num_firing@",
         num_resolved: "@details.num_resolved@", resolved: "@details.resolved@"},
         images: [{src: "@images[0].src@", alt: "@images[0].alt@", href: "@images[0].href@"}],
         links: [{href: "@links[0].href@", text: "@links[0].text@"}]}
        """,
        "opsgenie": """
        {api_key: k, message: "@message@", description: "@description@", source: "@source@",
         entity: "@entity@", actions: "@actions@", tags: "@tags@", note: "@note@",
         priority: "@priority@", details: {d: "@details.d@"},
         responders: [{id: "@responders[0].id@", name: "@responders[0].name@",
         username: "@responders[0].username@", type: "@responders[0].type@"}]}
        """,
        "wechat": """
        {api_secret: s, corp_id: "@corp_id@", message: "@message@", to_user: "@to_user@",
         to_party: "@to_party@", to_tag: "@to_tag@", agent_id: "@agent_id@"}
        """,
        "slack": """
        {api_url: "http://x/slack", channel: "@channel@", username: "@username@",
         color: "@color@", title: "@title@", title_link: "@title_link@", pretext: "@pretext@",
         text: "@text@", message_text: "@message_text@", footer: "@footer@",
         fallback: "@fallback@", callback_id: "@callback_id@", icon_emoji: "@icon_emoji@",
         icon_url: "@icon_url@", image_url: "@image_url@", thumb_url: "@thumb_url@",
         fields: [{title: "@fields[0].title@", value: "@fields[0].value@"}],
         actions: [{type: "@actions[0].type@", text: "@actions[0].text@",
         url: "@actions[0].url@", style: "@actions[0].style@"},
         {type: "@actions[1].type@", text: "@actions[1].text@", style: "@actions[1].style@",
         name: "@actions[1].name@", value: "@actions[1].value@",
         confirm: {text: "@actions[1].confirm.text@", title: "@actions[1].confirm.title@",
         ok_text: "@actions[1].confirm.ok_text@",
         dismiss_text: "@actions[1].confirm.dismiss_text@"}}]}
        """,
        "victorops": """
        {api_key: k, routing_key: "@routing_key@", message_type: "@message_type@",
         state_message: "@state_message@", entity_display_name: "@entity_display_name@",
         monitoring_tool: "@monitoring_tool@", custom_fields: {c: "@custom_fields.c@"}}
        """,
        "pushover": """
        {user_key: u, token: t, title: "@title@", message: "@message@", url: "@url@",
         url_title: "@url_title@", device: "@device@", sound: "@sound@",
         priority: "@priority@"}
        """,
        "sns": """
        {api_url: "@api_url@", sigv4: {region: r, access_key: a, secret_key: s},
         topic_arn: "@topic_arn@", phone_number: "@phone_number@", target_arn: "@target_arn@",
         subject: "@subject@", message: "@message@",
         attributes: {a: "@attributes.a@"}}
        """,
        "telegram": """
        {bot_token: "1:a", chat_id: 5, message: "@message@"}
        """,
        "discord": """
        {webhook_url: "http://x/discord", content: "@content@", title: "@title@",
         message: "@message@", username: "@username@", avatar_url: "@avatar_url@"}
        """,
        "webex": """
        {room_id: "@room_id@", message: "@message@",
         http_config: {authorization: {credentials: c}}}
        """,
        "msteams": """
        {webhook_url: "http://x/teams", title: "@title@", summary: "@summary@", text: "@text@"}
        """,
        "msteamsv2": """
        {webhook_url: "http://x/teams2", title: "@title@", text: "@text@"}
        """,
        "jira": """
        {api_url: "http://x/rest/api/2", project: "@project@", issue_type: "@issue_type@",
         summary: "@summary@", description: "@description@", priority: "@priority@",
         labels: ["@labels[0]@"], fields: {f: "@fields.f@"}}
        """,
        "rocketchat": """
        {api_url: "http://x/rocket", token: t, token_id: i, channel: "@channel@",
         color: "@color@", title: "@title@", title_link: "@title_link@", text: "@text@",
         emoji: "@emoji@", icon_url: "@icon_url@", image_url: "@image_url@",
         thumb_url: "@thumb_url@",
         fields: [{title: "@fields[0].title@", value: "@fields[0].value@"}],
         actions: [{text: "@actions[0].text@", url: "@actions[0].url@",
         msg: "@actions[0].msg@"}]}
        """,
        "mattermost": """
        {webhook_url: "http://x/mattermost", channel: "@channel@", username: "@username@",
         text: "@text@", icon_url: "@icon_url@", icon_emoji: "@icon_emoji@", type: "@type@",
         fallback: "@fallback@", color: "@color@", pretext: "@pretext@",
         author_name: "@author_name@", author_link: "@author_link@",
         author_icon: "@author_icon@", title: "@title@", title_link: "@title_link@",
         thumb_url: "@thumb_url@", footer: "@footer@", footer_icon: "@footer_icon@",
         image_url: "@image_url@", props: {card: "@props.card@"},
         priority: {priority: "@priority.priority@"},
         fields: [{title: "@fields[0].title@", value: "@fields[0].value@"}]}
        """,
        "incidentio": """
        {url: "http://x/incident", alert_source_token: t}
        """,
    ]

    /// What stands in a field in which it matters.
    private static let ordinary: [String: [String: String]] = [
        "email": [
            "to": "ops@example.org", "from": "bot@example.org", "headers.Cc": "c@example.org",
        ],
        "opsgenie": ["responders[0].type": "team"],
        "sns": ["api_url": "http://x/sns"],
    ]

    /// The receiver with `texts` in the fields with these names, and something ordinary in the others.
    static func configuration(
        _ kind: String, _ texts: [String: String] = [:]
    ) throws -> IntegrationConfiguration {
        var text = try #require(configurations[kind])
        let values = (ordinary[kind] ?? [:]).merging(texts) { $1 }
        // The longest first: one name may stand within another.
        for (name, value) in values.sorted(by: { $0.key.utf8.count > $1.key.utf8.count }) {
            text = text.replacing("@\(name)@", with: value)
        }
        text = text.replacing(#/@[^@"]+@/#, with: "ok")
        return try load(kind, text.replacing("\n", with: " "))
    }

    /// The receiver with nothing said that need not be, but for `texts`.
    static func plainConfiguration(
        _ kind: String, _ texts: [String: String] = [:]
    ) throws -> IntegrationConfiguration {
        let kept: [String: [String]] = [
            "webhook": ["url"], "email": ["to", "from", "smarthost"], "pagerduty": ["routing_key"],
            "opsgenie": ["api_key"], "wechat": ["api_secret", "corp_id"],
            "slack": ["api_url", "channel"],
            "victorops": ["api_key", "routing_key"], "pushover": ["user_key", "token"],
            "sns": ["api_url", "sigv4", "topic_arn"], "telegram": ["bot_token", "chat_id"],
            "discord": ["webhook_url"], "webex": ["room_id", "http_config"],
            "msteams": ["webhook_url"], "msteamsv2": ["webhook_url"],
            "jira": ["api_url", "project", "issue_type"],
            "rocketchat": ["api_url", "token", "token_id"],
            "mattermost": ["webhook_url"], "incidentio": ["url", "alert_source_token"],
        ]
        let values: [String: String] = [
            "url": "http://x/hook", "webhook_url": "http://x/hook",
            "api_url": "http://x/rest/api/2",
            "to": "ops@example.org", "from": "bot@example.org", "smarthost": "mail.example.org:25",
            "http_config": "{authorization: {credentials: c}}", "chat_id": "5",
            "sigv4": "{region: r, access_key: a, secret_key: s}",
        ]
        let keys = try #require(kept[kind]).map { "\($0): \(values[$0] ?? "k")" }
        let more = texts.map { "\"\($0.key)\": '\($0.value)'" }
        return try load(kind, "{\((keys + more).joined(separator: ", "))}")
    }

    private static func load(_ kind: String, _ entry: String) throws -> IntegrationConfiguration {
        let text = """
            route: {receiver: r}
            receivers: [{name: r, \(kind)_configs: [\(entry)]}]
            """
        let loaded = try NotifierConfiguration.load(
            text: Array(text.utf8), path: "/c/notifiers.yml"
        ).get()
        return try #require(loaded.receivers.first?.integrations.first)
    }

    /// An answer that says that all is well, whoever is asked.
    static let accepted = HTTPResponse(
        status: 200, headers: [],
        body: Array(
            #"""
            {"ok":true,"success":true,"issues":[],"errcode":0,"access_token":"T","expires_in":7200}
            """#.utf8))

    static func inbox(_ kind: String) -> Inbox {
        Inbox([kind == "slack" ? Inbox.answer(200, "ok") : accepted])
    }

    /// An alert as Kubernetes brings them, about 900 bytes.
    static func alert(_ number: Int) -> Alert {
        Alert(
            labels: Labels([
                "alertname": "PodCrashLooping", "cluster": "prod-1", "container": "app",
                "endpoint": "http", "job": "kube-state-metrics", "namespace": "team-\(number % 20)",
                "pod": "app-7f8d9c6b5-\(number)", "prometheus": "monitoring/main",
                "reason": "CrashLoopBackOff", "service": "kube-state-metrics",
                "severity": "warning", "uid": "0c1f2b3a-4d5e-6f70-8192-\(100_000_000_000 + number)",
            ]),
            annotations: Annotations([
                "summary": "A pod keeps restarting.",
                "description": "Pod team-\(number % 20)/app-7f8d9c6b5-\(number) (app) waits.",
                "runbook_url": "https://runbooks.example.org/kubernetes/pod-crash-looping",
            ]),
            startsAt: Samples.start,
            generatorURL:
                "http://prometheus.example.org/graph?g0.expr=max_over_time%28kube_pod_container_status_waiting_reason%7Breason%3D%22CrashLoopBackOff%22%7D%5B5m%5D%29+%3E%3D+1&g0.tab=1",
            updatedAt: Samples.start)
    }

    static func group(_ count: Int) -> NotificationData {
        Samples.notification(
            groupLabels: Labels(["alertname": "PodCrashLooping"]),
            alerts: (0..<count).map { alert($0) })
    }
}
