import Configuration
import Foundation
import HTTPClient
import Model
import Transport

/// An issue in Jira for each group, found again by a label with the group's hash.
extension JiraConfiguration: WebService {
    /// The longest texts that Jira takes.
    static let maximumSummaryCharacters = 255
    static let maximumDescriptionCharacters = 32_767

    func request(_ message: Message) throws -> HTTPRequest {
        prepared(
            .json(
                to: url.appendingPath("issue"),
                .object([("fields", .object(try fields(message, isNew: true)))])))
    }

    func deliver(_ message: Message, over connection: ReceiverConnection) async throws
        -> DeliveryOutcome
    {
        let found = try await connection.require(try search(message))
        guard let result = try? JSONDecoder().decode(Found.self, from: Data(found.body)) else {
            throw ReceiverError(
                "failed to look up existing issues: \(found.excerpt)")
        }
        guard let issue = result.issues.first else {
            // There is nothing to be resolved.
            if !message.isFiring { return .delivered(detail: "no open issue") }
            let response = try await connection.require(try request(message))
            return .classify(response, at: message.data.now)
        }
        let response = try await connection.require(
            prepared(
                .json(
                    to: url.appendingPath("issue/\(issue.key.pathEscaped)"), method: "PUT",
                    .object([("fields", .object(try fields(message, isNew: false)))]))))
        try await move(issue, message, connection)
        return .classify(response, at: message.data.now)
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        (
            "\(url) \(try message.render("project"))",
            "\(try summary(message))\n\(try describe(message.render))"
        )
    }

    private func prepared(_ request: HTTPRequest) -> HTTPRequest {
        var request = request
        // Names of states come in the user's language otherwise.
        request.headers.append(HTTPRequest.Header("Accept-Language", "en"))
        return request
    }

    // MARK: The issue

    private var speaksDocuments: Bool {
        let path = url.pathOfURL
        return path.hasSuffix("/3") || path.hasSuffix("/3/")
    }

    private func label(_ message: Message) -> String { "ALERT{\(message.groupHash)}" }

    private func summary(_ message: Message) throws -> String {
        try message.render(
            "summary", .characters(JiraConfiguration.maximumSummaryCharacters))
    }

    /// What the user says under `fields` wins over what stands here.
    private func fields(_ message: Message, isNew: Bool) throws -> [(String, JSONValue)] {
        let render = message.render
        var object: [(String, JSONValue)] = [
            ("project", .object([("key", .string(try render("project")))])),
            ("issuetype", .object([("name", .string(try render("issue_type")))])),
        ]
        if isNew || summary.isUpdated {
            object.append(("summary", .string(try summary(message))))
        }
        if isNew || description.isUpdated, let text = try shownDescription(render) {
            object.append(("description", text))
        }
        if isNew || updatesLabels {
            let all =
                try labels.indices.map { try render("labels[\($0)]") }.filter { !$0.isEmpty }
                + [label(message)]
            object.append(
                (
                    "labels",
                    .array(all.sorted { $0.byteOrder($1) < 0 }.map { .string($0) })
                ))
        }
        let priority = try render("priority")
        if !priority.isEmpty {
            object.append(("priority", .object([("name", .string(priority))])))
        }
        for field in self.fields {
            object.removeAll { $0.0 == field.key }
            object.append((field.key, try render.value(field.value, "fields.\(field.key)")))
        }
        return object
    }

    /// A text; for version 3 of the API a document, which a template may write itself.
    private func shownDescription(_ render: Rendering) throws -> JSONValue? {
        let text = try describe(render)
        if !speaksDocuments { return text.isEmpty ? nil : .string(text) }
        let trimmed = text.trimmingWhitespace
        if trimmed.isEmpty { return nil }
        if trimmed.hasPrefix("{"), let document = JSONValue(parsing: trimmed) { return document }
        return JiraDocument.of(trimmed)
    }

    private func describe(_ render: Rendering) throws -> String {
        try render("description", .characters(JiraConfiguration.maximumDescriptionCharacters))
    }

    // MARK: Finding it

    private struct Found: Decodable {
        var issues: [Issue]
    }

    private struct Issue: Decodable {
        struct Fields: Decodable { var status: Status? }
        struct Status: Decodable { var statusCategory: Category? }
        struct Category: Decodable { var key: String? }

        var key: String
        var fields: Fields?

        var isDone: Bool? { fields?.status?.statusCategory?.key.map { $0 == "done" } }
    }

    private func search(_ message: Message) throws -> HTTPRequest {
        var query = ""
        if !wontFixResolution.isEmpty {
            query += "(resolution is EMPTY OR resolution != \(wontFixResolution.goQuoted)) and "
        }
        let minutes = reopenDuration.value / 60_000
        query +=
            message.isFiring && !reopenTransition.isEmpty && minutes > 0
            ? "(resolutiondate is EMPTY OR resolutiondate >= -\(minutes)m) and "
            : "statusCategory != Done and "
        let project = try message.render("project")
        query += "project=\(project.goQuoted) and labels=\(label(message).goQuoted)"
        query += " order by status ASC,resolutiondate DESC"
        return prepared(
            .json(
                to: searchURL,
                .object([
                    ("jql", .string(query)), ("maxResults", .int(2)),
                    ("fields", .array([.string("status")])),
                ])))
    }

    /// The cloud has another way to search than what people run themselves.
    private var searchURL: String {
        let host = ReceiverURL.host(of: url)
        let isCloud =
            product == .cloud || product == .automatic && host.hasSuffix("atlassian.net")
        if !isCloud { return url.appendingPath("search") }
        return url.appendingPath("search/jql").replacing(
            "/rest/api/2/", with: "/rest/api/3/", maxReplacements: 1)
    }

    // MARK: Moving it

    private struct Transitions: Decodable {
        struct Transition: Decodable {
            var id: String
            var name: String
        }

        var transitions: [Transition]
    }

    /// Opens a closed issue again while the group fires, and closes it when that is over.
    private func move(_ issue: Issue, _ message: Message, _ connection: ReceiverConnection)
        async throws
    {
        guard let isDone = issue.isDone, isDone == message.isFiring else { return }
        let name = message.isFiring ? reopenTransition : resolveTransition
        if name.isEmpty { return }
        let place = url.appendingPath("issue/\(issue.key.pathEscaped)/transitions")
        let response = try await connection.require(prepared(HTTPRequest(url: place)))
        let known = try? JSONDecoder().decode(Transitions.self, from: Data(response.body))
        guard let transition = known?.transitions.first(where: { $0.name == name }) else {
            throw DeliveryFailure(
                outcome: .failed(reason: "can't find transition \(name) for issue \(issue.key)"))
        }
        _ = try await connection.require(
            prepared(
                .json(
                    to: place,
                    .object([("transition", .object([("id", .string(transition.id))]))]))))
    }
}

/// Atlassian's document format: a text in paragraphs.
private enum JiraDocument {
    static func of(_ text: String) -> JSONValue {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        let paragraphs = lines.map { line -> JSONValue in
            .object([
                ("type", .string("paragraph")),
                (
                    "content",
                    .array([
                        .object([("type", .string("text")), ("text", .string(String(line)))])
                    ])
                ),
            ])
        }
        return .object([
            ("type", .string("doc")), ("version", .int(1)), ("content", .array(paragraphs)),
        ])
    }
}
