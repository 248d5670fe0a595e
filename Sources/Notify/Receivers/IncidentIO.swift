import Configuration
import Foundation
import Model
import Transport

/// An HTTP alert source of incident.io: the alerts as a webhook gets them.
extension IncidentIOConfiguration: WebService {
    /// The largest message that incident.io takes.
    static let maximumMessageBytes = 512 << 10

    func request(_ message: Message) throws -> HTTPRequest {
        var body = payload(message, maximumAlerts).bytes
        // One alert opens the incident; the others only say more of it.
        if body.count > IncidentIOConfiguration.maximumMessageBytes {
            body = payload(message, 1).bytes
        }
        var request = HTTPRequest.json(to: try message.revealURL(url), body)
        if let token { request.authorization = .bearer(try message.reveal(token)) }
        return request
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        (
            url.filePath ?? url.description,
            try message.render.subject()
        )
    }

    private func payload(_ message: Message, _ count: Int) -> JSONValue {
        message.shown(maximumAlerts: count).payload(of: message, version: "1")
    }
}
