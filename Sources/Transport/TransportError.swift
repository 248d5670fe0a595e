/// Why something was not sent, or not answered.
///
/// The message holds no secrets: passwords, tokens and the user part of URLs are left out.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; decides whether trying again makes sense.
    public enum Kind: Hashable, Sendable {
        /// It took longer than allowed.
        case timeout
        /// The host's name has no address.
        case resolve
        /// No connection.
        case connect
        /// No trust, or no common ground, in TLS.
        case tls
        /// The answer is larger than `limit` bytes.
        case tooLarge(limit: Int)
        /// The other side broke the protocol, or hung up.
        case protocolError
        /// The SMTP server refused with this reply code.
        case smtp(code: Int)
        /// The request itself cannot be sent: a bad URL, a header with a line break, no such file.
        case invalidRequest
        /// The task was cancelled, or the transport shut down.
        case cancelled
    }

    /// What kind of failure it is.
    public var kind: Kind
    /// What happened, as a person wants it.
    public var message: String

    /// An error.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }

    /// Whether the same might succeed later without anybody changing anything.
    public var isTemporary: Bool {
        switch kind {
        case .timeout, .resolve, .connect, .protocolError: true
        case .smtp(let code): (400..<500).contains(code)
        case .tls, .tooLarge, .invalidRequest, .cancelled: false
        }
    }
}
