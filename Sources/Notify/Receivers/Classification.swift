import HTTPClient
import Model
import Transport

extension DeliveryOutcome {
    /// The longest that a receiver's `Retry-After` is honoured.
    static let maximumRetryAfter: Milliseconds = .seconds(3600)

    /// What an answer's status means: 2xx delivered; 408, 429, 5xx and `retried` to be tried again;
    /// anything else refused.
    static func classify(
        _ response: HTTPResponse, at now: Timestamp, retrying retried: Set<Int> = []
    ) -> DeliveryOutcome {
        let status = response.status
        if (200..<300).contains(status) { return .delivered(detail: "status \(status)") }
        let reason = "unexpected status code \(status)" + response.excerpt
        if status == 408 || status == 429 || status >= 500 || retried.contains(status) {
            let after = response.header("Retry-After").flatMap { retryAfter($0, at: now) }
            return .retry(after: after, reason: reason)
        }
        return .failed(reason: reason)
    }

    /// What a failure to get an answer means.
    static func classify(_ error: TransportError) -> DeliveryOutcome {
        switch error.kind {
        case .timeout, .protocolError, .cancelled, .tooLarge:
            // It was sent, or may have been: no answer says that it was not taken.
            return .retry(reason: error.message, mayHaveArrived: true)
        default:
            // Nothing was said to the receiver: the address is none, or it is not whom we expect.
            if error.kind == .invalidRequest || error.kind == .tls {
                return .unmade(reason: error.message)
            }
            return error.isTemporary
                ? .retry(reason: error.message) : .failed(reason: error.message)
        }
    }

    /// What a client that has no answer means.
    static func classify(_ error: ClientError, at now: Timestamp) -> DeliveryOutcome {
        switch error {
        case .transport(let error): return classify(error)
        case .secret: return .unmade(reason: error.description)
        case .token(let failure):
            switch failure.cause {
            case .transport(let cause) where cause.isTemporary || cause.kind == .cancelled:
                return .retry(reason: failure.description)
            case .refusal(let response):
                guard case .retry(let after, _, _) = classify(response, at: now) else { break }
                return .retry(after: after, reason: failure.description)
            default: break
            }
            return .unmade(reason: failure.description)
        }
    }

    /// What it means that there are no credentials for Amazon.
    static func classify(_ error: AWSCredentialError, at now: Timestamp) -> DeliveryOutcome {
        switch error {
        case .configuration(let reason): .unmade(reason: reason)
        case .unavailable(let reason): .retry(reason: reason)
        case .refused(let response): classify(response, at: now)
        case .client(let error): classify(error, at: now)
        }
    }

    /// What a failure to hand over a mail means. Whatever a server says may be different in a minute
    /// (greylisting, quotas, a directory that is away), so that everything but a mail that cannot be sent
    /// at all is tried again, as Alertmanager does.
    static func ofMail(_ error: TransportError) -> DeliveryOutcome {
        switch error.kind {
        case .invalidRequest: .failed(reason: error.message)
        case .timeout, .protocolError, .cancelled, .tooLarge:
            .retry(reason: error.message, mayHaveArrived: true)
        case .resolve, .connect, .tls, .smtp: .retry(reason: error.message)
        }
    }

    /// The same, its reason behind what it is about.
    func about(_ subject: String) -> DeliveryOutcome {
        switch self {
        case .delivered: self
        case .retry(let after, let reason, let arrived):
            .retry(after: after, reason: "\(subject): \(reason)", mayHaveArrived: arrived)
        case .failed(let reason): .failed(reason: "\(subject): \(reason)")
        case .unmade(let reason): .unmade(reason: "\(subject): \(reason)")
        }
    }

    /// `Retry-After`: seconds, or a date.
    static func retryAfter(_ text: String, at now: Timestamp) -> Milliseconds? {
        let trimmed = text.trimmingWhitespace
        let wait: Milliseconds
        if let seconds = Int64(trimmed) {
            wait = .seconds(seconds)
        } else if let moment = httpDate(trimmed) {
            wait = moment - now
        } else {
            return nil
        }
        return min(max(wait, .zero), maximumRetryAfter)
    }

    /// `Wed, 21 Oct 2015 07:28:00 GMT`.
    private static func httpDate(_ text: String) -> Timestamp? {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT",
            let month = months.firstIndex(of: String(words[2])),
            words[1].utf8.count == 2, words[3].utf8.count == 4
        else { return nil }
        let number = String(month + 1)
        let padded = number.utf8.count == 1 ? "0" + number : number
        return Timestamp(rfc3339: "\(words[3])-\(padded)-\(words[1])T\(words[4])Z")
    }
}

/// Why a message could not be made.
struct ReceiverError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
