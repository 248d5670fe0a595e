import Model

extension HTTPClientConfiguration {
    /// Every secret that a request needs.
    public var secrets: [Secret] {
        let values: [Secret?] = [
            basicAuth?.username, basicAuth?.password, authorization?.credentials, proxyURL,
            oauth2?.credential, oauth2?.proxyURL,
        ]
        let headers = headers + proxyConnectHeaders + (oauth2?.proxyConnectHeaders ?? [])
        return values.compactMap(\.self) + headers.flatMap(\.values)
            + tls.secrets + (oauth2?.tls.secrets ?? [])
    }

    /// The files that its secrets are read from, in no particular order.
    public var secretFiles: [String] { secrets.compactMap(\.filePath) }
}

extension TLSConfiguration {
    /// Certificates and keys.
    public var secrets: [Secret] { [ca, certificate, key].compactMap(\.self) }

    /// The files that it is read from.
    public var secretFiles: [String] { secrets.compactMap(\.filePath) }
}

extension IntegrationConfiguration {
    /// The files that it cannot deliver without, e.g. to see at start which are missing.
    public var secretFiles: [String] { kind.settings.secrets.compactMap(\.filePath) }
}
