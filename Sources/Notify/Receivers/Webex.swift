import Configuration
import Model
import Transport

/// A bot's message in a room of Webex.
extension WebexConfiguration: WebService {
    /// The longest message that Webex takes.
    static let maximumMessageBytes = 7439

    func request(_ message: Message) throws -> HTTPRequest {
        .json(
            to: url,
            .object(
                [("markdown", .string(try text(message)))]
                    + (try message.render.texts(["roomId": "room_id"]))))
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        (try message.render("room_id"), try text(message))
    }

    private func text(_ message: Message) throws -> String {
        try message.render("message", .bytes(WebexConfiguration.maximumMessageBytes))
    }
}
