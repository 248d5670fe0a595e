import Configuration
import Crypto
import Foundation
import HTTPClient
import Model
import Transport

/// Amazon's Simple Notification Service: `Publish` of its query API, signed.
extension SNSConfiguration: WebService {
    /// The largest message of a topic, and the longest of a telephone.
    static let maximumMessageBytes = 256 << 10
    static let maximumTelephoneBytes = 1600
    /// Amazon refuses a message whose subject has 100 characters.
    static let subjectSize = TextSize.characters(99)

    func request(_ message: Message) throws -> HTTPRequest {
        .form(to: try endpoint(message, region: identity.region), try form(message))
    }

    func deliver(_ message: Message, over connection: ReceiverConnection) async throws
        -> DeliveryOutcome
    {
        let source = AWSCredentialSource(
            identity, client: connection.client,
            in: AWSEnvironment(
                files: connection.surroundings.files,
                variables: connection.surroundings.environment,
                tokens: connection.tokens, wallClock: connection.surroundings.wallClock),
            over: connection.transport)
        let form = try form(message)
        let (region, credentials) = try await credentials(source, connection)
        var request = HTTPRequest.form(to: try endpoint(message, region: region), form)
        request.sign(
            as: credentials, region: region, service: "sns", at: connection.surroundings.wallClock()
        )
        let response = try await connection.send(request)
        // Credentials that were got may have been withdrawn.
        if response.status == 403 { source.forget() }
        return outcome(of: response, message)
    }

    private func credentials(
        _ source: AWSCredentialSource, _ connection: ReceiverConnection
    ) async throws(DeliveryFailure) -> (region: String, AWSCredentials) {
        do throws(AWSCredentialError) {
            let region = try source.region()
            return (region, try await source.credentials(region: region))
        } catch {
            throw DeliveryFailure(outcome: .classify(error, at: connection.flush))
        }
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        let places = try ["topic_arn", "phone_number", "target_arn"].map {
            try message.render($0)
        }
        return (
            places.filter { !$0.isEmpty }.joined(separator: ", "),
            "\(try message.render("subject", SNSConfiguration.subjectSize))\n"
                + (try text(message.render).shown)
        )
    }

    private func endpoint(_ message: Message, region: String) throws -> String {
        let own = try message.render("api_url")
        return own.isEmpty ? "https://sns.\(region).\(AWSPartition.domain(of: region))/" : own
    }

    private func form(_ message: Message) throws -> [(String, String)] {
        let render = message.render
        var form = [("Action", "Publish"), ("Version", "2010-03-31")]
        let topic = try render("topic_arn")
        if !topic.isEmpty { form.append(("TopicArn", topic)) }
        if !phoneNumber.isEmpty { form.append(("PhoneNumber", try render("phone_number"))) }
        if !target.isEmpty { form.append(("TargetArn", try render("target_arn"))) }
        let subject = try render("subject", SNSConfiguration.subjectSize)
        if !subject.isEmpty { form.append(("Subject", subject)) }
        let (text, isCut) = try text(render)
        form.append(("Message", text))
        if topic.hasSuffix(".fifo") {
            form.append(("MessageGroupId", message.groupHash))
            form.append(("MessageDeduplicationId", deduplication(message)))
        }
        var attributes = try shownAttributes(render)
        if isCut {
            attributes.removeAll { $0.0 == "truncated" }
            attributes.append(("truncated", "true"))
        }
        for (index, attribute) in attributes.enumerated() {
            let entry = "MessageAttributes.entry.\(index + 1)"
            form += [
                ("\(entry).Name", attribute.0), ("\(entry).Value.DataType", "String"),
                ("\(entry).Value.StringValue", attribute.1),
            ]
        }
        return form
    }

    private func text(_ render: Rendering) throws -> (shown: String, isCut: Bool) {
        let room =
            phoneNumber.isEmpty
            ? SNSConfiguration.maximumMessageBytes : SNSConfiguration.maximumTelephoneBytes
        // A little more, by which it can be seen that it is cut: the attribute says so, not a mark.
        let whole = try render("message", .bytes(room + 16))
        let shown = SNSConfiguration.cut(whole, toBytes: room)
        return (shown, shown.utf8.count < whole.utf8.count)
    }

    /// Those that could be rendered: Amazon refuses empty ones.
    private func shownAttributes(_ render: Rendering) throws -> [(String, String)] {
        try attributes.compactMap { attribute in
            let key = ReceiverTemplate.key(attribute.name, of: "attributes")
            let value = ReceiverTemplate.value(attribute.name, of: "attributes")
            let shown = (try render(key), try render(value))
            let failed = render.notes.hasFailed(key) || render.notes.hasFailed(value)
            return failed ? nil : shown
        }
    }

    /// A queue drops what repeats a message of the last five minutes: what says the same of the same
    /// alerts, and no "resolved" behind its "firing".
    private func deduplication(_ message: Message) -> String {
        SHA256.hex("\(message.data.groupKey)\n\(message.data.now)\n\(message.data.status.rawValue)")
    }

    /// As many whole characters as fit.
    private static func cut(_ text: String, toBytes count: Int) -> String {
        if text.utf8.count <= count { return text }
        var room = count
        let kept = text.unicodeScalars.prefix { scalar in
            room -= UTF8.width(scalar)
            return room >= 0
        }
        return String(String.UnicodeScalarView(kept))
    }

    /// Amazon says 400 of requests that are too many, and 403 of a clock that is wrong.
    func outcome(of response: HTTPResponse, _ message: Message) -> DeliveryOutcome {
        let text = String(decoding: response.body, as: UTF8.self)
        let passes = ["Throttl", "ThrottlingException", "RequestExpired", "KMSThrottling"]
            .contains { text.contains("<Code>\($0)") }
        return .classify(
            response, at: message.data.now, retrying: passes ? [response.status] : [])
    }
}
