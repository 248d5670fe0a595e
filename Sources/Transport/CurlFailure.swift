import CCurl
import Glibc
import Model

/// libcurl's result codes as errors that a person can use.
enum CurlFailure {
    static func explain(_ code: CURLcode, _ transfer: CurlTransfer) -> TransportError {
        let error = classify(code, transfer)
        return TransportError(error.kind, scrub(error.message, transfer.task))
    }

    private static func classify(_ code: CURLcode, _ transfer: CurlTransfer) -> TransportError {
        if case .mail = transfer.task, let refusal = smtpRefusal(code, transfer) { return refusal }
        if case .http = transfer.task, let refusal = proxyRefusal(transfer) { return refusal }
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            let what = transfer.mailbox?.hasBegun == true ? "nothing came for" : "timed out after"
            return TransportError(.timeout, "\(what) \(timeout(transfer.task))")
        case CURLE_COULDNT_RESOLVE_HOST:
            return TransportError(.resolve, "lookup \(endpoint(transfer.task).host): no such host")
        case CURLE_COULDNT_RESOLVE_PROXY:
            return TransportError(.resolve, "lookup of the proxy: no such host")
        case CURLE_COULDNT_CONNECT:
            let number = Int32(truncatingIfNeeded: transfer.info(CURLINFO_OS_ERRNO))
            let reason = number == 0 ? "no connection" : unsafe String(cString: strerror(number))
            let place = endpoint(transfer.task)
            return TransportError(
                .connect, "connect to \(place.host):\(place.port): \(reason.lowercased())")
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_USE_SSL_FAILED,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_SHUTDOWN_FAILED:
            return TransportError(.tls, "tls: \(words(code, transfer))")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_NOT_BUILT_IN,
            CURLE_BAD_FUNCTION_ARGUMENT:
            return TransportError(.invalidRequest, words(code, transfer))
        case CURLE_GOT_NOTHING:
            return TransportError(
                .protocolError, "EOF: the connection was closed without an answer")
        case CURLE_PARTIAL_FILE:
            return TransportError(.protocolError, "unexpected EOF: \(words(code, transfer))")
        case CURLE_TOO_MANY_REDIRECTS:
            return TransportError(
                .protocolError, "stopped after \(HTTPRequest.maximumRedirects) redirects")
        default:
            return TransportError(.protocolError, words(code, transfer))
        }
    }

    private static func smtpRefusal(_ code: CURLcode, _ transfer: CurlTransfer) -> TransportError? {
        if code == CURLE_OPERATION_TIMEDOUT { return nil }
        let reply = transfer.info(CURLINFO_RESPONSE_CODE)
        guard (400..<600).contains(reply) else { return nil }
        let what = code == CURLE_LOGIN_DENIED ? "the server refused the login" : "the server said"
        return TransportError(.smtp(code: reply), "\(what): \(reply) \(transfer.received.reason)")
    }

    /// What a proxy answered to CONNECT, where it did not connect: the target has said nothing.
    private static func proxyRefusal(_ transfer: CurlTransfer) -> TransportError? {
        let code = transfer.info(CURLINFO_HTTP_CONNECTCODE)
        guard (300..<600).contains(code) else { return nil }
        let reason = transfer.received.reason
        return TransportError(
            .connect, "the proxy refused to connect: \(code)" + (reason.isEmpty ? "" : " \(reason)")
        )
    }

    private static func words(_ code: CURLcode, _ transfer: CurlTransfer) -> String {
        let detail = transfer.detail
        return detail.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : detail
    }

    private static func timeout(_ task: TransferTask) -> Milliseconds {
        let duration =
            switch task {
            case .http(let request, _): request.timeout
            case .mail(let mail, _): mail.timeout
            }
        let (seconds, attoseconds) = duration.components
        return .seconds(seconds) + Milliseconds(attoseconds / 1_000_000_000_000_000)
    }

    private static func endpoint(_ task: TransferTask) -> (host: String, port: String) {
        switch task {
        case .http(let request, _):
            if let socket = request.unixSocket { return (socket, "unix") }
            guard let parts = URLParts(request.url) else { return ("?", "?") }
            return (parts.host, parts.port)
        case .mail(let mail, _): return (mail.host, String(mail.port))
        }
    }

    /// Takes out what must not be shown, should libcurl or a server have repeated it.
    private static func scrub(_ text: String, _ task: TransferTask) -> String {
        var secrets: [String] = []
        switch task {
        case .http(let request, _):
            switch request.authorization {
            case .basic(_, let password): secrets.append(password)
            case .bearer(let token): secrets.append(token)
            case .scheme(_, let credentials): secrets.append(credentials)
            case nil: break
            }
        case .mail(let mail, _):
            secrets += [mail.credentials?.password, mail.credentials?.secret].compactMap(\.self)
        }
        return secrets.filter { $0.utf8.count > 3 }
            .reduce(text) {
                $0.split(separator: $1, omittingEmptySubsequences: false).joined(
                    separator: "<secret>")
            }
    }
}
