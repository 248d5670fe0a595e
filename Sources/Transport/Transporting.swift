/// The way out of the process: HTTP requests and mail.
///
/// Whoever sends is handed one of these; tests and the demo hand over their own.
public protocol Transporting: Sendable {
    /// Sends a request and returns the whole response, whatever its status.
    ///
    /// Cancelling the task ends it at once with `TransportError.Kind.cancelled`.
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse

    /// Sends a request and returns once the response's headers are there; its body may never end.
    ///
    /// Here the request's `timeout` is how long the other side may be silent, and `maximumBodyBytes` what a
    /// piece may be. Cancelling the task ends it at once with `TransportError.Kind.cancelled`.
    func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream

    /// Hands a message to an SMTP server; it returns when the server has accepted it.
    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt
}

extension Transporting {
    /// The whole response as a stream.
    public func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream {
        HTTPStream(try await send(request))
    }
}
