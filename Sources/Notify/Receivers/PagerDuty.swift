import Configuration
import Crypto
import Model
import Transport

/// PagerDuty: the Events API v2, and the older interface behind a service key.
extension PagerDutyConfiguration: WebService {
    /// The longest summary that PagerDuty takes.
    static let maximumSummaryCharacters = 1024
    /// The largest event that PagerDuty takes.
    static let maximumEventBytes = 512_000
    private static let legacyURL =
        "https://events.pagerduty.com/generic/2010-04-15/create_event.json"

    private var isLegacy: Bool {
        if case .service = key { true } else { false }
    }

    func request(_ message: Message) throws -> HTTPRequest {
        let key = try message.render.secret(
            isLegacy ? "service_key" : "routing_key", try message.reveal(secretKey))
        if key.isEmpty {
            throw ReceiverError("\(isLegacy ? "service" : "routing") key cannot be empty")
        }
        return .json(
            to: isLegacy ? PagerDutyConfiguration.legacyURL : url,
            try event(message.data, message.render, key: key))
    }

    /// The older interface says 403 where it is asked too often.
    func outcome(of response: HTTPResponse, _ message: Message) -> DeliveryOutcome {
        .classify(response, at: message.data.now, retrying: isLegacy ? [403] : [])
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        let action = message.isFiring ? "trigger" : "resolve"
        return (
            isLegacy ? "service" : url, "\(action): \(try summary(message.render))"
        )
    }

    // MARK: The event

    private func event(
        _ data: NotificationData, _ render: Rendering, key: String
    ) throws(ReceiverError) -> JSONValue {
        var rendered: [(String, JSONValue)] = []
        // Details that are larger than an event are removed with the others.
        let size = TextSize.bytes(PagerDutyConfiguration.maximumEventBytes)
        for detail in details {
            let value = try render.value(detail.value, "details.\(detail.name)", size)
            rendered.append((detail.name, value))
        }
        func build(_ details: [(String, JSONValue)]) throws(ReceiverError) -> JSONValue {
            isLegacy
                ? try legacyEvent(data, render, key, details)
                : try currentEvent(data, render, key, details)
        }
        let whole = try build(rendered)
        if whole.bytes.count <= PagerDutyConfiguration.maximumEventBytes { return whole }
        return try build([
            (
                "error",
                .string(
                    "Custom details have been removed because the original event exceeds the "
                        + "maximum size of 512KB")
            )
        ])
    }

    private func currentEvent(
        _ data: NotificationData, _ render: Rendering, _ key: String,
        _ details: [(String, JSONValue)]
    ) throws(ReceiverError) -> JSONValue {
        var object: [(String, JSONValue)] = [
            ("routing_key", .string(key)),
            ("dedup_key", .string(SHA256.hex(data.groupKey))),
            ("event_action", .string(data.status == .firing ? "trigger" : "resolve")),
            ("payload", .object(try payload(render, details))),
        ]
        object += try render.texts(["client", "client_url"])
        var shownImages: [JSONValue] = []
        for index in images.indices {
            let place = "images[\(index)]."
            let source = try render("\(place)src")
            if source.isEmpty { continue }
            shownImages.append(
                .object([
                    ("src", .string(source)), ("alt", .string(try render("\(place)alt"))),
                    ("href", .string(try render("\(place)href"))),
                ]))
        }
        if !shownImages.isEmpty { object.append(("images", .array(shownImages))) }
        var shownLinks: [JSONValue] = []
        for index in links.indices {
            let place = "links[\(index)]."
            let target = try render("\(place)href")
            if target.isEmpty { continue }
            shownLinks.append(
                .object([
                    ("href", .string(target)), ("text", .string(try render("\(place)text"))),
                ]))
        }
        if !shownLinks.isEmpty { object.append(("links", .array(shownLinks))) }
        return .object(object)
    }

    private func payload(
        _ render: Rendering, _ details: [(String, JSONValue)]
    ) throws(ReceiverError) -> [(String, JSONValue)] {
        let source = try render(self.source.isEmpty ? "client" : "source")
        let severity = try render("severity")
        let isUnset = self.severity.isEmpty || render.notes.hasFailed("severity")
        var object: [(String, JSONValue)] = [
            ("summary", .string(try summary(render))),
            ("source", .string(source)),
            ("severity", .string(isUnset ? "error" : severity)),
        ]
        object += try render.texts(["class", "component", "group"])
        if !details.isEmpty { object.append(("custom_details", .object(details))) }
        return object
    }

    private func legacyEvent(
        _ data: NotificationData, _ render: Rendering, _ key: String,
        _ details: [(String, JSONValue)]
    ) throws(ReceiverError) -> JSONValue {
        let isFiring = data.status == .firing
        var object: [(String, JSONValue)] = [
            ("service_key", .string(key)),
            ("incident_key", .string(SHA256.hex(data.groupKey))),
            ("event_type", .string(isFiring ? "trigger" : "resolve")),
            ("description", .string(try summary(render))),
        ]
        if isFiring { object += try render.texts(["client", "client_url"]) }
        if !details.isEmpty { object.append(("details", .object(details))) }
        return .object(object)
    }

    private func summary(_ render: Rendering) throws(ReceiverError) -> String {
        try render(
            "description", .characters(PagerDutyConfiguration.maximumSummaryCharacters))
    }
}
