import Model

/// Reads receivers, with global fallbacks and the wording of Alertmanager's own errors.
struct ReceiverReader {
    let global: NotifierGlobal

    func receiver(_ element: Element) -> ReceiverConfiguration? {
        element.object { keys in
            let name = keys.string("name") ?? ""
            if name.isEmpty { keys.error("missing name in receiver") }
            readLabels(keys, name)
            return ReceiverConfiguration(name, integrations(keys), place: keys.place)
        }
    }

    /// `labels`, which Alertmanager has since 0.33: checked, and not acted on.
    private func readLabels(_ keys: KeyedElement, _ name: String) {
        for entry in keys["labels"]?.entries() ?? [] {
            guard let value = entry.value.string(), entry.key == "name", value != name else {
                continue
            }
            entry.value.error(
                "receiver label \"name\" must match receiver name \(name.goQuoted), got \(value.goQuoted)"
            )
        }
        if keys.has("labels") { keys.warn(at: "labels", "is not acted on") }
    }

    /// In the order in which Alertmanager builds a receiver's integrations.
    private func integrations(_ keys: KeyedElement) -> [IntegrationConfiguration] {
        var integrations: [IntegrationConfiguration] = []
        func add<Settings: ReadableReceiver>(
            _: Settings.Type, _ kind: (Settings) -> IntegrationConfiguration.Kind
        ) {
            let found = keys.list("\(Settings.kind)_configs") { element in
                element.object { keys in
                    IntegrationConfiguration(
                        kind(Settings.read(keys, global)),
                        sendResolved: keys.bool("send_resolved") ?? Settings.sendsResolved,
                        place: keys.place)
                }
            }
            for (index, integration) in found.enumerated() {
                var numbered = integration
                numbered.index = index
                integrations.append(numbered)
            }
        }
        add(WebhookConfiguration.self) { .webhook($0) }
        add(EmailConfiguration.self) { .email($0) }
        add(PagerDutyConfiguration.self) { .pagerduty($0) }
        add(OpsGenieConfiguration.self) { .opsgenie($0) }
        add(WeChatConfiguration.self) { .wechat($0) }
        add(SlackConfiguration.self) { .slack($0) }
        add(VictorOpsConfiguration.self) { .victorops($0) }
        add(PushoverConfiguration.self) { .pushover($0) }
        add(SNSConfiguration.self) { .sns($0) }
        add(TelegramConfiguration.self) { .telegram($0) }
        add(DiscordConfiguration.self) { .discord($0) }
        add(WebexConfiguration.self) { .webex($0) }
        add(TeamsConfiguration.self) { .msteams($0) }
        add(TeamsWorkflowConfiguration.self) { .msteamsv2($0) }
        add(JiraConfiguration.self) { .jira($0) }
        add(RocketChatConfiguration.self) { .rocketchat($0) }
        add(MattermostConfiguration.self) { .mattermost($0) }
        add(IncidentIOConfiguration.self) { .incidentio($0) }
        return integrations
    }
}
