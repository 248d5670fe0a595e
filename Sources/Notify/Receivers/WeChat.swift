import Configuration
import Foundation
import HTTPClient
import Model
import Transport

/// An application's message in WeCom, under an access token that is asked for first.
extension WeChatConfiguration: WebService {
    /// The longest text that WeCom shows.
    static let maximumMessageBytes = 2048
    private static let tokenName = "wechat"
    /// Of the token: wrong, invalid, expired.
    private static let tokenErrors: Set<Int> = [40_001, 40_014, 42_001]
    /// Of the moment: the system is busy, or it was asked too often.
    private static let passingErrors: Set<Int> = [-1, 45_009, 45_033, 50_002]

    func request(_ message: Message) throws -> HTTPRequest {
        try request(message, token: "<secret>")
    }

    func deliver(_ message: Message, over connection: ReceiverConnection) async throws
        -> DeliveryOutcome
    {
        var attempt = 0
        while true {
            let token = try await token(message, connection)
            let response = try await connection.send(try request(message, token: token))
            let (outcome, code) = read(response, message)
            guard WeChatConfiguration.tokenErrors.contains(code) else { return outcome }
            connection.tokens.forget(WeChatConfiguration.tokenName)
            attempt += 1
            if attempt > 1 { return outcome }
        }
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        let who = try ["to_user", "to_party", "to_tag"].map { try message.render($0) }
        return (who.filter { !$0.isEmpty }.joined(separator: ", "), try text(message.render))
    }

    private func request(_ message: Message, token: String) throws -> HTTPRequest {
        let render = message.render
        var object = try render.texts([
            "touser": "to_user", "toparty": "to_party", "totag": "to_tag",
        ])
        let agent = try render("agent_id")
        if !agent.isEmpty {
            object.append(("agentid", Int64(agent).map { .int($0) } ?? .string(agent)))
        }
        let type = isMarkdown ? "markdown" : "text"
        let text = JSONValue.string(try text(render))
        object += [
            ("msgtype", .string(type)), (type, .object([("content", text)])), ("safe", .int(0)),
        ]
        return .json(
            to: url.appendingPath("message/send", query: [("access_token", token)]),
            .object(object))
    }

    private func text(_ render: Rendering) throws -> String {
        try render("message", .bytes(WeChatConfiguration.maximumMessageBytes))
    }

    // MARK: Answers

    private struct Answer: Decodable {
        var errcode: Int?
        var errmsg: String?
        var access_token: String?
        var expires_in: Double?
    }

    private func token(_ message: Message, _ connection: ReceiverConnection) async throws -> String
    {
        if let token = connection.tokens.token(WeChatConfiguration.tokenName) { return token }
        let corporation = try message.render("corp_id")
        let response = try await connection.require(
            HTTPRequest(
                url: url.appendingPath(
                    "gettoken",
                    query: [
                        ("corpid", corporation),
                        (
                            "corpsecret",
                            try message.render.secret("api_secret", try message.reveal(secret))
                        ),
                    ])))
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body))
        guard let token = answer?.access_token, !token.isEmpty else {
            let reason = answer?.errmsg.map { ": \($0)" } ?? ""
            if WeChatConfiguration.passingErrors.contains(answer?.errcode ?? 0) {
                throw DeliveryFailure(outcome: .retry(reason: "no access token" + reason))
            }
            throw DeliveryFailure(
                outcome: .failed(
                    reason: "invalid APISecret for CorpID: \(corporation)\(reason)"))
        }
        connection.tokens.keep(
            WeChatConfiguration.tokenName, token, forSeconds: answer?.expires_in ?? 7200)
        return token
    }

    func outcome(of response: HTTPResponse, _ message: Message) -> DeliveryOutcome {
        read(response, message).outcome
    }

    /// WeCom answers errors with 200; whatever is no 200 is tried again.
    private func read(
        _ response: HTTPResponse, _ message: Message
    ) -> (outcome: DeliveryOutcome, code: Int) {
        if response.status != 200 {
            return (
                .classify(response, at: message.data.now, retrying: [response.status]), 0
            )
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)),
            let code = answer.errcode
        else {
            return (
                .retry(
                    reason: "could not read the answer" + response.excerpt,
                    mayHaveArrived: true), 0
            )
        }
        if code == 0 { return (.classify(response, at: message.data.now), 0) }
        let reason = "error \(code): \(answer.errmsg ?? "")"
        let passes =
            WeChatConfiguration.tokenErrors.contains(code)
            || WeChatConfiguration.passingErrors.contains(code)
        return (passes ? .retry(reason: reason) : .failed(reason: reason), code)
    }
}
