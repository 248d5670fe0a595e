import Configuration
import Model
import Notify

/// What is wrong in a file of routes and receivers beyond its schema: the templates of every field
/// that has one, those in the files it names, and secrets that cannot be read.
struct NotifierCheck {
    private let configuration: NotifierConfiguration
    private let files: FileAccess

    init(_ configuration: NotifierConfiguration, files: FileAccess) {
        self.configuration = configuration
        self.files = files
    }

    func problems(syntaxOnly: Bool) -> [Problem] {
        var (templates, problems) = NotificationTemplates.load(configuration, files: files)
        for (index, receiver) in configuration.receivers.enumerated() {
            for integration in receiver.integrations {
                let path =
                    "receivers[\(index)].\(integration.kind.name)_configs[\(integration.index)]"
                for field in TemplatedField.all(of: integration.kind) {
                    problems += check(field, of: integration, path, templates)
                }
                if !syntaxOnly { problems += secrets(of: integration, path) }
            }
        }
        return problems
    }

    private func check(
        _ field: TemplatedField, of integration: IntegrationConfiguration, _ path: String,
        _ templates: NotificationTemplates
    ) -> [Problem] {
        let path = path + "." + field.key
        if let error = templates.problem(in: field.text, isHTML: field.isHTML) {
            return [
                Problem(at: integration.place, path: path, "\(error)", check: "template/syntax")
            ]
        }
        return templates.missingTemplates(in: field.text).map { name in
            Problem(
                at: integration.place, path: path,
                "calls the template \(name.goQuoted), which is not defined",
                check: "template/undefined")
        }
    }

    private func secrets(
        of integration: IntegrationConfiguration, _ path: String
    ) -> [Problem] {
        integration.secretFiles.compactMap { file in
            do {
                _ = try files.read(file)
                return nil
            } catch {
                return Problem(
                    .warning, at: integration.place, path: path,
                    "cannot deliver: \(file): \(error)", check: "notifier/missing-secret")
            }
        }
    }
}

/// A field of a receiver whose text is a template. Those that are secrets are not among them: an
/// error would show them.
private struct TemplatedField {
    var key: String
    var text: String
    var isHTML = false

    static func all(of kind: IntegrationConfiguration.Kind) -> [TemplatedField] {
        let fields: [TemplatedField] =
            switch kind {
            case .webhook(let webhook): texts(in: webhook.payload ?? .null, "payload")
            case .email(let mail): fields(of: mail)
            case .pagerduty(let pager): fields(of: pager)
            case .slack(let slack): fields(of: slack)
            case .undelivered: []
            }
        return fields.filter { $0.text.contains("{{") }
    }

    private static func fields(of mail: EmailConfiguration) -> [TemplatedField] {
        [
            TemplatedField(key: "to", text: mail.to),
            TemplatedField(key: "from", text: mail.from),
            TemplatedField(key: "html", text: mail.html, isHTML: true),
            TemplatedField(key: "text", text: mail.text),
        ] + mail.headers.map { TemplatedField(key: "headers.\($0.name)", text: $0.value) }
    }

    private static func fields(of pager: PagerDutyConfiguration) -> [TemplatedField] {
        var all = [
            TemplatedField(key: "client", text: pager.clientName),
            TemplatedField(key: "client_url", text: pager.clientURL),
            TemplatedField(key: "description", text: pager.description),
            TemplatedField(key: "source", text: pager.source),
            TemplatedField(key: "severity", text: pager.severity),
            TemplatedField(key: "class", text: pager.eventClass),
            TemplatedField(key: "component", text: pager.component),
            TemplatedField(key: "group", text: pager.group),
        ]
        for detail in pager.details { all += texts(in: detail.value, "details.\(detail.name)") }
        for (index, image) in pager.images.enumerated() {
            all.append(TemplatedField(key: "images[\(index)].src", text: image.source))
            all.append(TemplatedField(key: "images[\(index)].alt", text: image.alt))
            all.append(TemplatedField(key: "images[\(index)].href", text: image.href))
        }
        for (index, link) in pager.links.enumerated() {
            all.append(TemplatedField(key: "links[\(index)].href", text: link.href))
            all.append(TemplatedField(key: "links[\(index)].text", text: link.text))
        }
        return all
    }

    private static func fields(of slack: SlackConfiguration) -> [TemplatedField] {
        var all = [
            TemplatedField(key: "channel", text: slack.channel),
            TemplatedField(key: "username", text: slack.username),
            TemplatedField(key: "color", text: slack.color),
            TemplatedField(key: "title", text: slack.title),
            TemplatedField(key: "title_link", text: slack.titleLink),
            TemplatedField(key: "pretext", text: slack.pretext),
            TemplatedField(key: "text", text: slack.text),
            TemplatedField(key: "message_text", text: slack.messageText),
            TemplatedField(key: "footer", text: slack.footer),
            TemplatedField(key: "fallback", text: slack.fallback),
            TemplatedField(key: "callback_id", text: slack.callbackID),
            TemplatedField(key: "icon_emoji", text: slack.iconEmoji),
            TemplatedField(key: "icon_url", text: slack.iconURL),
            TemplatedField(key: "image_url", text: slack.imageURL),
            TemplatedField(key: "thumb_url", text: slack.thumbURL),
        ]
        for (index, field) in slack.fields.enumerated() {
            all.append(TemplatedField(key: "fields[\(index)].title", text: field.title))
            all.append(TemplatedField(key: "fields[\(index)].value", text: field.value))
        }
        for (index, action) in slack.actions.enumerated() {
            let key = "actions[\(index)]"
            all.append(TemplatedField(key: key + ".text", text: action.text))
            all.append(TemplatedField(key: key + ".url", text: action.url))
            all.append(TemplatedField(key: key + ".style", text: action.style))
            all.append(TemplatedField(key: key + ".name", text: action.name))
            all.append(TemplatedField(key: key + ".value", text: action.value))
            guard let question = action.confirmation else { continue }
            all.append(TemplatedField(key: key + ".confirm.text", text: question.text))
            all.append(TemplatedField(key: key + ".confirm.title", text: question.title))
            all.append(TemplatedField(key: key + ".confirm.ok_text", text: question.okText))
            all.append(
                TemplatedField(key: key + ".confirm.dismiss_text", text: question.dismissText))
        }
        return all
    }

    /// The texts in a value of the user's own shape, which is no deeper than `YAMLLimits.depth`.
    private static func texts(in value: YAMLValue, _ key: String) -> [TemplatedField] {
        switch value {
        case .text(let text): [TemplatedField(key: key, text: text)]
        case .list(let items):
            items.enumerated().flatMap { texts(in: $0.element, "\(key)[\($0.offset)]") }
        case .map(let entries): entries.flatMap { texts(in: $0.value, "\(key).\($0.key)") }
        case .null, .bool, .int, .double: []
        }
    }
}
