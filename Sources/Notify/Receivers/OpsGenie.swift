import Configuration
import Model
import Transport

/// OpsGenie's alert API: an alert for each group, under the group's hash as its alias.
extension OpsGenieConfiguration: WebService {
    /// The longest texts that OpsGenie takes.
    static let maximumMessageCharacters = 130
    static let maximumDescriptionCharacters = 15_000
    static let maximumNoteCharacters = 25_000

    func request(_ message: Message) throws -> HTTPRequest {
        let key = try key(message)
        return try message.isFiring ? create(message, key) : close(message, key)
    }

    func deliver(_ message: Message, over connection: ReceiverConnection) async throws
        -> DeliveryOutcome
    {
        let response = try await connection.require(request(message))
        if message.isFiring, updatesAlerts {
            let key = try key(message)
            for part in [("message", try text(message)), ("description", try detail(message))] {
                // Neither is known to OpsGenie where it is empty.
                if part.1.isEmpty { continue }
                _ = try await connection.require(
                    authorized(
                        .json(
                            to: place(message, part.0), method: "PUT",
                            .object([(part.0, .string(part.1))])), key))
            }
        }
        return .classify(response, at: message.data.now)
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        (url, "\(message.isFiring ? "create" : "close"): \(try text(message))")
    }

    // MARK: Requests

    private func create(_ message: Message, _ key: String) throws -> HTTPRequest {
        let render = message.render
        var object: [(String, JSONValue)] = [
            ("alias", .string(message.groupHash)), ("message", .string(try text(message))),
        ]
        let description = try detail(message)
        if !description.isEmpty { object.append(("description", .string(description))) }
        object.append(("details", try shownDetails(message)))
        object.append(("source", .string(try render("source"))))
        let responders = try shownResponders(render)
        if !responders.isEmpty { object.append(("responders", .array(responders))) }
        object += list("tags", try render("tags"))
        object += try render.texts(
            ["note"], .characters(OpsGenieConfiguration.maximumNoteCharacters))
        object += try render.texts(["priority", "entity"])
        object += list("actions", try render("actions"))
        return authorized(.json(to: url.appendingPath("v2/alerts"), .object(object)), key)
    }

    private func close(_ message: Message, _ key: String) throws -> HTTPRequest {
        authorized(
            .json(
                to: place(message, "close"),
                .object([("source", .string(try message.render("source")))])), key)
    }

    private func place(_ message: Message, _ what: String) -> String {
        url.appendingPath(
            "v2/alerts/\(message.groupHash)/\(what)", query: [("identifierType", "alias")])
    }

    private func authorized(_ request: HTTPRequest, _ key: String) -> HTTPRequest {
        var request = request
        request.authorization = .scheme("GenieKey", credentials: key)
        return request
    }

    // MARK: Parts

    private func key(_ message: Message) throws -> String {
        try message.render.secret("api_key", try message.reveal(key))
    }

    private func text(_ message: Message) throws -> String {
        try message.render(
            "message", .characters(OpsGenieConfiguration.maximumMessageCharacters))
    }

    private func detail(_ message: Message) throws -> String {
        try message.render(
            "description", .characters(OpsGenieConfiguration.maximumDescriptionCharacters))
    }

    /// The common labels, and over them what is configured.
    private func shownDetails(_ message: Message) throws -> JSONValue {
        var details: [String: String] = [:]
        for label in message.render.data.commonLabels.sorted { details[label.name] = label.value }
        for detail in self.details {
            details[detail.name] = try message.render("details.\(detail.name)")
        }
        return .object(
            details.sorted { $0.key.byteOrder($1.key) < 0 }.map { ($0.key, .string($0.value)) })
    }

    private func shownResponders(_ render: Rendering) throws -> [JSONValue] {
        var shown: [JSONValue] = []
        for index in responders.indices {
            let place = "responders[\(index)]."
            let name = try render("\(place)name")
            let type = try render("\(place)type")
            if type == "teams" {
                shown += OpsGenieConfiguration.split(name).map { team in
                    .object([("name", .string(team)), ("type", .string("team"))])
                }
                continue
            }
            let who = try render.texts(["id", "name", "username"], in: place)
            // Made of labels that the alerts do not have: nobody.
            if who.isEmpty, type.isEmpty { continue }
            shown.append(.object(who + [("type", .string(type))]))
        }
        return shown
    }

    private func list(_ key: String, _ text: String) -> [(String, JSONValue)] {
        let parts = OpsGenieConfiguration.split(text)
        return parts.isEmpty ? [] : [(key, .array(parts.map { .string($0) }))]
    }

    private static func split(_ text: String) -> [String] {
        text.trimmingWhitespace.split(separator: ",").map(String.init)
    }
}
