import CCurl

// How a mail becomes the options of an easy handle.
extension CurlTransfer {
    func configure(_ mail: MailMessage, _ step: MailStep) throws(TransportError) {
        let scheme = mail.encryption == .implicit ? "smtps" : "smtp"
        let host =
            mail.host.contains(":") && !mail.host.hasPrefix("[") ? "[\(mail.host)]" : mail.host
        let hello = mail.helloName.map { "/\($0)" } ?? ""
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        _ = try setEndpoint(
            url: "\(scheme)://\(host):\(mail.port)\(hello)", serverName: mail.tls.serverName,
            isHTTP: false)
        let encryption =
            switch mail.encryption {
            case .none, .implicit: CURLUSESSL_NONE
            case .startTLSIfOffered: CURLUSESSL_TRY
            case .startTLS: CURLUSESSL_ALL
            }
        set(CURLOPT_USE_SSL, Int(encryption.rawValue))
        set(CURLOPT_PROXY, "")
        set(CURLOPT_TIMEOUT_MS, milliseconds(mail.timeout))
        set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(mail.timeout))
        // How long the answer to QUIT is waited for where the message was refused before.
        set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, milliseconds(mail.timeout) / 1000))
        set(CURLOPT_FRESH_CONNECT, true)
        setTrust(mail.tls)
        switch step {
        case .hello: set(CURLOPT_CONNECT_ONLY, true)
        case .message(let mechanism): setMessage(mail, mechanism)
        }
    }

    private func setMessage(_ mail: MailMessage, _ mechanism: MailCredentials.Mechanism?) {
        set(CURLOPT_MAIL_FROM, bracketed(mail.from))
        set(CURLOPT_MAIL_RCPT, mail.to.map(bracketed))
        set(CURLOPT_UPLOAD, true)
        guard let mechanism, let credentials = mail.credentials,
            let text = credentials.text(for: mechanism)
        else { return }
        set(CURLOPT_USERNAME, credentials.user)
        set(CURLOPT_PASSWORD, text)
        set(CURLOPT_LOGIN_OPTIONS, "AUTH=\(mechanism.rawValue)")
        if mechanism == .plain, let identity = credentials.identity, !identity.isEmpty {
            set(CURLOPT_SASL_AUTHZID, identity)
        }
    }

    private func bracketed(_ address: String) -> String {
        address.hasPrefix("<") ? address : "<\(address)>"
    }
}
