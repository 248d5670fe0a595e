import Model
import Synchronization
import Transport

/// A way out that writes down what goes over it, without secrets: lines that were sent begin with
/// `>`, lines of answers with `<`.
final class ExchangeRecorder: Transporting {
    /// How many bytes of a body are shown.
    static let shownBytes = 64 << 10

    private let base: any Transporting
    private let state: Mutex<(redactor: Redactor, lines: [String])>

    init(_ base: any Transporting, _ redactor: Redactor) {
        self.base = base
        state = Mutex((redactor, []))
    }

    /// What has gone over it since this was last asked.
    func take() -> [String] {
        state.locked { state in
            defer { state.lines = [] }
            return state.lines
        }
    }

    /// A text without secrets, such as a reason.
    func redacted(_ text: String) -> String { state.locked { $0.redactor.text(text) } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        state.locked { state in
            state.redactor.learnForm(of: request)
            state.lines += ExchangeRecorder.lines(request, state.redactor)
        }
        do throws(TransportError) {
            let response = try await base.send(request)
            state.locked { $0.lines += ExchangeRecorder.lines(response, &$0.redactor) }
            return response
        } catch {
            failed(error)
            throw error
        }
    }

    func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        state.locked { $0.lines += ExchangeRecorder.lines(mail, $0.redactor) }
        do throws(TransportError) {
            let receipt = try await base.send(mail)
            state.locked { $0.lines.append($0.redactor.text("< \(receipt.code) \(receipt.reply)")) }
            return receipt
        } catch {
            failed(error)
            throw error
        }
    }

    private func failed(_ error: TransportError) {
        state.locked { $0.lines.append($0.redactor.text("< no answer: \(error)")) }
    }

    // MARK: Text

    private static func lines(_ request: HTTPRequest, _ redactor: Redactor) -> [String] {
        var lines = ["> \(request.method) \(redactor.url(request.url))"]
        for header in request.headers {
            lines.append("> \(header.name): \(redactor.header(header.name, header.value))")
        }
        if request.authorization != nil { lines.append("> Authorization: \(Redactor.mark)") }
        guard let body = request.body else { return lines }
        return lines + [">"] + marked(">", redactor.text(text(body)))
    }

    private static func lines(_ response: HTTPResponse, _ redactor: inout Redactor) -> [String] {
        let seconds = GoFloat.fixed((response.timing.total / .milliseconds(1)).rounded() / 1000)
        var lines = ["< \(response.status) \(response.reason) (\(seconds) s)"]
        let body = redactor.answer(text(response.body))
        for header in response.headers {
            lines.append("< \(header.name): \(redactor.header(header.name, header.value))")
        }
        if !body.isEmpty { lines += ["<"] + marked("<", body) }
        return lines
    }

    private static func lines(_ mail: MailMessage, _ redactor: Redactor) -> [String] {
        var lines = ["> SMTP \(mail.host):\(mail.port), encryption: \(mail.encryption.rawValue)"]
        if let credentials = mail.credentials {
            // The mechanism is the first of the server's own list that has its secret.
            lines.append("> AUTH \(credentials.user) \(Redactor.mark)")
        }
        lines.append("> MAIL FROM:<\(mail.from)>")
        lines += mail.to.map { "> RCPT TO:<\($0)>" }
        return lines + [">"] + marked(">", redactor.text(text(mail.content)))
    }

    private static func text(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(shownBytes), as: UTF8.self)
        return body.count > shownBytes ? text + "\n(cut: \(body.count) bytes in all)" : text
    }

    private static func marked(_ mark: String, _ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { $0.isEmpty ? mark : "\(mark) \($0)" }
    }
}
