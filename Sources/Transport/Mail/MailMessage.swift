/// One message for one SMTP server, ready to be sent.
public struct MailMessage: Sendable {
    /// Whether the connection is encrypted.
    public enum Encryption: String, Sendable, Hashable {
        /// Never.
        case none
        /// STARTTLS where the server offers it.
        case startTLSIfOffered
        /// STARTTLS, or no mail.
        case startTLS
        /// TLS from the first byte (usually port 465).
        case implicit
    }

    /// The server's name or address.
    public var host: String
    /// Its port.
    public var port: Int
    /// Whether the connection is encrypted.
    public var encryption: Encryption
    /// The envelope's sender: an address without a name.
    public var from: String
    /// The envelope's recipients: addresses without names.
    public var to: [String]
    /// The message (RFC 5322), lines ended by CR LF.
    public var content: [UInt8]
    /// Who logs in, or nil for nobody.
    public var credentials: MailCredentials?
    /// The name for EHLO; nil for this machine's.
    public var helloName: String?
    /// Whom to trust and who we are.
    public var tls = TLSOptions()
    /// How long everything may take, on the monotonic clock.
    public var timeout: Duration = .seconds(30)

    /// A message.
    public init(
        host: String, port: Int, encryption: Encryption, from: String, to: [String],
        content: [UInt8]
    ) {
        self.host = host
        self.port = port
        self.encryption = encryption
        self.from = from
        self.to = to
        self.content = content
    }
}

/// Who logs in to an SMTP server; it never shows itself.
public struct MailCredentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// How somebody logs in.
    public enum Mechanism: String, Sendable, Hashable, CaseIterable {
        case plain = "PLAIN"
        case login = "LOGIN"
        case cramMD5 = "CRAM-MD5"
    }

    /// The user's name.
    public var user: String
    /// What PLAIN and LOGIN take.
    public var password: String?
    /// What CRAM-MD5 takes.
    public var secret: String?
    /// Whom to act as, where not the user.
    public var identity: String?

    /// Credentials.
    public init(user: String, password: String? = nil, secret: String? = nil) {
        self.user = user
        self.password = password
        self.secret = secret
    }

    /// What a mechanism takes, or nil where there is none.
    func text(for mechanism: Mechanism) -> String? {
        let text = mechanism == .cramMD5 ? secret : password
        return text?.isEmpty == false ? text : nil
    }

    public var description: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What the server said when it took the message.
public struct MailReceipt: Sendable, Hashable {
    /// The reply's code, e.g. 250.
    public var code: Int
    /// The reply's text.
    public var reply: String

    /// A receipt.
    public init(code: Int, reply: String = "") {
        self.code = code
        self.reply = reply
    }
}
