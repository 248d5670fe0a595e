import Model

extension HTTPClientConfiguration {
    /// The files that its secrets are read from, in no particular order.
    public var secretFiles: [String] {
        let values: [Secret?] =
            [
                basicAuth?.username, basicAuth?.password, authorization?.credentials, proxyURL,
            ] + (headers + proxyConnectHeaders).flatMap(\.values)
        return values.compactMap { $0?.filePath } + tls.secretFiles
    }
}

extension TLSConfiguration {
    /// The files that it is read from.
    public var secretFiles: [String] { [ca, certificate, key].compactMap { $0?.filePath } }
}

extension IntegrationConfiguration {
    /// The files that it cannot deliver without, e.g. to see at start which are missing.
    public var secretFiles: [String] {
        switch kind {
        case .webhook(let webhook):
            return [webhook.url].compactMap(\.filePath) + webhook.client.secretFiles
        case .email(let mail):
            return [mail.authPassword, mail.authSecret].compactMap { $0?.filePath }
                + mail.tls.secretFiles
        case .pagerduty(let pager):
            let key: Secret =
                switch pager.key {
                case .routing(let secret), .service(let secret): secret
                }
            return [key].compactMap(\.filePath) + pager.client.secretFiles
        case .slack(let slack):
            let secret: Secret =
                switch slack.endpoint {
                case .webhook(let url): url
                case .app(let token, _): token
                }
            return [secret].compactMap(\.filePath) + slack.client.secretFiles
        case .undelivered: return []
        }
    }
}
