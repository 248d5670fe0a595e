import Model

/// Reads receivers, with global fallbacks and the wording of Alertmanager's own errors.
struct ReceiverReader {
    let global: NotifierGlobal

    func receiver(_ element: Element) -> ReceiverConfiguration? {
        element.object { keys in
            let name = keys.string("name") ?? ""
            if name.isEmpty { keys.error("missing name in receiver") }
            var integrations: [IntegrationConfiguration] = []
            func add(_ key: String, _ read: (KeyedElement) -> IntegrationConfiguration?) {
                let found = keys.list(key) { element in element.object { read($0) } }
                for (index, integration) in found.enumerated() {
                    var numbered = integration
                    numbered.index = index
                    integrations.append(numbered)
                }
            }
            // The order in which Alertmanager builds a receiver's integrations.
            add("webhook_configs", webhook)
            add("email_configs", email)
            add("pagerduty_configs", pagerduty)
            for kind in OtherReceivers.beforeSlack { add("\(kind)_configs") { other(kind, $0) } }
            add("slack_configs", slack)
            for kind in OtherReceivers.afterSlack { add("\(kind)_configs") { other(kind, $0) } }
            return ReceiverConfiguration(name, integrations, place: keys.place)
        }
    }

    private func client(_ keys: KeyedElement) -> HTTPClientConfiguration {
        keys.object("http_config", HTTPClientReader.read) ?? global.client
    }

    private func integration(
        _ kind: IntegrationConfiguration.Kind, _ keys: KeyedElement, sendResolved: Bool
    ) -> IntegrationConfiguration {
        IntegrationConfiguration(
            kind, sendResolved: keys.bool("send_resolved") ?? sendResolved, place: keys.place)
    }

    private func timeout(_ keys: KeyedElement) -> Milliseconds {
        keys["timeout"].flatMap { $0.goDuration() } ?? .zero
    }

    // MARK: Webhook

    private func webhook(_ keys: KeyedElement) -> IntegrationConfiguration? {
        let url = keys.secret("url")
        if url == nil { keys.error("one of url or url_file must be configured") }
        if keys.has("url"), let element = keys["url"], !(element.string() ?? "").contains("{{") {
            _ = URLCheck.http(element, isSecret: true)
        }
        var webhook = WebhookConfiguration(url: url ?? Secret(.inline("")))
        keys.int("max_alerts", &webhook.maximumAlerts)
        webhook.timeout = timeout(keys)
        webhook.payload = keys["payload"].flatMap { $0.isNull ? nil : $0.node.untyped }
        webhook.client = client(keys)
        return integration(.webhook(webhook), keys, sendResolved: true)
    }

    // MARK: Email

    private func email(_ keys: KeyedElement) -> IntegrationConfiguration? {
        var mail = EmailConfiguration(to: keys.string("to") ?? "")
        if mail.to.isEmpty { keys.error("missing to address in email config") }
        readServer(keys, &mail)
        mail.headers = headers(keys)
        keys.string("html", &mail.html)
        keys.string("text", &mail.text)
        mail.threading = threading(keys, mail.headers)
        return integration(.email(mail), keys, sendResolved: false)
    }

    private func readServer(_ keys: KeyedElement, _ mail: inout EmailConfiguration) {
        func fallback(_ key: String, _ value: String) -> String {
            keys.has(key) ? keys.string(key) ?? "" : value
        }
        var host = global.smarthost
        if keys.has("smarthost") { keys.read("smarthost", into: &host, HostPort.read) }
        if host.host.isEmpty, host.port.isEmpty, !keys.has("smarthost") {
            keys.error("no global SMTP smarthost set")
        }
        mail.smarthostName = host.host
        mail.smarthostPort = host.port
        mail.from = fallback("from", global.smtpFrom)
        if mail.from.isEmpty { keys.error("no global SMTP from set") }
        mail.hello = fallback("hello", global.smtpHello)
        mail.authUsername = fallback("auth_username", global.smtpUsername)
        mail.authPassword = keys.secret("auth_password") ?? global.smtpPassword
        mail.authSecret = keys.secret("auth_secret") ?? global.smtpSecret
        mail.authIdentity = fallback("auth_identity", global.smtpIdentity)
        mail.requireTLS = keys.bool("require_tls") ?? global.smtpRequireTLS
        mail.forceImplicitTLS = keys.bool("force_implicit_tls") ?? global.smtpForceImplicitTLS
        mail.tls = keys["tls_config"].flatMap(HTTPClientReader.tls) ?? global.smtpTLS
    }

    private func headers(_ keys: KeyedElement) -> [EmailConfiguration.Header] {
        var headers: [EmailConfiguration.Header] = []
        for entry in keys["headers"]?.entries() ?? [] {
            let name = entry.key.canonicalHeaderName
            if headers.contains(where: { $0.name == name }) {
                keys.error(at: "headers", "duplicate header \(name.goQuoted) in email config")
            }
            headers.append(EmailConfiguration.Header(name, entry.value.string() ?? ""))
        }
        return headers.sorted { $0.name.byteOrder($1.name) < 0 }
    }

    private func threading(
        _ keys: KeyedElement, _ headers: [EmailConfiguration.Header]
    ) -> EmailConfiguration.Threading? {
        keys.object("threading") { threading in
            let by = threading.string("thread_by_date") ?? ""
            guard threading.bool("enabled") == true else { return nil }
            for name in ["References", "In-Reply-To"]
            where headers.contains(where: { $0.name == name }) {
                threading.error(
                    "conflicting configuration: threading.enabled conflicts with custom \(name) header"
                )
            }
            guard let value = EmailConfiguration.Threading(rawValue: by) else {
                threading.error("threading.thread_by_date must be either 'none' or 'daily'")
                return nil
            }
            return value
        }
    }

    // MARK: PagerDuty

    private func pagerduty(_ keys: KeyedElement) -> IntegrationConfiguration? {
        let routing = keys.secret("routing_key")
        let service = keys.secret("service_key")
        if routing == nil, service == nil {
            keys.error("missing service or routing key in PagerDuty config")
        }
        let key: PagerDutyConfiguration.Key =
            routing.map { .routing($0) } ?? .service(service ?? Secret(.inline("")))
        var pager = PagerDutyConfiguration(key: key)
        pager.url = global.pagerdutyURL
        if keys.has("url") { keys.read("url", into: &pager.url) { URLCheck.http($0) } }
        keys.string("client", &pager.clientName)
        keys.string("client_url", &pager.clientURL)
        keys.string("description", &pager.description)
        pager.details = details(keys)
        pager.images = keys.list("images") { $0.object(image) }
        pager.links = keys.list("links") { $0.object(link) }
        pager.source = keys.has("source") ? keys.string("source") ?? "" : pager.clientName
        keys.string("severity", &pager.severity)
        keys.string("class", &pager.eventClass)
        keys.string("component", &pager.component)
        keys.string("group", &pager.group)
        pager.timeout = timeout(keys)
        pager.client = client(keys)
        return integration(.pagerduty(pager), keys, sendResolved: true)
    }

    private func details(_ keys: KeyedElement) -> [PagerDutyConfiguration.Detail] {
        var details = (keys["details"]?.entries() ?? []).map { entry in
            PagerDutyConfiguration.Detail(entry.key, entry.value.node.untyped)
        }
        for standard in PagerDutyConfiguration.defaultDetails
        where !details.contains(where: { $0.name == standard.name }) {
            details.append(standard)
        }
        return details.sorted { $0.name.byteOrder($1.name) < 0 }
    }

    private func image(_ keys: KeyedElement) -> PagerDutyConfiguration.Image? {
        PagerDutyConfiguration.Image(
            source: keys.string("src") ?? "", alt: keys.string("alt") ?? "",
            href: keys.string("href") ?? "")
    }

    private func link(_ keys: KeyedElement) -> PagerDutyConfiguration.Link? {
        PagerDutyConfiguration.Link(
            href: keys.string("href") ?? "", text: keys.string("text") ?? "")
    }

    // MARK: Slack

    private func slack(_ keys: KeyedElement) -> IntegrationConfiguration? {
        let client = client(keys)
        var slack = SlackConfiguration(endpoint: slackEndpoint(keys, client))
        SlackReader.readTexts(keys, &slack)
        slack.timeout = timeout(keys)
        slack.client = client
        return integration(.slack(slack), keys, sendResolved: false)
    }

    private func slackEndpoint(
        _ keys: KeyedElement, _ client: HTTPClientConfiguration
    ) -> SlackConfiguration.Endpoint {
        let url = keys.secret("api_url")
        let token = keys.secret("app_token")
        let urlText = keys.has("api_url") ? keys.string("api_url") : nil
        if keys.has("api_url"), let element = keys["api_url"] {
            _ = URLCheck.http(element, isSecret: true)
        }
        if url != nil, token != nil {
            keys.error(
                "at most one of api_url/api_url_file & app_token/app_token_file must be configured")
        }
        var appURL = global.slackAppURL
        if keys.has("app_url") { keys.read("app_url", into: &appURL) { URLCheck.http($0) } }
        if keys.bool("update_message") == true, token == nil,
            urlText != SlackConfiguration.defaultAppURL, url != nil || global.slackToken == nil
        {
            keys.error(
                at: "update_message",
                "update_message can only be used with bot tokens. api_url must be set to \(SlackConfiguration.defaultAppURL)"
            )
        }
        if let url { return .webhook(url) }
        if let token { return .app(token: token, url: appURL) }
        if let token = global.slackToken {
            // A token of the receiver's own, in its HTTP client, wins over the global one.
            return client.authorization == nil
                ? .app(token: token, url: appURL) : .webhook(Secret(.inline(appURL)))
        }
        if let url = global.slackURL { return .webhook(url) }
        keys.error("no Slack API URL nor App token set either inline or in a file")
        return .webhook(Secret(.inline("")))
    }

    // MARK: Others

    private func other(_ kind: String, _ keys: KeyedElement) -> IntegrationConfiguration? {
        keys.warn("\(kind) is not delivered yet: nobody is told through it")
        OtherReceivers.check(kind, keys, global)
        return integration(.undelivered(kind), keys, sendResolved: true)
    }
}
