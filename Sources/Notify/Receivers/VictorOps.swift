import Configuration
import Model
import Transport

/// Splunk On-Call, which was VictorOps: its generic REST endpoint.
extension VictorOpsConfiguration: WebService {
    /// The longest state message that it takes.
    static let maximumMessageCharacters = 20_480
    private static let firingTypes: Set<String> = ["INFO", "WARNING", "CRITICAL"]

    func request(_ message: Message) throws -> HTTPRequest {
        let render = message.render
        let routing = try render("routing_key").pathEscaped
        return .json(
            to: url.appendingPath("\(try message.reveal(key).pathEscaped)/\(routing)"),
            .object(
                [
                    ("message_type", .string(try type(message))),
                    ("entity_id", .string(message.groupHash)),
                    ("entity_display_name", .string(try render("entity_display_name"))),
                    ("state_message", .string(try text(message))),
                    ("monitoring_tool", .string(try render("monitoring_tool"))),
                ]
                    + (try customFields.map {
                        ($0.name, .string(try render("custom_fields.\($0.name)")))
                    })))
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        (
            try message.render("routing_key"),
            "\(try type(message)): \(try message.render("entity_display_name"))\n"
                + (try text(message))
        )
    }

    private func type(_ message: Message) throws -> String {
        if !message.isFiring { return "RECOVERY" }
        let type = try message.render("message_type")
        return VictorOpsConfiguration.firingTypes.contains(type) ? type : "CRITICAL"
    }

    private func text(_ message: Message) throws -> String {
        try message.render(
            "state_message", .characters(VictorOpsConfiguration.maximumMessageCharacters))
    }
}
