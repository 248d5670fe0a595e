import Configuration
import Crypto
import HTTPClient
import Model
import Transport

/// Mail through an SMTP server.
struct EmailIntegration: Integration {
    let configuration: EmailConfiguration
    let sendResolved: Bool
    private let templates: NotificationTemplates
    private let secrets: SecretFiles
    private let reporter: RenderingReporter

    /// The longest header that holds no addresses, the largest text of a mail, and the largest HTML:
    /// many servers take 25 MB in all.
    private static let headerSize = TextSize.characters(1024)
    private static let textSize = TextSize.document(bytes: 2 << 20)
    private static let htmlSize = TextSize.document(bytes: 16 << 20)

    var name: String { "email" }

    init(
        _ configuration: EmailConfiguration, sendResolved: Bool, _ templates: NotificationTemplates,
        _ secrets: SecretFiles, _ reporter: RenderingReporter
    ) {
        self.reporter = reporter
        self.configuration = configuration
        self.sendResolved = sendResolved
        self.templates = templates
        self.secrets = secrets
    }

    func problem() async -> String? {
        secrets.problem(configuration.secrets)
    }

    func deliver(
        _ data: NotificationData, transport: any Transporting
    ) async -> DeliveryOutcome {
        let shown = TemplateData(data)
        var budget: MessageBudget?
        while true {
            let render = Rendering(templates, shown, configuration.templates, budget: budget)
            defer { reporter.report(render.notes, data) }
            let mail: MailMessage
            do {
                mail = try message(content(data, render))
            } catch {
                return .unmade(reason: "\(error)")
            }
            do {
                let receipt = try await transport.send(mail)
                return .delivered(detail: "\(receipt.code) \(receipt.reply)")
            } catch {
                // "Message size exceeds fixed limit".
                guard error.kind == .smtp(code: 552) else { return .ofMail(error) }
                budget = MessageBudget(refusedBytes: mail.content.count, after: budget)
                render.notes.add(.refused(mail.content.count))
                if budget == nil { return .ofMail(error) }
            }
        }
    }

    func render(_ data: NotificationData) throws -> RenderedNotification {
        let render = Rendering(templates, TemplateData(data), configuration.templates)
        let content = try content(data, render)
        if let failure = render.notes.failure { throw failure }
        let subject = content.headers.first { $0.name == "Subject" }?.value ?? ""
        return RenderedNotification(
            integration: name, destination: content.to.map(\.address).joined(separator: ", "),
            text: "\(subject)\n\n\(content.text)",
            request: String(decoding: content.encoded(), as: UTF8.self))
    }

    // MARK: Content

    private func content(_ data: NotificationData, _ render: Rendering) throws -> MailContent {
        let (from, to) = (try render("from"), try render("to"))
        let senders = try MailAddress.parse(from, "from")
        guard let sender = senders.first, senders.count == 1 else {
            throw ReceiverError("must be exactly one from address")
        }
        var headers: [EmailConfiguration.Header] = []
        func has(_ name: String) -> Bool { configuration.headers.contains { $0.name == name } }
        if !has("From") { headers.append(.init("From", from)) }
        if !has("To") { headers.append(.init("To", to)) }
        if !has("Subject") {
            headers.append(
                .init("Subject", try render("headers.Subject", EmailIntegration.headerSize)))
        }
        for header in configuration.headers {
            let isAddress = EmailConfiguration.addressHeaders.contains(header.name)
            let size = isAddress ? .unlimited : EmailIntegration.headerSize
            headers.append(.init(header.name, try render("headers.\(header.name)", size)))
        }
        if let root = threadRoot(data) {
            headers.append(.init("References", root))
            headers.append(.init("In-Reply-To", root))
        }
        return MailContent(
            sender: sender, to: try MailAddress.parse(to, "to"), headers: headers,
            identity: SHA256.hex("\(data.groupKey)\n\(data.now)\n\(to)\n\(data.status.rawValue)"),
            date: data.now, text: try render("text", EmailIntegration.textSize),
            html: try render("html", EmailIntegration.htmlSize))
    }

    /// The identifier of a mail that was never sent, under which a group's mails are gathered.
    private func threadRoot(_ data: NotificationData) -> String? {
        guard let threading = configuration.threading else { return nil }
        let day = threading == .daily ? String(data.now.description.prefix(10)) : ""
        return "<alert-\(SHA256.hex(data.groupKey).prefix(16))-\(day)@alertmanager>"
    }

    // MARK: Transport

    private func message(_ content: MailContent) throws -> MailMessage {
        let port = try self.port()
        let encryption: MailMessage.Encryption =
            if configuration.forceImplicitTLS ?? (port == 465) {
                .implicit
            } else {
                configuration.requireTLS ? .startTLS : .none
            }
        var mail = MailMessage(
            host: configuration.smarthostName, port: port, encryption: encryption,
            from: content.sender.address, to: content.to.map(\.address),
            content: content.encoded())
        mail.helloName = configuration.hello.isEmpty ? nil : configuration.hello
        mail.tls = try TLSOptions(configuration.tls, secrets)
        mail.credentials = try credentials()
        return mail
    }

    private func credentials() throws -> MailCredentials? {
        if configuration.authUsername.isEmpty { return nil }
        var credentials = MailCredentials(user: configuration.authUsername)
        if let password = configuration.authPassword {
            credentials.password = try secrets.reveal(password)
        }
        if let secret = configuration.authSecret {
            credentials.secret = try secrets.reveal(secret)
        }
        if !configuration.authIdentity.isEmpty {
            credentials.identity = configuration.authIdentity
        }
        return credentials
    }

    private func port() throws(ReceiverError) -> Int {
        switch configuration.smarthostPort {
        case "smtp": return 25
        case "smtps", "submissions": return 465
        case "submission": return 587
        default:
            guard let port = Int(configuration.smarthostPort), (1...65_535).contains(port) else {
                throw ReceiverError(
                    "the smarthost's port \(configuration.smarthostPort.goQuoted) is none")
            }
            return port
        }
    }
}
