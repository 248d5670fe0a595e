import Crypto
import Foundation
import Model
import Transport

/// Whom Amazon knows a request's sender as.
struct AWSCredentials: Hashable, Sendable {
    var accessKey: String
    var secretKey: String
    /// Of temporary ones.
    var sessionToken = ""
}

/// The parts of the world that Amazon keeps apart.
enum AWSPartition {
    static func domain(of region: String) -> String {
        region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    }
}

extension HTTPRequest {
    /// Signs the request (AWS Signature Version 4).
    mutating func sign(
        as credentials: AWSCredentials, region: String, service: String, at moment: Timestamp
    ) {
        let time = AWSSignature.time(moment)
        let day = String(time.prefix(8))
        headers.append(Header("X-Amz-Date", time))
        if !credentials.sessionToken.isEmpty {
            headers.append(Header("X-Amz-Security-Token", credentials.sessionToken))
        }
        let signed =
            (headers.map { ($0.name.lowercased(), $0.value.trimmingWhitespace) }
            + [("host", ReceiverURL.authority(of: url))]).sorted { $0.0.byteOrder($1.0) < 0 }
        let names = signed.map(\.0).joined(separator: ";")
        let canonical = [
            method, ReceiverURL.path(of: url), AWSSignature.query(of: url),
            signed.map { "\($0.0):\($0.1)\n" }.joined(), names, SHA256.hex(body ?? []),
        ].joined(separator: "\n")
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(SHA256.hex(canonical))"
        var key = Array("AWS4\(credentials.secretKey)".utf8)
        for part in [day, region, service, "aws4_request", text] {
            let code = HMAC<SHA256>.authenticationCode(
                for: Array(part.utf8), using: SymmetricKey(data: key))
            key = Array(code)
        }
        authorization = .scheme(
            "AWS4-HMAC-SHA256",
            credentials:
                "Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), Signature=\(key.hexadecimal)"
        )
    }
}

enum AWSSignature {
    /// `20260105T100101Z`.
    static func time(_ moment: Timestamp) -> String {
        let text = moment.description.prefix(19).filter { $0 != "-" && $0 != ":" }
        return text + "Z"
    }

    /// The query as it is signed: sorted.
    static func query(of url: String) -> String {
        guard let mark = url.firstIndex(of: "?") else { return "" }
        return url[url.index(after: mark)...].prefix { $0 != "#" }
            .split(separator: "&").map { $0.contains("=") ? String($0) : "\($0)=" }
            .sorted { $0.byteOrder($1) < 0 }.joined(separator: "&")
    }
}
