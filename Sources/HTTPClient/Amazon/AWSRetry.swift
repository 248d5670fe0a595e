import Model
import Synchronization
import Transport

/// Sends requests to Amazon again where the answer says "later", as the standard mode of Amazon's own
/// libraries does: few attempts with growing pauses, and none once too many requests had to be repeated.
public final class AWSRetry: Transporting {
    /// How often a request is sent at most.
    public static let maximumAttempts = 3
    /// The longest pause before it is sent again.
    public static let maximumBackoff = Milliseconds.seconds(20)
    /// What sending again takes of what is left for it; an answer gives it back.
    static let cost = 5
    /// What is left for it at the start, and at most.
    static let capacity = 500

    /// Amazon's names for "too many requests", and for passing faults.
    private static let codes: Set<String> = [
        "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException",
        "PriorRequestNotComplete", "ProvisionedThroughputExceededException",
        "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "RequestTimeout",
        "RequestTimeoutException", "SlowDown", "ThrottledException", "Throttling",
        "ThrottlingException", "TooManyRequestsException", "TransactionInProgressException",
    ]
    private static let statuses: Set<Int> = [429, 500, 502, 503, 504]

    private let transport: any Transporting
    private let world: AWSEnvironment
    private let quota = Mutex(AWSRetry.capacity)

    /// Sends over `transport`.
    public init(over transport: any Transporting, in world: AWSEnvironment) {
        self.transport = transport
        self.world = world
    }

    public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        var spent = 0
        for attempt in 1..<Self.maximumAttempts {
            let answer = await once(request)
            guard Self.isPassing(answer, to: request) else {
                giveBack(max(spent, 1))
                return try answer.get()
            }
            guard take(Self.cost) else { return try answer.get() }
            spent = Self.cost
            let pause = Self.backoff(afterAttempt: attempt, jitter: world.jitter())
            do { try await world.pause(pause) } catch { return try answer.get() }
        }
        let answer = await once(request)
        if !Self.isPassing(answer, to: request) { giveBack(max(spent, 1)) }
        return try answer.get()
    }

    public func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream {
        try await transport.stream(request)
    }

    public func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
        try await transport.send(mail)
    }

    private func once(_ request: HTTPRequest) async -> Result<HTTPResponse, TransportError> {
        do throws(TransportError) {
            return .success(try await transport.send(request))
        } catch {
            return .failure(error)
        }
    }

    private func take(_ cost: Int) -> Bool {
        quota.withLock { quota in
            if quota < cost { return false }
            quota -= cost
            return true
        }
    }

    private func giveBack(_ cost: Int) {
        quota.withLock { $0 = min($0 + cost, Self.capacity) }
    }

    /// Up to 1 s, 2 s, 4 s … scaled by a random number, so that many do not come back at once.
    static func backoff(afterAttempt attempt: Int, jitter: Double) -> Milliseconds {
        let doublings = min(max(attempt - 1, 0), 16)
        let whole = min(Milliseconds(1000 << Int64(doublings)), maximumBackoff)
        return Milliseconds(Int64(Double(whole.value) * min(max(jitter, 0), 1)))
    }

    // MARK: What passes

    private static func isPassing(
        _ answer: Result<HTTPResponse, TransportError>, to request: HTTPRequest
    ) -> Bool {
        switch answer {
        case .success(let response): isPassing(response)
        // Whoever is not at an address of the machine's own link does not come later.
        case .failure(let error):
            [.connect, .protocolError].contains(error.kind)
                && !request.url.hasPrefix(AWSCredentialSource.machine)
        }
    }

    /// Whether the same request may be answered later.
    static func isPassing(_ response: HTTPResponse) -> Bool {
        if (200..<300).contains(response.status) { return false }
        return statuses.contains(response.status) || code(of: response).map(codes.contains) ?? false
    }

    /// What Amazon calls an error: in a header, in JSON or in XML.
    private static func code(of response: HTTPResponse) -> String? {
        let header = response.header("x-amzn-errortype")
        let text = String(decoding: response.body.prefix(4096), as: UTF8.self)
        let written =
            header ?? field("__type", of: text) ?? field("code", of: text) ?? element(text)
        // `aws.protocol#Code:http://…`
        return written?.split(separator: "#").last?.split(separator: ":").first.map(String.init)
    }

    private static func element(_ text: String) -> String? {
        guard let start = text.firstRange(of: "<Code>")?.upperBound,
            let end = text[start...].firstRange(of: "</Code>")?.lowerBound
        else { return nil }
        return String(text[start..<end]).trimmingWhitespace
    }

    private static func field(_ name: String, of text: String) -> String? {
        guard let key = text.firstRange(of: "\"\(name)\"")?.upperBound else { return nil }
        let parts = text[key...].split(separator: "\"", maxSplits: 2)
        guard parts.count > 1, parts[0].allSatisfy({ $0 == ":" || $0.isWhitespace }) else {
            return nil
        }
        return String(parts[1])
    }
}
