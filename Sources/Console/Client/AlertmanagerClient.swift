import Foundation
import Model
import Transport

/// Asks a daemon (or an Alertmanager) under `/api/v2`.
public struct AlertmanagerClient: Sendable {
    private let base: String
    private let transport: any Transporting

    /// For the program at `url`, which may have a path.
    public init(url: String, transport: any Transporting) {
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
        self.transport = transport
    }

    // MARK: Silences

    func silences(_ matchers: [Matcher]) async throws -> [SilenceDocument] {
        try await decode(get("silences", matchers.map { ("filter", $0.description) }))
    }

    func silence(_ id: String) async throws -> SilenceDocument {
        try await decode(get("silence/" + PercentEncoding.component(id), []))
    }

    /// Makes a silence, or changes the one with its identifier; returns the identifier.
    func put(_ silence: SilenceDocument) async throws -> String {
        struct Answer: Decodable {
            var silenceID: String
        }
        let answer: Answer = try await decode(post("silences", silence))
        return answer.silenceID
    }

    func expire(_ id: String) async throws {
        _ = try await send(
            HTTPRequest(method: "DELETE", url: url("silence/" + PercentEncoding.component(id), [])))
    }

    // MARK: Alerts

    func alerts(_ parameters: [(String, String)]) async throws -> [AlertDocument] {
        try await decode(get("alerts", parameters))
    }

    func add(_ alerts: [AlertPost]) async throws { _ = try await post("alerts", alerts) }

    // MARK: HTTP

    private func get(_ path: String, _ parameters: [(String, String)]) async throws -> [UInt8] {
        try await send(HTTPRequest(url: url(path, parameters)))
    }

    private func post(_ path: String, _ value: some Encodable) async throws -> [UInt8] {
        let body = Array(try JSONEncoder().encode(value))
        return try await send(
            HTTPRequest(
                method: "POST", url: url(path, []),
                headers: [HTTPRequest.Header("Content-Type", "application/json")], body: body))
    }

    private func url(_ path: String, _ parameters: [(String, String)]) -> String {
        // A text that is no URL is refused where it is sent.
        (try? ParsedURL(base))?.appending(path: "api/v2/" + path, query: parameters) ?? base
    }

    private func send(_ request: HTTPRequest) async throws -> [UInt8] {
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch {
            throw ConsoleError("\(URLRedaction.redact(base)): \(error)")
        }
        if (200..<300).contains(response.status) { return response.body }
        throw ConsoleError(
            "\(URLRedaction.redact(base)): \(AlertmanagerClient.reason(response))")
    }

    /// What the other side says is wrong: a text, or an object with a message.
    private static func reason(_ response: HTTPResponse) -> String {
        struct Failure: Decodable {
            var message: String
        }
        let data = Data(response.body)
        if let failure = try? JSONDecoder().decode(Failure.self, from: data) {
            return failure.message
        }
        if let text = try? JSONDecoder().decode(String.self, from: data) { return text }
        let body = String(decoding: response.body.prefix(400), as: UTF8.self).trimmingWhitespace
        let status = "HTTP status \(response.status)"
        return body.isEmpty ? status : "\(status): \(body)"
    }

    private func decode<T: Decodable>(_ body: [UInt8]) throws(ConsoleError) -> T {
        do {
            return try JSONDecoder().decode(T.self, from: Data(body))
        } catch {
            let what = (error as? DecodingError)?.explanation ?? "\(error)"
            throw ConsoleError(
                "\(URLRedaction.redact(base)): not the answer of an Alertmanager: \(what)")
        }
    }
}
