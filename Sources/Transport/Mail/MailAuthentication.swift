/// How to log in at an SMTP server, as Alertmanager chooses: the first mechanism in the server's own
/// list that is known here and has its secret.
enum MailAuthentication {
    /// The mechanism, or nil for no login: there are no credentials, or the server has no `AUTH`.
    ///
    /// `offered` is the list behind `AUTH` in the server's answer to EHLO, nil without one. A password
    /// is not sent as it is (PLAIN) over a connection without TLS, except to this machine.
    static func choose(
        offered: [String]?, _ credentials: MailCredentials?, isEncrypted: Bool, host: String
    ) throws(TransportError) -> MailCredentials.Mechanism? {
        guard let offered, let credentials else { return nil }
        var reasons: [String] = []
        for name in offered {
            guard let mechanism = MailCredentials.Mechanism(rawValue: name) else {
                reasons.append("unknown auth mechanism: \(name)")
                continue
            }
            guard credentials.text(for: mechanism) != nil else {
                let what = mechanism == .cramMD5 ? "secret" : "password"
                reasons.append("missing \(what) for \(name) auth mechanism")
                continue
            }
            if mechanism == .plain, !isEncrypted, !isThisMachine(host) {
                throw TransportError(
                    .tls, "PLAIN auth: unencrypted connection; set require_tls: true")
            }
            return mechanism
        }
        throw TransportError(
            .protocolError, "find auth mechanism: \(reasons.joined(separator: "; "))")
    }

    /// What stands behind `AUTH` in an answer to EHLO.
    static func mechanisms(inReply line: String) -> [String]? {
        if line == "AUTH" { return [""] }
        guard line.hasPrefix("AUTH ") else { return nil }
        return line.dropFirst("AUTH ".count).split(
            separator: " ", omittingEmptySubsequences: false
        ).map(String.init)
    }

    private static func isThisMachine(_ host: String) -> Bool {
        ["localhost", "127.0.0.1", "::1"].contains(host)
    }
}
