import Foundation
import Testing
import Transport

/// What a value of JSON must be.
indirect enum Schema: Sendable {
    case string(max: Int = .max)
    case oneOf([String])
    case int
    case bool
    case any
    case null
    case list(Schema, max: Int = .max)
    /// Keys of the user's own.
    case map(Schema)
    /// No other keys than these; those that end in `?` may be missing.
    case object([String: Schema])

    /// What is wrong with `value`, with the path of it.
    func problems(_ value: JSON, _ path: String) -> [String] {
        func no(_ what: String) -> [String] { ["\(path): \(what), not \(value)"] }
        switch (self, value) {
        case (.any, _), (.null, .null), (.bool, .bool), (.int, .int): return []
        case (.string(let max), .text(let text)):
            return text.unicodeScalars.count <= max ? [] : ["\(path): longer than \(max)"]
        case (.oneOf(let words), .text(let text)):
            return words.contains(text) ? [] : no("one of \(words)")
        case (.list(let schema, let max), .list(let list)):
            return (list.count <= max ? [] : ["\(path): more than \(max)"])
                + list.enumerated().flatMap { schema.problems($0.element, "\(path)[\($0.offset)]") }
        case (.map(let schema), .object(let map)):
            return map.flatMap { schema.problems($0.value, "\(path).\($0.key)") }
        case (.object(let keys), .object(let map)):
            var found: [String] = []
            for (key, value) in map {
                guard let schema = keys[key] ?? keys["\(key)?"] else {
                    found.append("\(path).\(key): unknown")
                    continue
                }
                found += schema.problems(value, "\(path).\(key)")
            }
            for key in keys.keys where !key.hasSuffix("?") && map[key] == nil {
                found.append("\(path).\(key): missing")
            }
            return found
        default: return no("\(self)".prefix { $0 != "(" }.description)
        }
    }
}

/// A value of JSON that knows its type.
indirect enum JSON: Decodable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = try? value.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? value.decode(Int64.self) {
            self = .int(number)
        } else if let number = try? value.decode(Double.self) {
            self = .double(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([JSON].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }
}

/// The schemas that the services document, as far as messages for them use them.
enum ServiceSchemas {
    private static let text = Schema.string()

    /// https://api.slack.com/methods/chat.postMessage, …/reference/messaging/attachments
    private static let slack = Schema.object([
        "channel?": text, "username?": text, "icon_emoji?": text, "icon_url?": text,
        "link_names?": .bool, "text?": .string(max: 40_000), "ts?": text,
        "attachments": .list(
            .object([
                "title?": text, "title_link?": text, "pretext?": text, "text": text,
                "fallback": text, "callback_id": text, "footer": .string(max: 300),
                "color?": text, "image_url?": text, "thumb_url?": text,
                "mrkdwn_in": .list(text),
                "fields?": .list(.object(["title": text, "value": text, "short": .bool])),
                "actions?": .list(
                    .object([
                        "type": text, "text": text, "url?": text, "style?": text, "name?": text,
                        "value?": text,
                        "confirm?": .object([
                            "text": text, "title?": text, "ok_text?": text, "dismiss_text?": text,
                        ]),
                    ]), max: 5),
            ]), max: 100),
    ])

    /// https://developer.pagerduty.com/docs/send-alert-event
    private static let pagerduty = Schema.object([
        "routing_key": text, "event_action": .oneOf(["trigger", "acknowledge", "resolve"]),
        "dedup_key": .string(max: 255), "client?": text, "client_url?": text,
        "payload": .object([
            "summary": .string(max: 1024), "source": text,
            "severity": .oneOf(["critical", "error", "warning", "info"]), "class?": text,
            "component?": text, "group?": text, "custom_details?": .map(.any),
        ]),
        "images?": .list(.object(["src": text, "href?": text, "alt?": text])),
        "links?": .list(.object(["href": text, "text?": text])),
    ])

    /// https://developer.pagerduty.com/docs/events-api-v1
    private static let pagerdutyV1 = Schema.object([
        "service_key": text, "event_type": .oneOf(["trigger", "acknowledge", "resolve"]),
        "incident_key": .string(max: 255), "description": .string(max: 1024), "client?": text,
        "client_url?": text, "details?": .map(.any),
    ])

    /// https://docs.opsgenie.com/docs/alert-api
    private static let opsgenie = Schema.object([
        "message": .string(max: 130), "alias": .string(max: 512),
        "description?": .string(max: 15_000), "note?": .string(max: 25_000),
        "source": .string(max: 100), "entity?": .string(max: 512),
        "priority?": .oneOf(["P1", "P2", "P3", "P4", "P5"]), "details": .map(text),
        "tags?": .list(.string(max: 50), max: 20), "actions?": .list(.string(max: 50), max: 10),
        "responders?": .list(
            .object([
                "id?": text, "name?": text, "username?": text,
                "type": .oneOf(["team", "user", "escalation", "schedule"]),
            ]), max: 50),
    ])

    /// https://help.victorops.com/knowledge-base/rest-endpoint-integration-guide
    private static let victorops = Schema.object([
        "message_type": .oneOf(["CRITICAL", "WARNING", "INFO", "ACKNOWLEDGEMENT", "RECOVERY"]),
        "entity_id": .string(max: 512), "entity_display_name": text,
        "state_message": .string(max: 20_480), "monitoring_tool": text, "datacenter?": text,
    ])

    /// https://core.telegram.org/bots/api#sendmessage
    private static let telegram = Schema.object([
        "chat_id": .int, "text": text, "parse_mode?": .oneOf(["HTML", "Markdown", "MarkdownV2"]),
        "message_thread_id?": .int, "disable_notification": .bool,
        "disable_web_page_preview": .bool,
    ])

    /// https://discord.com/developers/docs/resources/webhook#execute-webhook
    private static let discord = Schema.object([
        "content": .string(max: 2000), "username?": .string(max: 80), "avatar_url?": text,
        "embeds": .list(
            .object([
                "title": .string(max: 256), "description": .string(max: 4096), "color": .int,
            ]), max: 10),
    ])

    /// https://learn.microsoft.com/outlook/actionable-messages/message-card-reference
    private static let msteams = Schema.object([
        "@context": .oneOf(["http://schema.org/extensions"]), "type": .oneOf(["MessageCard"]),
        "title": text, "summary": text, "text": text, "themeColor": .string(max: 6),
    ])

    /// https://learn.microsoft.com/connectors/teams, https://adaptivecards.io/explorer
    private static let msteamsv2 = Schema.object([
        "type": .oneOf(["message"]),
        "attachments": .list(
            .object([
                "contentType": .oneOf(["application/vnd.microsoft.card.adaptive"]),
                "contentUrl": .null,
                "content": .object([
                    "$schema": text, "type": .oneOf(["AdaptiveCard"]), "version": text,
                    "msteams": .object(["width": .oneOf(["full"])]),
                    "body": .list(
                        .object([
                            "type": .oneOf(["TextBlock"]), "text": text,
                            "weight?": .oneOf(["Default", "Lighter", "Bolder"]),
                            "size?": .oneOf(["Small", "Default", "Medium", "Large", "ExtraLarge"]),
                            "wrap?": .bool, "style?": .oneOf(["default", "heading"]),
                            "color?": .oneOf([
                                "Default", "Dark", "Light", "Accent", "Good", "Warning",
                                "Attention",
                            ]),
                        ])),
                ]),
            ])),
    ])

    /// https://developer.webex.com/docs/api/v1/messages/create-a-message
    private static let webex = Schema.object(["roomId": text, "markdown": .string(max: 7439)])

    /// https://developer.work.weixin.qq.com/document/path/90236
    private static let wechat = Schema.object([
        "touser?": text, "toparty?": text, "totag?": text, "agentid": .int, "safe": .int,
        "msgtype": .oneOf(["text", "markdown"]), "text?": .object(["content": text]),
        "markdown?": .object(["content": text]),
    ])

    /// https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues
    private static let jira = Schema.object([
        "fields?": .any, "jql?": text, "maxResults?": .int,
        "transition?": .object(["id": text]),
    ])
    private static let jiraFields = Schema.object([
        "project": .object(["key": text]), "issuetype": .object(["name": text]),
        "summary": .string(max: 255), "description?": .any, "labels?": .list(.string(max: 255)),
        "priority?": .object(["name": text]), "customfield_10001?": .any,
        "customfield_10002?": .any,
    ])

    /// https://developer.rocket.chat/apidocs/post-message
    private static let rocketchat = Schema.object([
        "channel": text, "text?": text, "alias?": text, "emoji?": text, "avatar?": text,
        "attachments": .list(
            .object([
                "title?": text, "title_link?": text, "text?": text, "color?": text,
                "image_url?": text, "thumb_url?": text,
                "fields?": .list(.object(["short": .bool, "title": text, "value": text])),
                "actions?": .list(
                    .object([
                        "type": .oneOf(["button"]), "text?": text, "url?": text, "msg?": text,
                    ])),
            ])),
    ])

    /// https://developers.mattermost.com/integrate/webhooks/incoming
    private static let mattermost = Schema.object([
        "text?": .string(max: 16_383), "channel?": text, "username?": text, "icon_url?": text,
        "icon_emoji?": text, "type?": text, "props?": .object(["card": text]),
        "priority?": .object([
            "priority": .oneOf(["standard", "important", "urgent"]), "requested_ack?": .bool,
            "persistent_notifications?": .bool,
        ]),
        "attachments?": .list(
            .object([
                "fallback?": text, "color?": text, "pretext?": text, "text?": text,
                "author_name?": text, "author_link?": text, "author_icon?": text, "title?": text,
                "title_link?": text, "thumb_url?": text, "footer?": text, "footer_icon?": text,
                "image_url?": text,
                "fields?": .list(.object(["title": text, "value": text, "short?": .bool])),
            ])),
    ])

    /// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
    private static let webhook = Schema.object([
        "version": text, "groupKey": text, "truncatedAlerts": .int,
        "status": .oneOf(["firing", "resolved"]), "receiver": text, "groupLabels": .map(text),
        "commonLabels": .map(text), "commonAnnotations": .map(text), "externalURL": text,
        "notification_reason": text,
        "alerts": .list(
            .object([
                "status": .oneOf(["firing", "resolved"]), "labels": .map(text),
                "annotations": .map(text), "startsAt": text, "endsAt": text,
                "generatorURL": text, "fingerprint": .string(max: 16),
            ])),
    ])

    private static let schemas: [String: Schema] = [
        "slack": slack, "pagerduty": pagerduty, "pagerdutyv1": pagerdutyV1, "opsgenie": opsgenie,
        "victorops": victorops, "telegram": telegram, "discord": discord, "msteams": msteams,
        "msteamsv2": msteamsv2, "webex": webex, "wechat": wechat, "jira": jira,
        "rocketchat": rocketchat, "mattermost": mattermost, "webhook": webhook,
        "incidentio": webhook, "oauth2": webhook,
    ]

    /// Forms: https://pushover.net/api, https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    private static let forms: [String: Set<String>] = [
        "pushover": [
            "token", "user", "title", "html", "monospace", "message", "url", "url_title",
            "priority", "retry", "expire", "device", "sound", "ttl",
        ],
        "sns": [
            "Action", "Version", "TopicArn", "PhoneNumber", "TargetArn", "Subject", "Message",
            "MessageGroupId", "MessageDeduplicationId", "RoleArn", "RoleSessionName", "ExternalId",
        ],
        "oauth2": ["grant_type", "scope", "audience"],
    ]

    /// Records what in a request its service does not document. `name` is the golden file's.
    static func check(_ request: HTTPRequest, of name: String) throws {
        let service = String(name.prefix { $0 != "-" && $0 != "." })
        guard let body = request.body, !body.isEmpty else {
            #expect(request.method == "GET", "\(name)")
            return
        }
        if body.first != UInt8(ascii: "{") {
            let known = try #require(forms[service], "\(name)")
            for field in Exchange.fields(String(decoding: body, as: UTF8.self))
            where !field.name.hasPrefix("MessageAttributes.entry.") {
                #expect(known.contains(field.name), "\(name): \(field.name)")
            }
            return
        }
        if name.hasPrefix("webhook-payload") { return }
        let value = try JSONDecoder().decode(JSON.self, from: Data(body))
        let schema: Schema
        switch (service, request.method, request.url) {
        case ("opsgenie", "POST", let url) where url.contains("/close"):
            schema = .object(["source": text])
        case ("opsgenie", "PUT", _):
            schema = .object(["message?": .string(max: 130), "description?": .string(max: 15_000)])
        case ("jira", _, let url) where url.hasSuffix("/issue") || request.method == "PUT":
            schema = .object(["fields": jiraFields])
        default: schema = try #require(schemas[service], "\(name)")
        }
        #expect(schema.problems(value, name) == [])
    }
}
