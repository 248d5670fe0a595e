import Configuration
import GoTemplate
import HTTPClient
import Model
import Transport

/// A batch of alerts on its way to an Alertmanager.
struct AlertmanagerRequest {
    let endpoint: AlertmanagerEndpoint
    let alerts: [Alert]
    let client: ConfiguredClient
    let surroundings: ReceiverSurroundings

    /// Sends it; returns why it was not taken, or nil.
    func send(over transport: any Transporting) async -> String? {
        let configuration = endpoint.configuration
        let connection = ReceiverConnection(
            client: client, timeout: configuration.timeout,
            secrets: SecretFiles(surroundings.files), tokens: TokenStore(),
            surroundings: surroundings, transport: transport, flush: surroundings.wallClock())
        do {
            let response = try await connection.send(
                .json(to: endpoint.url, .array(alerts.map(AlertmanagerRequest.payload))))
            if (200..<300).contains(response.status) { return nil }
            return "bad response status \(response.status)"
                + response.excerpt
        } catch let failure as DeliveryFailure {
            switch failure.outcome {
            case .delivered(let reason, _), .retry(_, let reason, _), .failed(let reason),
                .unmade(let reason):
                return reason
            }
        } catch {
            return "\(error)"
        }
    }

    /// As version 2 of the API takes it.
    private static func payload(_ alert: Alert) -> JSONValue {
        var members: [(String, JSONValue)] = [("annotations", .labels(alert.annotations.pairs))]
        if let end = alert.writtenEnd { members.append(("endsAt", .string(text(end)))) }
        return .object(
            members + [
                ("startsAt", .string(text(alert.writtenStart))),
                ("generatorURL", .string(alert.generatorURL)),
                ("labels", .labels(alert.labels)),
            ])
    }

    /// A client's time goes on as it was written.
    private static func text(_ time: WrittenTime) -> String {
        time.detail == nil
            ? time.timestamp.rfc3339(alwaysMilliseconds: true) : TemplateTime(time).rfc3339
    }
}
