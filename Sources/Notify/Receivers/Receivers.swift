import Configuration
import Model

/// The integrations of a configuration.
public enum Receivers {
    /// By receiver, in the order of the file. Kinds that are not delivered are left out.
    public static func integrations(
        _ configuration: NotifierConfiguration, templates: NotificationTemplates,
        files: FileAccess = .system
    ) -> [String: [any Integration]] {
        var result: [String: [any Integration]] = [:]
        for receiver in configuration.receivers {
            result[receiver.name, default: []] += receiver.integrations.compactMap {
                integration($0, templates: templates, files: files)
            }
        }
        return result
    }

    /// One integration, or nil for a kind that is not delivered.
    public static func integration(
        _ configuration: IntegrationConfiguration, templates: NotificationTemplates,
        files: FileAccess = .system
    ) -> (any Integration)? {
        let resolved = configuration.sendResolved
        let secrets = SecretFiles(files)
        return switch configuration.kind {
        case .slack(let slack):
            SlackIntegration(slack, sendResolved: resolved, templates, secrets)
        case .pagerduty(let pagerduty):
            PagerDutyIntegration(pagerduty, sendResolved: resolved, templates, secrets)
        case .email(let email):
            EmailIntegration(email, sendResolved: resolved, templates, secrets)
        case .webhook(let webhook):
            WebhookIntegration(webhook, sendResolved: resolved, templates, secrets)
        case .undelivered: nil
        }
    }

    /// What is wrong in the templates of receivers' fields: those that do not parse, and those that
    /// fail when they are tried on an alert without labels.
    public static func check(
        _ configuration: NotifierConfiguration, templates: NotificationTemplates
    ) -> [Problem] {
        var problems: [Problem] = []
        for receiver in configuration.receivers {
            for integration in receiver.integrations {
                let path = "receivers: \(receiver.name): \(integration.id)"
                for field in TemplatedField.all(of: integration) {
                    guard let problem = templates.problem(in: field.text, isHTML: field.isHTML)
                    else { continue }
                    problems.append(
                        Problem(
                            at: integration.place, path: "\(path).\(field.name)",
                            problem.description, check: "template/syntax"))
                }
            }
        }
        return problems
    }

    /// The templates that receivers' fields call and that are not defined: sending would fail.
    public static func undefinedTemplates(
        _ configuration: NotifierConfiguration, templates: NotificationTemplates
    ) -> [Problem] {
        configuration.receivers.flatMap { receiver in
            receiver.integrations.flatMap { integration in
                TemplatedField.all(of: integration).flatMap { field in
                    templates.missingTemplates(in: field.text).map { name in
                        Problem(
                            at: integration.place,
                            path: "receivers: \(receiver.name): \(integration.id).\(field.name)",
                            "calls the template \(name.goQuoted), which is not defined",
                            check: "template/undefined")
                    }
                }
            }
        }
    }
}

/// A field that is a template.
struct TemplatedField {
    var name: String
    var text: String
    var isHTML = false

    static func all(of integration: IntegrationConfiguration) -> [TemplatedField] {
        switch integration.kind {
        case .slack(let slack): of(slack)
        case .pagerduty(let pagerduty): of(pagerduty)
        case .email(let email): of(email)
        case .webhook(let webhook): webhook.payload.map { of($0, "payload") } ?? []
        case .undelivered: []
        }
    }

    private static func of(_ slack: SlackConfiguration) -> [TemplatedField] {
        var fields = [
            ("channel", slack.channel), ("username", slack.username), ("color", slack.color),
            ("title", slack.title), ("title_link", slack.titleLink), ("pretext", slack.pretext),
            ("text", slack.text), ("message_text", slack.messageText), ("footer", slack.footer),
            ("fallback", slack.fallback), ("callback_id", slack.callbackID),
            ("icon_emoji", slack.iconEmoji), ("icon_url", slack.iconURL),
            ("image_url", slack.imageURL), ("thumb_url", slack.thumbURL),
        ]
        for (index, field) in slack.fields.enumerated() {
            fields.append(("fields[\(index)].title", field.title))
            fields.append(("fields[\(index)].value", field.value))
        }
        for (index, action) in slack.actions.enumerated() {
            for (key, text) in [
                ("type", action.type), ("text", action.text), ("url", action.url),
                ("style", action.style), ("name", action.name), ("value", action.value),
            ] {
                fields.append(("actions[\(index)].\(key)", text))
            }
        }
        return fields.map { TemplatedField(name: $0.0, text: $0.1) }
    }

    private static func of(_ pagerduty: PagerDutyConfiguration) -> [TemplatedField] {
        var fields = [
            ("client", pagerduty.clientName), ("client_url", pagerduty.clientURL),
            ("description", pagerduty.description), ("source", pagerduty.source),
            ("severity", pagerduty.severity), ("class", pagerduty.eventClass),
            ("component", pagerduty.component), ("group", pagerduty.group),
        ].map { TemplatedField(name: $0.0, text: $0.1) }
        for detail in pagerduty.details { fields += of(detail.value, "details.\(detail.name)") }
        for (index, image) in pagerduty.images.enumerated() {
            for text in [image.source, image.alt, image.href] {
                fields.append(TemplatedField(name: "images[\(index)]", text: text))
            }
        }
        for (index, link) in pagerduty.links.enumerated() {
            for text in [link.href, link.text] {
                fields.append(TemplatedField(name: "links[\(index)]", text: text))
            }
        }
        return fields
    }

    private static func of(_ email: EmailConfiguration) -> [TemplatedField] {
        var fields = [
            TemplatedField(name: "to", text: email.to),
            TemplatedField(name: "from", text: email.from),
            TemplatedField(name: "html", text: email.html, isHTML: true),
            TemplatedField(name: "text", text: email.text),
        ]
        for header in email.headers {
            fields.append(TemplatedField(name: "headers.\(header.name)", text: header.value))
        }
        return fields
    }

    // The depth of a configuration's values is bounded by its reader.
    private static func of(_ value: YAMLValue, _ name: String) -> [TemplatedField] {
        switch value {
        case .text(let text): [TemplatedField(name: name, text: text)]
        case .list(let list): list.enumerated().flatMap { of($0.element, "\(name)[\($0.offset)]") }
        case .map(let entries): entries.flatMap { of($0.value, "\(name).\($0.key)") }
        default: []
        }
    }
}
