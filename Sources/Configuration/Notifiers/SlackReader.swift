import Model

/// Reads what a Slack message is made of.
enum SlackReader {
    static func readTexts(_ keys: KeyedElement, _ slack: inout SlackConfiguration) {
        keys.string("channel", &slack.channel)
        keys.string("username", &slack.username)
        keys.string("color", &slack.color)
        keys.string("title", &slack.title)
        keys.string("title_link", &slack.titleLink)
        keys.string("pretext", &slack.pretext)
        keys.string("text", &slack.text)
        keys.string("message_text", &slack.messageText)
        slack.fields = keys.list("fields") { $0.object(field) }
        keys.bool("short_fields", &slack.shortFields)
        keys.string("footer", &slack.footer)
        keys.string("fallback", &slack.fallback)
        keys.string("callback_id", &slack.callbackID)
        keys.string("icon_emoji", &slack.iconEmoji)
        keys.string("icon_url", &slack.iconURL)
        keys.string("image_url", &slack.imageURL)
        keys.string("thumb_url", &slack.thumbURL)
        keys.bool("link_names", &slack.linkNames)
        slack.markdownIn = keys.strings("mrkdwn_in")
        slack.actions = keys.list("actions") { $0.object(action) }
        keys.bool("update_message", &slack.updateMessage)
    }

    private static func field(_ keys: KeyedElement) -> SlackConfiguration.Field? {
        for key in ["title", "value"] where !keys.has(key) {
            keys.error("missing \(key) in Slack field configuration")
        }
        return SlackConfiguration.Field(
            title: keys.string("title") ?? "", value: keys.string("value") ?? "",
            short: keys.bool("short"))
    }

    private static func action(_ keys: KeyedElement) -> SlackConfiguration.Action? {
        for key in ["type", "text"] where !keys.has(key) {
            keys.error("missing \(key) in Slack action configuration")
        }
        var action = SlackConfiguration.Action(
            type: keys.string("type") ?? "", text: keys.string("text") ?? "")
        keys.string("style", &action.style)
        keys.string("url", &action.url)
        keys.string("name", &action.name)
        keys.string("value", &action.value)
        action.confirmation = keys.object("confirm", confirmation)
        if !action.url.isEmpty {
            // A link button has none of a message button's fields.
            action.name = ""
            action.value = ""
            action.confirmation = nil
        } else if action.name.isEmpty {
            keys.error("missing name or url in Slack action configuration")
        }
        return action
    }

    private static func confirmation(_ keys: KeyedElement) -> SlackConfiguration.Confirmation? {
        if !keys.has("text") { keys.error("missing text in Slack confirmation configuration") }
        var question = SlackConfiguration.Confirmation(text: keys.string("text") ?? "")
        keys.string("title", &question.title)
        keys.string("ok_text", &question.okText)
        keys.string("dismiss_text", &question.dismissText)
        return question
    }
}
