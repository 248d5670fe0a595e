import Daemon
import Hummingbird

/// Keeps what reads history from answering before that is whole: part of it would look like all.
enum HistoryGate {
    /// The answer until then, nil afterwards.
    static func refusal(_ history: HistoryProgress) -> Response? {
        guard let text = waiting(history) else { return nil }
        var response = APIResponse.failure(APIError(.unavailable, text))
        response.headers[.retryAfter] = "1"
        return response
    }

    /// Why there is no answer yet; nil where there is one.
    static func waiting(_ history: HistoryProgress) -> String? {
        let state = history.state
        if state.isWhole { return nil }
        return
            "the daemon has just started and reads its history (\(state.read) of \(state.total) targets "
            + "and rules): try again in a moment"
    }
}
