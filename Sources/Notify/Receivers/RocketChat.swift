import Configuration
import Foundation
import HTTPClient
import Model
import Transport

/// A user's message through Rocket.Chat's API.
extension RocketChatConfiguration: WebService {
    /// The longest title, and the longest of the other texts.
    static let maximumTitleCharacters = 1024
    static let maximumTextCharacters = 40_000
    private static let textSize = TextSize.characters(maximumTextCharacters)

    func request(_ message: Message) throws -> HTTPRequest {
        let render = message.render
        var object = try render.texts([
            "channel": "channel", "emoji": "emoji", "avatar": "icon_url",
        ])
        object.append(("attachments", .array([.object(try attachment(render))])))
        var request = HTTPRequest.json(
            to: url.appendingPath("api/v1/chat.postMessage"), .object(object))
        request.headers += [
            HTTPRequest.Header("X-Auth-Token", try message.reveal(token)),
            HTTPRequest.Header("X-User-Id", try message.reveal(tokenID)),
        ]
        return request
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        let lines = try ["title", "text"].map { name in
            try message.render(name, RocketChatConfiguration.textSize)
        }
        return (
            try message.render("channel"), lines.filter { !$0.isEmpty }.joined(separator: "\n")
        )
    }

    private func attachment(_ render: Rendering) throws -> [(String, JSONValue)] {
        var object: [(String, JSONValue)] = []
        let size = RocketChatConfiguration.textSize
        object += try render.texts(
            ["title"], .characters(RocketChatConfiguration.maximumTitleCharacters))
        object += try render.texts(["title_link", "text", "image_url", "thumb_url", "color"], size)
        var shownFields: [JSONValue] = []
        for (index, field) in fields.enumerated() {
            shownFields.append(
                .object(
                    [("short", .bool(field.short ?? shortFields))]
                        + (try render.texts(["title", "value"], in: "fields[\(index)].", size))))
        }
        if !shownFields.isEmpty { object.append(("fields", .array(shownFields))) }
        var buttons: [JSONValue] = []
        for index in actions.indices {
            let shown = try render.texts(
                ["text", "url", "msg"], in: "actions[\(index)].", size)
            if render.notes.hasFailed("actions[\(index)].url") { continue }
            buttons.append(.object([("type", .string("button"))] + shown))
        }
        if !buttons.isEmpty { object.append(("actions", .array(buttons))) }
        return object
    }

    // MARK: The answer

    private struct Answer: Decodable {
        var success: Bool?
        var error: String?
    }

    /// Rocket.Chat answers errors with 200 too.
    func outcome(of response: HTTPResponse, _ message: Message) -> DeliveryOutcome {
        let outcome = DeliveryOutcome.classify(response, at: message.data.now)
            .about("channel \(((try? message.render("channel")) ?? channel).goQuoted)")
        guard case .delivered = outcome else { return outcome }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)) else {
            return .retry(
                reason: "could not read the answer" + response.excerpt,
                mayHaveArrived: true)
        }
        if answer.success == true { return outcome }
        let reason = "error response from Rocketchat: \(answer.error ?? "unknown")"
        return reason.contains("too-many-requests")
            ? .retry(reason: reason) : .failed(reason: reason)
    }
}
