import Model

/// `email_configs`. `send_resolved` is false by default.
public struct EmailConfiguration: ReceiverSettings {
    /// How mails about one group hang together.
    public enum Threading: String, Sendable, Hashable {
        /// One thread for a group for ever.
        case none
        /// One a day.
        case daily
    }

    /// `to`: addresses, separated by commas; a template.
    public var to: String
    /// `from`; a template.
    public var from = ""
    /// `smarthost`: the host.
    public var smarthostName = ""
    /// `smarthost`: the port, a number or a service's name.
    public var smarthostPort = ""
    /// `hello`.
    public var hello = "localhost"
    /// `auth_username`; "": no authentication.
    public var authUsername = ""
    /// `auth_password` or its file.
    public var authPassword: Secret?
    /// `auth_secret` or its file, for CRAM-MD5.
    public var authSecret: Secret?
    /// `auth_identity`.
    public var authIdentity = ""
    /// `headers`: templates, by canonical name, sorted; `Subject` has a default that is not in here.
    public var headers: [Header] = []
    /// `html`; a template.
    public var html = "{{ template \"email.default.html\" . }}"
    /// `text`; a template.
    public var text = ""
    /// `require_tls`.
    public var requireTLS = true
    /// `force_implicit_tls`; nil: on port 465.
    public var forceImplicitTLS: Bool?
    /// `threading`; nil: not enabled.
    public var threading: Threading?
    /// `tls_config`.
    public var tls = TLSConfiguration()

    /// The `Subject` of a mail that sets none.
    public static let defaultSubject = "{{ template \"email.default.subject\" . }}"
    /// The headers that hold addresses.
    public static let addressHeaders: Set<String> = [
        "From", "To", "Cc", "Bcc", "Reply-To", "Sender",
    ]

    /// A header of the mail.
    public struct Header: Sendable, Hashable {
        /// The name, as `Reply-To`.
        public var name: String
        /// The value; a template.
        public var value: String

        /// A header.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A mail with Alertmanager's defaults.
    public init(to: String) { self.to = to }

    public static let kind = "email"
    public static let sendsResolved = false

    public var secrets: [Secret] {
        (authUsername.isEmpty ? [] : [authPassword, authSecret].compactMap(\.self)) + tls.secrets
    }

    public var templates: [ReceiverTemplate] {
        [
            ReceiverTemplate("to", to, .destination), ReceiverTemplate("from", from, .destination),
            ReceiverTemplate("html", html, .text, isHTML: true),
            ReceiverTemplate("text", text, .text),
            ReceiverTemplate("headers.Subject", EmailConfiguration.defaultSubject, .text),
        ].filter { field in !headers.contains { field.name == "headers.\($0.name)" } }
            + headers.map {
                ReceiverTemplate(
                    "headers.\($0.name)", $0.value,
                    EmailConfiguration.addressHeaders.contains($0.name) ? .destination : .text)
            }
    }
}

extension EmailConfiguration: ReadableReceiver {
    static func read(_ keys: KeyedElement, _ global: NotifierGlobal) -> Self {
        var mail = EmailConfiguration(to: keys.string("to") ?? "")
        if mail.to.isEmpty { keys.error("missing to address in email config") }
        readServer(keys, global, &mail)
        mail.headers = headers(keys)
        keys.string("html", &mail.html)
        keys.string("text", &mail.text)
        mail.threading = threading(keys, mail.headers)
        return mail
    }

    private static func readServer(
        _ keys: KeyedElement, _ global: NotifierGlobal, _ mail: inout EmailConfiguration
    ) {
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
        // Where both are written, the file wins: here Alertmanager does not complain.
        mail.authPassword = keys.secretPreferringFile("auth_password") ?? global.smtpPassword
        mail.authSecret = keys.secretPreferringFile("auth_secret") ?? global.smtpSecret
        mail.authIdentity = fallback("auth_identity", global.smtpIdentity)
        mail.requireTLS = keys.bool("require_tls") ?? global.smtpRequireTLS
        mail.forceImplicitTLS = keys.bool("force_implicit_tls") ?? global.smtpForceImplicitTLS
        mail.tls = keys["tls_config"].flatMap(HTTPClientReader.tls) ?? global.smtpTLS
    }

    private static func headers(_ keys: KeyedElement) -> [EmailConfiguration.Header] {
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

    private static func threading(
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
}
