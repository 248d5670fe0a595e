import Crypto
import Foundation
import Model
import Transport

/// Whom Amazon knows a request's sender as.
public struct AWSCredentials: Hashable, Sendable {
    var accessKey: String
    var secretKey: String
    /// Of temporary ones.
    var sessionToken = ""

    /// A text of Amazon's without them: some of its errors repeat what was signed.
    public func redact(_ text: String) -> String {
        var text = text
        for secret in [sessionToken, secretKey, accessKey] where !secret.isEmpty {
            text = text.replacing(secret, with: "<secret>")
        }
        return text
    }
}

extension AWSCredentials {
    /// Those that last.
    public init(accessKey: String, secretKey: String) {
        self.init(accessKey: accessKey, secretKey: secretKey, sessionToken: "")
    }
}

/// The parts of the world that Amazon keeps apart.
public enum AWSPartition {
    /// The domain of a region's services.
    public static func domain(of region: String) -> String {
        region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    }
}

extension HTTPRequest {
    /// Signs the request (AWS Signature Version 4).
    public mutating func sign(
        as credentials: AWSCredentials, region: String, service: String, at moment: Timestamp
    ) {
        let place = try? ParsedURL(url)
        let path = place?.escapedPath ?? ""
        let time = AWSSignature.time(moment)
        let day = String(time.prefix(8))
        headers.append(Header("X-Amz-Date", time))
        if !credentials.sessionToken.isEmpty {
            headers.append(Header("X-Amz-Security-Token", credentials.sessionToken))
        }
        let signed =
            (headers.map { ($0.name.lowercased(), $0.value.trimmingWhitespace) }
            + [("host", place?.hostAndPort ?? "")]).sorted { $0.0.byteOrder($1.0) < 0 }
        let names = signed.map(\.0).joined(separator: ";")
        let canonical = [
            method, AWSSignature.path(path), AWSSignature.query(place?.query ?? ""),
            signed.map { "\($0.0):\($0.1)\n" }.joined(), names, AWSSignature.hash(body ?? []),
        ].joined(separator: "\n")
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text =
            "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(AWSSignature.hash(Array(canonical.utf8)))"
        var key = Array("AWS4\(credentials.secretKey)".utf8)
        for part in [day, region, service, "aws4_request", text] {
            key = AWSSignature.authenticate(part, key: key)
        }
        authorization = .scheme(
            "AWS4-HMAC-SHA256",
            credentials:
                "Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), Signature=\(AWSSignature.hexadecimal(key))"
        )
    }
}

enum AWSSignature {
    /// `20260105T100101Z`.
    static func time(_ moment: Timestamp) -> String {
        let text = moment.description.prefix(19).filter { $0 != "-" && $0 != ":" }
        return text + "Z"
    }

    /// The path as it is signed: what is escaped already is escaped once more.
    static func path(_ path: String) -> String {
        if path.isEmpty { return "/" }
        return path.split(separator: "/", omittingEmptySubsequences: false)
            .map { PercentEncoding.component(String($0)) }.joined(separator: "/")
    }

    /// The query as it is signed: sorted.
    static func query(_ query: String) -> String {
        query.split(separator: "&").map { $0.contains("=") ? String($0) : "\($0)=" }
            .sorted { $0.byteOrder($1) < 0 }.joined(separator: "&")
    }

    static func hash(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    static func authenticate(_ text: String, key: [UInt8]) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(
                for: Data(text.utf8), using: SymmetricKey(data: key)))
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
