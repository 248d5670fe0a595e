import Model

/// Alertmanager's receivers that Tocsin does not deliver to yet: checked, and named in a warning.
enum OtherReceivers {
    /// In the order in which Alertmanager builds them.
    static let beforeSlack = ["opsgenie", "wechat"]
    /// See `beforeSlack`.
    static let afterSlack = [
        "victorops", "pushover", "sns", "telegram", "discord", "webex", "msteams", "msteamsv2",
        "jira", "rocketchat", "mattermost", "incidentio",
    ]

    /// The keys of each; those of secrets come with their `_file`.
    private static let schemas: [String: (secrets: [String], keys: [String: Shape])] = [
        "opsgenie": (
            ["api_key"],
            [
                "api_url": .string, "message": .string, "description": .string, "source": .string,
                "details": .map(.string), "entity": .string, "tags": .string, "note": .string,
                "priority": .string, "update_alerts": .bool, "actions": .string,
                "responders": .list(
                    .object([
                        "id": .string, "name": .string, "username": .string, "type": .string,
                    ])),
            ]
        ),
        "wechat": (
            ["api_secret"],
            [
                "corp_id": .string, "message": .string, "api_url": .string, "to_user": .string,
                "to_party": .string, "to_tag": .string, "agent_id": .string,
                "message_type": .word(["text", "markdown"], "weChat message type"),
            ]
        ),
        "victorops": (
            ["api_key"],
            [
                "api_url": .string, "routing_key": .string, "message_type": .string,
                "state_message": .string, "entity_display_name": .string,
                "monitoring_tool": .string, "custom_fields": .map(.string),
            ]
        ),
        "pushover": (
            ["user_key", "token"],
            [
                "title": .string, "message": .string, "url": .string, "url_title": .string,
                "device": .string, "sound": .string, "priority": .string, "retry": .string,
                "expire": .string, "ttl": .string, "html": .bool, "monospace": .bool,
            ]
        ),
        "sns": (
            [],
            [
                "api_url": .string,
                "sigv4": .object([
                    "region": .string, "access_key": .secret, "secret_key": .secret,
                    "profile": .string, "role_arn": .string, "external_id": .string,
                    "use_fips_sts_endpoint": .bool,
                ]),
                "topic_arn": .string, "phone_number": .string, "target_arn": .string,
                "subject": .string, "message": .string, "attributes": .map(.string),
                "use_aws_http_client": .bool,
            ]
        ),
        "telegram": (
            ["bot_token", "chat_id"],
            [
                "api_url": .string, "message_thread_id": .int, "message": .string,
                "disable_notifications": .bool, "parse_mode": .string,
            ]
        ),
        "discord": (
            ["webhook_url"],
            [
                "title": .string, "message": .string, "content": .string, "username": .string,
                "avatar_url": .string,
            ]
        ),
        "webex": ([], ["api_url": .string, "message": .string, "room_id": .string]),
        "msteams": (
            ["webhook_url"], ["title": .string, "summary": .string, "text": .string]
        ),
        "msteamsv2": (["webhook_url"], ["title": .string, "text": .string]),
        "jira": (
            [],
            [
                "api_url": .string, "api_type": .string, "project": .string, "summary": .any,
                "description": .any, "labels": .strings, "priority": .string,
                "issue_type": .string, "reopen_transition": .string,
                "resolve_transition": .string, "wont_fix_resolution": .string,
                "reopen_duration": .duration, "fields": .any, "custom_fields": .any,
            ]
        ),
        "rocketchat": (
            ["token", "token_id"],
            [
                "api_url": .string, "channel": .string, "color": .string, "title": .string,
                "title_link": .string, "text": .string, "fields": .list(.any),
                "short_fields": .bool, "emoji": .string, "icon_url": .string,
                "image_url": .string, "thumb_url": .string, "link_names": .bool,
                "actions": .list(.any),
            ]
        ),
        "mattermost": (
            ["webhook_url"],
            [
                "channel": .string, "username": .string, "text": .string, "fallback": .string,
                "color": .string, "pretext": .string, "author_name": .string,
                "author_link": .string, "author_icon": .string, "title": .string,
                "title_link": .string, "fields": .list(.any), "thumb_url": .string,
                "footer": .string, "footer_icon": .string, "image_url": .string,
                "icon_url": .string, "icon_emoji": .string, "attachments": .list(.any),
                "type": .string, "props": .any, "priority": .any,
            ]
        ),
        "incidentio": (
            ["url", "alert_source_token"],
            ["max_alerts": .int, "timeout": .any]
        ),
    ]

    static func check(_ kind: String, _ keys: KeyedElement, _ global: NotifierGlobal) {
        guard let schema = schemas[kind] else { return }
        _ = keys["send_resolved"]
        _ = keys.object("http_config", HTTPClientReader.read)
        Shape.check(keys, schema.keys)
        let written = Set(schema.secrets.filter { keys.secret($0) != nil })
        for message in complaints(kind, keys, written, global) { keys.error(message) }
    }

    /// What is missing, in Alertmanager's words.
    private static func complaints(
        _ kind: String, _ keys: KeyedElement, _ written: Set<String>, _ global: NotifierGlobal
    ) -> [String] {
        func missing(_ key: String, orGlobal fallback: String, _ message: String) -> [String] {
            written.contains(key) || global.written.contains(fallback) ? [] : [message]
        }
        switch kind {
        case "opsgenie":
            return missing(
                "api_key", orGlobal: "opsgenie_api_key",
                "no global OpsGenie API Key set either inline or in a file")
        case "wechat":
            let corporation =
                keys.has("corp_id") || global.written.contains("wechat_api_corp_id")
                ? [] : ["no global Wechat CorpID set"]
            return corporation
                + missing(
                    "api_secret", orGlobal: "wechat_api_secret",
                    "no global Wechat Api Secret set either inline or in a file")
        case "victorops":
            return missing(
                "api_key", orGlobal: "victorops_api_key", "no global VictorOps API Key set")
                + (keys.has("routing_key") ? [] : ["missing Routing key in VictorOps config"])
        case "pushover":
            return ["user_key", "token"].filter { !written.contains($0) }.map {
                "one of \($0) or \($0)_file must be configured"
            }
        case "sns":
            let ways = ["target_arn", "topic_arn", "phone_number"].filter(keys.has)
            return ways.count == 1
                ? []
                : ["must provide either a Target ARN, Topic ARN, or Phone Number for SNS config"]
        case "telegram":
            return missing(
                "bot_token", orGlobal: "telegram_bot_token",
                "missing bot_token or bot_token_file on telegram_config")
                + (written.contains("chat_id") ? [] : ["missing chat_id on telegram_config"])
        case "discord", "msteams", "msteamsv2":
            return written.contains("webhook_url")
                ? [] : ["no \(kind) webhook URL or URLFile provided"]
        case "webex": return keys.has("room_id") ? [] : ["missing room_id on webex_config"]
        case "jira":
            return ["project", "issue_type"].filter { !keys.has($0) }.map {
                "missing \($0) in jira_config"
            }
        case "rocketchat":
            return missing(
                "token", orGlobal: "rocketchat_token",
                "no global Rocketchat Token set either inline or in a file")
                + missing(
                    "token_id", orGlobal: "rocketchat_token_id",
                    "no global Rocketchat TokenID set either inline or in a file")
        case "mattermost":
            return missing(
                "webhook_url", orGlobal: "mattermost_webhook_url",
                "missing webhook_url or webhook_url_file on mattermost_config")
        case "incidentio":
            return written.contains("url") ? [] : ["one of url or url_file must be configured"]
        default: return []
        }
    }
}
