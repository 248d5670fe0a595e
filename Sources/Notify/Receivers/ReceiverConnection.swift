import HTTPClient
import Model
import Transport

/// The way to one receiver, as its `http_config` wants it.
struct ReceiverConnection {
    let client: ConfiguredClient
    let timeout: Milliseconds
    let secrets: SecretFiles
    let tokens: TokenStore
    let surroundings: ReceiverSurroundings
    let transport: any Transporting
    /// When the notification was made.
    let flush: Timestamp

    /// Sends a request; throws `DeliveryFailure` where there is no answer, `TooLarge` where it is refused for
    /// its size.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        var request = request
        request.timeout = timeout > .zero ? timeout.duration : HTTPRequest.receiverTimeout
        request.maximumBodyBytes = HTTPRequest.receiverBodyBytes
        let response: HTTPResponse
        do throws(ClientError) {
            response = try await client.send(request, over: transport)
        } catch {
            throw DeliveryFailure(outcome: .classify(error, at: flush))
        }
        if response.status == 413 {
            throw TooLarge(
                bytes: request.body?.count ?? 0, outcome: .classify(response, at: flush))
        }
        return response
    }

    /// Sends a request that must succeed before the delivery goes on.
    func require(_ request: HTTPRequest, retrying: Set<Int> = []) async throws -> HTTPResponse {
        let response = try await send(request)
        let outcome = DeliveryOutcome.classify(response, at: flush, retrying: retrying)
        guard case .delivered = outcome else { throw DeliveryFailure(outcome: outcome) }
        return response
    }
}
