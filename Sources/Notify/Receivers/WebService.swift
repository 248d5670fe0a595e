import Configuration
import Crypto
import HTTPClient
import Logging
import Model
import Transport

/// A kind of receiver that is told over HTTP.
///
/// Most are one request and one answer: these say what the request is. Others say how the whole
/// delivery goes.
protocol WebService: ReceiverSettings {
    var client: HTTPClientConfiguration { get }
    /// How long one request may take; zero: `HTTPRequest.receiverTimeout`.
    var timeout: Milliseconds { get }
    /// What is sent first, or alone.
    func request(_ message: Message) throws -> HTTPRequest
    /// What the answer means.
    func outcome(of response: HTTPResponse, _ message: Message) -> DeliveryOutcome
    /// The whole delivery. What it throws says why there is nothing to send, but for `DeliveryFailure`.
    func deliver(_ message: Message, over connection: ReceiverConnection) async throws
        -> DeliveryOutcome
    /// Where it goes and what a person reads.
    func reading(_ message: Message) throws -> (destination: String, text: String)
}

extension WebService {
    var timeout: Milliseconds { .zero }

    func outcome(of response: HTTPResponse, _ message: Message) -> DeliveryOutcome {
        .classify(response, at: message.data.now)
    }

    func deliver(_ message: Message, over connection: ReceiverConnection) async throws
        -> DeliveryOutcome
    {
        outcome(of: try await connection.send(try request(message)), message)
    }
}

/// One notification for one receiver: its texts, and the secrets it needs.
struct Message {
    let data: NotificationData
    let render: Rendering
    let secrets: SecretFiles

    init(_ data: NotificationData, _ render: Rendering, _ secrets: SecretFiles) {
        self.data = data
        self.secrets = secrets
        self.render = render
    }

    /// The alerts that a program is told, up to `maximumAlerts` (0: all of them): fewer than there are
    /// only where the receiver has refused a larger message.
    func shown(maximumAlerts: Int) -> TemplateData {
        let wanted = maximumAlerts > 0 ? maximumAlerts : data.alerts.count
        let room = render.budget?.alerts(of: data.alerts.count) ?? wanted
        return TemplateData(data, maximumAlerts: min(wanted, room))
    }

    var isFiring: Bool { data.status == .firing }

    /// What receivers know the group by: as long for every group, and the same every time.
    var groupHash: String { SHA256.hex(data.groupKey) }

    func reveal(_ secret: Secret) throws(SecretFiles.Missing) -> String {
        try secrets.reveal(secret)
    }

    func revealURL(_ secret: Secret) throws(SecretFiles.Missing) -> String {
        try secrets.revealURL(secret)
    }
}

/// The receiver takes messages, but none of this size.
struct TooLarge: Error {
    let bytes: Int
    let outcome: DeliveryOutcome
}

/// A delivery that ended before its end.
struct DeliveryFailure: Error {
    let outcome: DeliveryOutcome
}

/// An integration made of settings and what all of them share.
struct WebIntegration<Service: WebService>: Integration {
    let service: Service
    let sendResolved: Bool
    let templates: NotificationTemplates
    let surroundings: ReceiverSurroundings
    /// Where it is configured.
    let place: SourcePlace
    // As long as the integration lives.
    private let client: ConfiguredClient
    private let tokens = TokenStore()

    init(
        _ service: Service, sendResolved: Bool, templates: NotificationTemplates,
        in surroundings: ReceiverSurroundings, at place: SourcePlace
    ) {
        self.service = service
        self.sendResolved = sendResolved
        self.templates = templates
        self.surroundings = surroundings
        self.place = place
        client = ConfiguredClient(service.client, files: surroundings.files)
    }

    var name: String { Service.kind }

    private var secrets: SecretFiles { SecretFiles(surroundings.files) }

    func problem() async -> String? {
        secrets.problem(service.secrets, urls: service.secretURLs)
    }

    func deliver(
        _ data: NotificationData, transport: any Transporting
    ) async -> DeliveryOutcome {
        let connection = ReceiverConnection(
            client: client, timeout: service.timeout, secrets: secrets, tokens: tokens,
            surroundings: surroundings, transport: transport, flush: data.now)
        let shown = TemplateData(data)
        var budget: MessageBudget?
        while true {
            let render = Rendering(templates, shown, service.templates, budget: budget)
            defer {
                RenderingReporter(logger: surroundings.logger, place: place)
                    .report(render.notes, data)
            }
            do {
                return try await service.deliver(Message(data, render, secrets), over: connection)
            } catch let refusal as TooLarge {
                budget = MessageBudget(refusedBytes: refusal.bytes, after: budget)
                render.notes.add(.refused(refusal.bytes))
                if budget == nil { return refusal.outcome }
            } catch let failure as DeliveryFailure {
                return failure.outcome
            } catch {
                return .unmade(reason: "\(error)")
            }
        }
    }

    func render(_ data: NotificationData) throws -> RenderedNotification {
        let render = Rendering(templates, TemplateData(data), service.templates)
        let message = Message(data, render, .hidden)
        let (destination, text) = try service.reading(message)
        let body = try service.request(message).body ?? []
        if let failure = render.notes.failure { throw failure }
        return RenderedNotification(
            integration: name, destination: destination, text: text,
            request: String(decoding: body, as: UTF8.self))
    }
}

/// What receivers have around them.
public struct ReceiverSurroundings: Sendable {
    /// Where secrets are read from.
    public var files: FileAccess
    /// The environment's variables, where Amazon's credentials may stand.
    public var environment: [String: String]
    /// The time as the world has it, which signatures are made of: a notification may be older.
    public var wallClock: @Sendable () -> Timestamp
    /// Told of templates that fail and of texts that are shortened.
    public var logger: Logger

    /// Surroundings.
    public init(
        files: FileAccess, environment: [String: String] = [:],
        logger: Logger = Logger(label: "notify"), wallClock: @escaping @Sendable () -> Timestamp
    ) {
        self.logger = logger
        self.files = files
        self.environment = environment
        self.wallClock = wallClock
    }
}
