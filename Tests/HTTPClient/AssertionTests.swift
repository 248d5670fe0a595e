import Configuration
import Crypto
import Foundation
import HTTPClient
import Model
import Testing
import Transport
import _CryptoExtras

@Suite("OAuth 2: signed assertions (RFC 7523)")
struct AssertionTests {
    private let transport = CurlTransport()
    private static let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048)

    private static func decoded(_ part: Substring) -> Data? {
        var text = String(part).replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text)
    }

    /// What a token's endpoint is asked.
    private func asked(
        files: FileAccess = .memory([:]), _ change: (inout OAuth2) -> Void
    ) async throws -> (form: [String: String], headers: [String]) {
        let issuer = try RawServer { _, _ in RawServer.answer(200, #"{"access_token":"t"}"#) }
        let target = try RawServer { _, _ in RawServer.answer() }
        var configuration = HTTPClientConfiguration()
        var oauth2 = OAuth2(clientID: "id", tokenURL: issuer.url)
        change(&oauth2)
        configuration.oauth2 = oauth2
        let client = ConfiguredClient(configuration, files: files)
        _ = try await client.send(target.request, over: transport)
        #expect(target.received.first?.lines("Authorization") == ["Authorization: Bearer t"])
        let request = try #require(issuer.received.first)
        return (request.form, request.lines("Authorization"))
    }

    @Test("an assertion says who we are", arguments: SignedAssertion.Algorithm.allCases)
    func signedAssertion(_ algorithm: SignedAssertion.Algorithm) async throws {
        let key = try #require(Self.key)
        let pem = algorithm == .rs256 ? key.pemRepresentation : key.pkcs8PEMRepresentation
        let (form, headers) = try await asked(files: .memory(["/key.pem": pem])) {
            var assertion = SignedAssertion(key: Secret(file: "/key.pem"))
            assertion.algorithm = algorithm
            assertion.keyID = "kid/1"
            assertion.claims = [
                .init("tenant", .map([.init("ids", .list([.int(1), .bool(true), .null]))])),
                .init("sub", .text("instead")),
            ]
            $0.assertion = assertion
            $0.scopes = ["a", "b"]
            $0.parameters = [NamedText("resource", "r")]
        }
        #expect(headers.isEmpty)
        #expect(form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer")
        #expect(form["scope"] == "a b")
        #expect(form["resource"] == "r")
        let token = try #require(form["assertion"])
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        try #require(parts.count == 3)
        let head = try #require(Self.decoded(parts[0]))
        #expect(
            String(decoding: head, as: UTF8.self)
                == #"{"alg":"\#(algorithm.rawValue)","kid":"kid/1","typ":"JWT"}"#)
        let signed = Data(token.dropLast(parts[2].count + 1).utf8)
        let signature = _RSA.Signing.RSASignature(
            rawRepresentation: try #require(Self.decoded(parts[2])))
        let isValid =
            switch algorithm {
            case .rs256:
                key.publicKey.isValidSignature(
                    signature, for: SHA256.hash(data: signed), padding: .insecurePKCS1v1_5)
            case .rs384:
                key.publicKey.isValidSignature(
                    signature, for: SHA384.hash(data: signed), padding: .insecurePKCS1v1_5)
            case .rs512:
                key.publicKey.isValidSignature(
                    signature, for: SHA512.hash(data: signed), padding: .insecurePKCS1v1_5)
            }
        #expect(isValid)
        try expectClaims(try #require(Self.decoded(parts[1])))
    }

    private func expectClaims(_ data: Data) throws {
        struct Claims: Decodable {
            struct Tenant: Decodable { var ids: [JSONScalar] }
            var iss: String
            var sub: String
            var aud: String
            var jti: UUID
            var iat: Int
            var exp: Int
            var scope: String
            var tenant: Tenant
        }
        let claims = try JSONDecoder().decode(Claims.self, from: data)
        #expect(claims.iss == "id")
        #expect(claims.sub == "instead")
        #expect(claims.aud.hasPrefix("http://127.0.0.1:"))
        #expect(claims.exp == claims.iat + 600)
        #expect(abs(Double(claims.iat) - Date().timeIntervalSince1970) < 600)
        #expect(claims.scope == "a b")
        #expect(claims.tenant.ids == [.number(1), .bool(true), .null])
    }

    private enum JSONScalar: Decodable, Equatable {
        case null, bool(Bool), number(Double)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else {
                self = .number(try container.decode(Double.self))
            }
        }
    }

    @Test("issuer and audience are what is configured")
    func issuerAndAudience() async throws {
        let key = try #require(Self.key)
        let (form, _) = try await asked {
            var assertion = SignedAssertion(key: Secret(key.pemRepresentation))
            (assertion.issuer, assertion.audience) = ("me", "https://issuer.example/")
            $0.assertion = assertion
        }
        let parts = try #require(form["assertion"]).split(separator: ".")
        let text = String(decoding: try #require(Self.decoded(parts[1])), as: UTF8.self)
        #expect(text.contains(#""aud":"https://issuer.example/""#))
        #expect(text.contains(#""iss":"me""#))
        #expect(!text.contains("scope"))
        #expect(form["scope"] == nil)
    }

    @Test("a key that is none is named, and not shown")
    func brokenKey() async throws {
        let error = await #expect(throws: ClientError.self) {
            _ = try await asked { $0.assertion = SignedAssertion(key: Secret("not-a-key")) }
        }
        #expect(
            error?.description
                == "oauth2: cannot fetch token: client_certificate_key: must be an RSA key of 2048 bits or more as PEM, PKCS1 or PKCS8"
        )
    }
}
