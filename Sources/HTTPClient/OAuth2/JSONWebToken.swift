import Configuration
import Crypto
import Foundation
import Model
import _CryptoExtras

/// An assertion of who a client is (RFC 7523), signed with its RSA key.
struct JSONWebToken {
    /// How long it holds.
    static let seconds = 600.0

    private let header: [YAMLValue.Entry]
    private let claims: [YAMLValue.Entry]
    private let algorithm: SignedAssertion.Algorithm

    init(
        _ oauth2: OAuth2, _ assertion: SignedAssertion, id: UUID = UUID(),
        at time: Double = Timestamp.wallClock().seconds
    ) {
        algorithm = assertion.algorithm
        var header: [String: YAMLValue] = [
            "alg": .text(assertion.algorithm.rawValue), "typ": .text("JWT"),
        ]
        if !assertion.keyID.isEmpty { header["kid"] = .text(assertion.keyID) }
        let audience = assertion.audience.isEmpty ? oauth2.tokenURL : assertion.audience
        var claims: [String: YAMLValue] = [
            "iss": .text(assertion.issuer.isEmpty ? oauth2.clientID : assertion.issuer),
            "jti": .text(id.uuidString.lowercased()), "aud": .text(audience),
            "iat": JSONWebToken.date(time),
            "exp": JSONWebToken.date(time + JSONWebToken.seconds),
        ]
        if !oauth2.clientID.isEmpty { claims["sub"] = .text(oauth2.clientID) }
        let scope = oauth2.scopes.joined(separator: " ")
        if !scope.isEmpty { claims["scope"] = .text(scope) }
        for claim in assertion.claims { claims[claim.key] = claim.value }
        self.header = header.map { YAMLValue.Entry($0.key, $0.value) }
        self.claims = claims.map { YAMLValue.Entry($0.key, $0.value) }
    }

    private static func date(_ seconds: Double) -> YAMLValue {
        .int(Int64(exactly: seconds.rounded(.down)) ?? 0)
    }

    /// The token's text, signed with an RSA key (PEM of PKCS #1 or PKCS #8).
    func signed(with pem: String) throws(TokenFailure) -> String {
        let key: _RSA.Signing.PrivateKey
        do {
            key = try _RSA.Signing.PrivateKey(pemRepresentation: pem)
        } catch {
            throw TokenFailure(
                .configuration,
                "client_certificate_key: must be an RSA key of 2048 bits or more as PEM, PKCS1 or PKCS8"
            )
        }
        do {
            let text = try JSONWebToken.part(header) + "." + JSONWebToken.part(claims)
            let signature = try signature(of: Data(text.utf8), key).rawRepresentation
            return text + "." + JSONWebToken.base64(signature)
        } catch {
            throw TokenFailure(.configuration, "the assertion cannot be signed: \(error)")
        }
    }

    private func signature(
        of bytes: Data, _ key: _RSA.Signing.PrivateKey
    ) throws -> _RSA.Signing.RSASignature {
        switch algorithm {
        case .rs256:
            try key.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case .rs384:
            try key.signature(for: SHA384.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case .rs512:
            try key.signature(for: SHA512.hash(data: bytes), padding: .insecurePKCS1v1_5)
        }
    }

    private static func part(_ entries: [YAMLValue.Entry]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return base64(try encoder.encode(JSONClaim(.map(entries))))
    }

    private static func base64(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}

/// A value of YAML as JSON. YAML's depth is limited where it is read.
private struct JSONClaim: Encodable {
    let value: YAMLValue

    init(_ value: YAMLValue) { self.value = value }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        switch value {
        case .map(let entries):
            var container = encoder.container(keyedBy: Key.self)
            for entry in entries {
                try container.encode(JSONClaim(entry.value), forKey: Key(stringValue: entry.key))
            }
        case .list(let items): try items.map(JSONClaim.init).encode(to: encoder)
        case .null, .bool, .int, .double, .text:
            var container = encoder.singleValueContainer()
            try encodeScalar(into: &container)
        }
    }

    private func encodeScalar(into container: inout any SingleValueEncodingContainer) throws {
        switch value {
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .null, .map, .list: try container.encodeNil()
        }
    }
}
