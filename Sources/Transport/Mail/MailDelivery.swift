import CCurl
import Glibc

/// One message on its way, on the thread that calls it.
final class MailDelivery {
    private let mail: MailMessage
    private let servers: MailServerMemory
    private var transfers: [CurlTransfer] = []

    init(_ mail: MailMessage, _ servers: MailServerMemory) {
        self.mail = mail
        self.servers = servers
    }

    /// Blocks until the server has taken the message, refused it, or time is up.
    func send() -> MailSender.Outcome {
        let server = MailServer(mail)
        let start = ContinuousClock.now
        do throws(TransportError) {
            let mechanism = try mechanism(server)
            var rest = mail
            rest.timeout = mail.timeout - (ContinuousClock.now - start)
            guard rest.timeout > .zero else {
                throw TransportError(.timeout, "timed out after \(mail.timeout)")
            }
            let outcome = try perform(.mail(rest, .message(mechanism)))
            if case .failure = outcome, mechanism != nil { servers.forget(server) }
            return outcome
        } catch {
            return .failure(error)
        }
    }

    /// Closes the connections. QUIT is sent and its answer not waited for.
    func hangUp() {
        for transfer in transfers { transfer.stopReading() }
        transfers = []
    }

    /// How to log in. libcurl would choose by its own taste, so the server is asked first what it has.
    private func mechanism(
        _ server: MailServer
    ) throws(TransportError) -> MailCredentials.Mechanism? {
        if mail.credentials == nil { return nil }
        let offered: [String]?
        if let known = servers.mechanisms(of: server) {
            offered = known
        } else {
            offered = try perform(.mail(mail, .hello)).get().mechanisms
            servers.remember(offered, of: server)
        }
        return try MailAuthentication.choose(
            offered: offered, mail.credentials,
            isEncrypted: [.startTLS, .implicit].contains(mail.encryption), host: mail.host)
    }

    private func perform(_ task: TransferTask) throws(TransportError) -> MailSender.Outcome {
        let transfer = try CurlTransfer(task)
        transfers.append(transfer)
        return transfer.outcome(unsafe curl_easy_perform(transfer.handle))
    }
}

extension CurlTransfer {
    /// No answer is waited for any more on the connection that is still open.
    fileprivate func stopReading() {
        let descriptor = unsafe tocsin_curl_active_socket(handle)
        if descriptor >= 0 { Glibc.shutdown(descriptor, Int32(SHUT_RD)) }
    }
}
