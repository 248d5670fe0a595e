/// The way out of the process: HTTP requests and mail.
///
/// Whoever sends is handed one of these; tests and the demo hand over their own.
public protocol Transporting: Sendable {
    /// Sends a request and returns the whole response, whatever its status.
    ///
    /// Cancelling the task ends it at once with `TransportError.Kind.cancelled`.
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse

    /// Hands a message to an SMTP server; it returns when the server has accepted it.
    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt
}
