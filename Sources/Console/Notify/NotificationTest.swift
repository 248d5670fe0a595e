import Configuration
import Model
import Notify
import Transport

/// Test messages for one receiver, for `tocsin notify test`.
public struct NotificationTest: Sendable {
    /// What is sent.
    public struct Content: Sendable {
        /// The alert's labels.
        public var labels = SampleNotification.labels
        /// Its annotations.
        public var annotations = SampleNotification.annotations
        /// Whether its end is told after it.
        public var isResolved = false
        /// The base of links to ourselves.
        public var externalURL: String?

        /// A sample.
        public init() {}
    }

    private let receiver: ReceiverConfiguration
    private let integrations: [IntegrationConfiguration]
    private let templates: NotificationTemplates
    private let surroundings: ReceiverSurroundings

    /// A test of all integrations of a receiver, or of one, e.g. `slack[0]` or `slack`.
    public init(
        _ configuration: NotifierConfiguration, receiver name: String, integration: String? = nil,
        in surroundings: ReceiverSurroundings = .system
    ) throws {
        guard let receiver = configuration.receivers.first(where: { $0.name.bytesEqual(name) })
        else {
            let names = configuration.receivers.map(\.name)
            let near = Suggestion.nearest(to: name, among: names).map { "; did you mean \($0)?" }
            throw ConsoleError(
                "\(configuration.path) has no receiver \(name.goQuoted)"
                    + (near ?? "; it has " + names.joined(separator: ", ")))
        }
        let chosen = receiver.integrations.filter {
            integration == nil || $0.id == integration || $0.kind.name == integration
        }
        guard !chosen.isEmpty else {
            let ids = receiver.integrations.map(\.id).joined(separator: ", ")
            throw ConsoleError(
                ids.isEmpty
                    ? "receiver \(name.goQuoted) has no integrations: it tells nobody"
                    : "receiver \(name.goQuoted) has no \(integration ?? ""); it has \(ids)")
        }
        let (templates, problems) = NotificationTemplates.load(
            configuration, files: surroundings.files)
        if !problems.isEmpty { throw Problems(problems) }
        self.receiver = receiver
        integrations = chosen
        self.templates = templates
        self.surroundings = surroundings
    }

    /// Sends to each integration, one after the other, and says what went over the wire. True where
    /// everything was taken.
    public func run(
        _ content: Content, over transport: any Transporting, report: (String) -> Void
    ) async -> Bool {
        var taken = 0
        for integration in integrations {
            report("\(integration.id) of \(receiver.name)")
            if await deliver(content, to: integration, over: transport, report) { taken += 1 }
            report("")
        }
        report("\(taken) of \(integrations.count) took it")
        return taken == integrations.count
    }

    /// Says what would be sent, without sending or reading secrets. True where all can be made.
    public func rehearse(_ content: Content, report: (String) -> Void) -> Bool {
        var made = 0
        for integration in integrations {
            report("\(integration.id) of \(receiver.name)")
            do {
                let rendered = try make(integration).render(
                    data(content, integration, isResolved: false))
                report("to \(rendered.destination)\n\n\(rendered.request)\n")
                made += 1
            } catch {
                report("cannot be made: \(error)\n")
            }
        }
        return made == integrations.count
    }

    private func deliver(
        _ content: Content, to configuration: IntegrationConfiguration,
        over transport: any Transporting, _ report: (String) -> Void
    ) async -> Bool {
        let recorder = ExchangeRecorder(transport, Redactor(secrets(of: configuration)))
        let integration = make(configuration)
        if let problem = await integration.problem() {
            report("not sent: \(problem)")
            return false
        }
        var memory: [String: String]?
        for isResolved in content.isResolved ? [false, true] : [false] {
            if isResolved, !configuration.sendResolved {
                report("\"resolved\" is not sent: send_resolved is false")
                continue
            }
            var data = data(content, configuration, isResolved: isResolved)
            data.memory = memory
            let outcome = await integration.deliver(data, transport: recorder)
            for line in recorder.take() { report(line) }
            switch outcome {
            case .delivered(let detail, let remembered):
                memory = remembered ?? memory
                report(detail.isEmpty ? "delivered" : "delivered: \(recorder.redacted(detail))")
            case .retry(_, let reason, _):
                report("NOT DELIVERED, would be tried again: \(recorder.redacted(reason))")
                return false
            case .unmade(let reason):
                report("COULD NOT BE MADE: \(recorder.redacted(reason))")
                return false
            case .failed(let reason):
                report("REFUSED: \(recorder.redacted(reason))")
                return false
            }
        }
        return true
    }

    private func make(_ configuration: IntegrationConfiguration) -> any Integration {
        Receivers.integration(configuration, templates: templates, in: surroundings)
    }

    private func data(
        _ content: Content, _ configuration: IntegrationConfiguration, isResolved: Bool
    ) -> NotificationData {
        var data = SampleNotification.single(
            labels: content.labels, annotations: content.annotations, isResolved: isResolved,
            receiver: receiver.name, at: surroundings.wallClock(), externalURL: content.externalURL)
        data.integration = configuration.kind.name
        data.index = configuration.index
        return data
    }

    /// The secrets as they are now. Those that cannot be read are what the attempt will fail on.
    private func secrets(of configuration: IntegrationConfiguration) -> [String] {
        configuration.kind.settings.secrets.compactMap { secret in
            try? secret.reveal { path in
                String(decoding: try surroundings.files.read(path), as: UTF8.self)
            }
        }
    }
}
