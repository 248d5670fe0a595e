import HTTPClient
import Model
import Synchronization
import Testing
import Transport

/// Requests to Amazon are sent again as its own libraries do.
struct AWSRetryTests {
    /// Answers in turn, the last one again and again, and notes what was waited.
    final class Amazon: Transporting {
        typealias Answer = Result<HTTPResponse, TransportError>

        let answers: Mutex<[Answer]>
        let requests = Mutex(0)
        let pauses = Mutex<[Milliseconds]>([])

        init(_ answers: [Answer]) { self.answers = Mutex(answers) }

        func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            requests.withLock { $0 += 1 }
            return try answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }.get()
        }

        func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
            throw TransportError(.invalidRequest, "no mail here")
        }

        func retry(jitter: Double = 0.5, isCancelled: Bool = false) -> AWSRetry {
            AWSRetry(
                over: self,
                in: AWSEnvironment(
                    files: .memory([:]), variables: [:], tokens: TokenStore(),
                    wallClock: { Timestamp(milliseconds: 0) },
                    pause: { pause in
                        if isCancelled { throw CancellationError() }
                        self.pauses.withLock { $0.append(pause) }
                    }, jitter: { jitter }))
        }
    }

    private static let request = HTTPRequest(url: "https://ec2.x/")

    static func answer(
        _ status: Int, _ body: String = "", type: String = ""
    ) -> Amazon.Answer {
        .success(
            HTTPResponse(
                status: status, headers: type.isEmpty ? [] : [.init("x-amzn-ErrorType", type)],
                body: Array(body.utf8)))
    }

    @Test(arguments: [
        answer(429), answer(500), answer(502), answer(503), answer(504),
        answer(400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"),
        answer(503, "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors>"),
        answer(400, #"{"__type":"com.amazonaws.ecs#ThrottlingException","message":"Rate"}"#),
        answer(400, #"{"code" : "TooManyRequestsException"}"#),
        answer(400, "{}", type: "TooManyRequestsException:http://internal.amazon.com/"),
        .failure(TransportError(.connect, "refused")),
        .failure(TransportError(.protocolError, "hung up")),
    ])
    func whatPassesIsSentAgain(answer: Amazon.Answer) async throws {
        let amazon = Amazon([answer, answer, Self.answer(200, "done")])
        let response = try await amazon.retry().send(Self.request)
        #expect(response.status == 200)
        #expect(amazon.requests.withLock { $0 } == 3)
        #expect(amazon.pauses.withLock { $0 } == [Milliseconds(500), .seconds(1)])
    }

    @Test(arguments: [
        answer(200, "<Code>Throttling</Code>"), answer(403, "<Code>AuthFailure</Code>"),
        answer(400, #"{"__type":"ClusterNotFoundException"}"#), answer(404), answer(501),
        answer(400, #"{"__type":5,"x":"ThrottlingException"}"#),
        answer(400, "<Code>Throttling"), answer(400, #"{"__type""#),
    ])
    func whatStaysIsNot(answer: Amazon.Answer) async throws {
        let amazon = Amazon([answer, Self.answer(200, "done")])
        let response = try await amazon.retry().send(Self.request)
        #expect(response.status == (try answer.get()).status)
        #expect(amazon.requests.withLock { $0 } == 1)
    }

    @Test func whatIsOfNoUseLaterIsNot() async {
        for kind in [TransportError.Kind.timeout, .tls, .tooLarge(limit: 1), .cancelled] {
            let amazon = Amazon([.failure(TransportError(kind, "no"))])
            await #expect(throws: TransportError(kind, "no")) {
                try await amazon.retry().send(Self.request)
            }
            #expect(amazon.requests.withLock { $0 } == 1)
        }
    }

    @Test func theMachineThatIsNoneIsAskedOnce() async {
        let amazon = Amazon([.failure(TransportError(.connect, "refused"))])
        await #expect(throws: TransportError.self) {
            try await amazon.retry().send(HTTPRequest(url: "http://169.254.169.254/latest/"))
        }
        #expect(amazon.requests.withLock { $0 } == 1)
    }

    @Test func theLastAnswerIsTheAnswer() async throws {
        let amazon = Amazon([Self.answer(503, "first"), Self.answer(429, "last")])
        let response = try await amazon.retry().send(Self.request)
        #expect(response.status == 429 && amazon.requests.withLock { $0 } == 3)
        #expect(amazon.requests.withLock { $0 } == AWSRetry.maximumAttempts)
    }

    @Test(arguments: [(0.0, 0, 0), (1.0, 1000, 2000), (7.0, 1000, 2000), (-1.0, 0, 0)])
    func pausesStayInTheirBounds(jitter: Double, first: Int64, second: Int64) async throws {
        let amazon = Amazon([Self.answer(503)])
        _ = try await amazon.retry(jitter: jitter).send(Self.request)
        #expect(
            amazon.pauses.withLock { $0 } == [Milliseconds(first), Milliseconds(second)])
    }

    @Test func whoeverIsCancelledDoesNotAskAgain() async throws {
        let amazon = Amazon([Self.answer(503), Self.answer(200)])
        let response = try await amazon.retry(isCancelled: true).send(Self.request)
        #expect(response.status == 503 && amazon.requests.withLock { $0 } == 1)
    }

    /// What is left for repeating is used up by requests that fail, and comes back with those that do not.
    @Test func whenAllFailsRequestsAreNotRepeatedForEver() async throws {
        let amazon = Amazon([Self.answer(503)])
        let retry = amazon.retry()
        for _ in 0..<50 { _ = try await retry.send(Self.request) }
        #expect(amazon.requests.withLock { $0 } == 150)
        _ = try await retry.send(Self.request)
        #expect(amazon.requests.withLock { $0 } == 151)
        amazon.answers.withLock { $0 = [Self.answer(200)] }
        for _ in 0..<5 { _ = try await retry.send(Self.request) }
        amazon.answers.withLock { $0 = [Self.answer(503)] }
        _ = try await retry.send(Self.request)
        #expect(amazon.requests.withLock { $0 } == 158)
    }
}
