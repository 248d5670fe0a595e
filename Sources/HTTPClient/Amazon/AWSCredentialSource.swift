import Configuration
import Foundation
import Model
import Transport

/// Finds credentials where Amazon's own tools look for them: what is configured, the environment, a
/// token of the cluster, the shared files, the container, the machine. A role is assumed on top.
public struct AWSCredentialSource: Sendable {
    private static let tokenName = "aws"
    private static let sessionName = "tocsin"
    /// How long the container and the machine have to say who they are.
    private static let localTimeout: Duration = .seconds(2)
    /// How long a role may take.
    private static let roleTimeout: Duration = .seconds(30)
    private static let maximumBodyBytes = 256 << 10

    private let identity: AWSIdentity
    private let client: ConfiguredClient
    private let world: AWSEnvironment
    private let transport: AWSRetry

    /// Credentials of `identity`. Roles are asked for over `client`.
    public init(
        _ identity: AWSIdentity, client: ConfiguredClient, in world: AWSEnvironment,
        over transport: any Transporting
    ) {
        self.identity = identity
        self.client = client
        self.world = world
        self.transport = (transport as? AWSRetry) ?? AWSRetry(over: transport, in: world)
    }

    private func variable(_ name: String) -> String { world.variables[name] ?? "" }

    private var profile: String {
        [identity.profile, variable("AWS_PROFILE"), "default"].first { !$0.isEmpty } ?? "default"
    }

    /// The region to sign for.
    public func region() throws(AWSCredentialError) -> String {
        let places = [
            identity.region, variable("AWS_REGION"), variable("AWS_DEFAULT_REGION"),
            sharedFile("AWS_CONFIG_FILE", "config")["region"] ?? "",
        ]
        if let region = places.first(where: { !$0.isEmpty }) { return region }
        throw .configuration(
            "region not configured in sigv4.region or in default credentials chain")
    }

    /// Those that were found were refused.
    public func forget() { world.tokens.forget(Self.tokenName) }

    /// The credentials to sign with now.
    public func credentials(
        region: String
    ) async throws(AWSCredentialError) -> AWSCredentials {
        if let kept = world.tokens.token(Self.tokenName), let known = Kept(kept) {
            return known.credentials
        }
        let found = try await base(region)
        let final = identity.role.isEmpty ? found : try await assume(found.credentials, region)
        if let seconds = final.seconds {
            world.tokens.keep(Self.tokenName, final.text, forSeconds: seconds)
        }
        return final.credentials
    }

    // MARK: Where they stand

    private func base(_ region: String) async throws(AWSCredentialError) -> Kept {
        if !identity.accessKey.isEmpty {
            let secret = try identity.secretKey.map(reveal) ?? ""
            return Kept(identity.accessKey, secret)
        }
        if identity.profile.isEmpty {
            if !variable("AWS_ACCESS_KEY_ID").isEmpty {
                return Kept(
                    variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"),
                    variable("AWS_SESSION_TOKEN"))
            }
            if !variable("AWS_WEB_IDENTITY_TOKEN_FILE").isEmpty {
                return try await assumeByToken(region)
            }
        }
        for file in [
            sharedFile("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            sharedFile("AWS_CONFIG_FILE", "config"),
        ] {
            if let key = file["aws_access_key_id"], !key.isEmpty {
                return Kept(
                    key, file["aws_secret_access_key"] ?? "", file["aws_session_token"] ?? "")
            }
        }
        if !identity.profile.isEmpty {
            throw AWSCredentialError.configuration(
                "the profile \(identity.profile.goQuoted) has no credentials")
        }
        if let found = try await container() { return found }
        return try await machine()
    }

    /// The profile's part of a shared file.
    private func sharedFile(_ name: String, _ usual: String) -> [String: String] {
        let home = variable("HOME")
        let path = variable(name).isEmpty ? "\(home)/.aws/\(usual)" : variable(name)
        guard let bytes = try? world.files.read(path) else { return [:] }
        var values: [String: String] = [:]
        var isOurs = false
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let text = String(line).trimmingWhitespace
            if text.hasPrefix("["), text.hasSuffix("]") {
                let section = String(text.dropFirst().dropLast()).trimmingWhitespace
                isOurs = section == profile || section == "profile \(profile)"
            } else if isOurs, let mark = text.firstIndex(of: "="), !text.hasPrefix("#") {
                let key = String(text[..<mark]).trimmingWhitespace.lowercased()
                values[key] = String(text[text.index(after: mark)...]).trimmingWhitespace
            }
        }
        return values
    }

    // MARK: Roles

    private func securityService(_ region: String) -> String {
        if let endpoint = world.endpoint(of: "sts") { return endpoint }
        let name = identity.usesFIPSEndpoint ? "sts-fips" : "sts"
        return "https://\(name).\(region).\(AWSPartition.domain(of: region))/"
    }

    private func assume(_ credentials: AWSCredentials, _ region: String)
        async throws(AWSCredentialError) -> Kept
    {
        var form = [
            ("Action", "AssumeRole"), ("Version", "2011-06-15"), ("RoleArn", identity.role),
            ("RoleSessionName", Self.sessionName),
        ]
        if !identity.externalID.isEmpty { form.append(("ExternalId", identity.externalID)) }
        var request = HTTPRequest.form(to: securityService(region), form)
        request.sign(
            as: credentials, region: region, service: "sts",
            at: world.wallClock())
        return try grant(try await require(request))
    }

    private func assumeByToken(_ region: String) async throws(AWSCredentialError) -> Kept {
        let file = Secret(.file(path: variable("AWS_WEB_IDENTITY_TOKEN_FILE")))
        let session = variable("AWS_ROLE_SESSION_NAME")
        let request = HTTPRequest.form(
            to: securityService(region),
            [
                ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"),
                ("RoleArn", variable("AWS_ROLE_ARN")),
                ("RoleSessionName", session.isEmpty ? Self.sessionName : session),
                ("WebIdentityToken", try reveal(file)),
            ])
        return try grant(try await require(request))
    }

    private func grant(_ response: HTTPResponse) throws(AWSCredentialError) -> Kept {
        let text = String(decoding: response.body, as: UTF8.self)
        func element(_ name: String) -> String {
            guard let start = text.firstRange(of: "<\(name)>")?.upperBound,
                let end = text[start...].firstRange(of: "</\(name)>")?.lowerBound
            else { return "" }
            return String(text[start..<end]).trimmingWhitespace
        }
        let kept = Kept(
            element("AccessKeyId"), element("SecretAccessKey"), element("SessionToken"),
            seconds: seconds(until: element("Expiration")))
        if kept.credentials.accessKey.isEmpty {
            throw AWSCredentialError.configuration("the role's answer has no credentials")
        }
        return kept
    }

    private func seconds(until text: String) -> Double {
        guard let end = Timestamp(rfc3339: text) else { return 900 }
        return Double((end - world.wallClock()).value) / 1000
    }

    private func require(
        _ request: HTTPRequest
    ) async throws(AWSCredentialError) -> HTTPResponse {
        var request = request
        request.timeout = Self.roleTimeout
        request.maximumBodyBytes = Self.maximumBodyBytes
        let response: HTTPResponse
        do throws(ClientError) {
            response = try await client.send(request, over: transport)
        } catch {
            throw .client(error)
        }
        if (200..<300).contains(response.status) { return response }
        throw .refused(response)
    }

    private func reveal(_ secret: Secret) throws(AWSCredentialError) -> String {
        do throws(SecretFiles.Missing) {
            return try SecretFiles(world.files).reveal(secret)
        } catch {
            throw .client(.secret(error))
        }
    }

    // MARK: The container and the machine

    private struct Grant: Decodable {
        var AccessKeyId: String
        var SecretAccessKey: String
        var Token: String?
        var Expiration: String?
    }

    private func ask(
        _ url: String, method: String = "GET", _ headers: [HTTPRequest.Header] = []
    ) async throws(AWSCredentialError) -> HTTPResponse {
        var request = HTTPRequest(method: method, url: url, headers: headers)
        request.timeout = Self.localTimeout
        request.maximumBodyBytes = Self.maximumBodyBytes
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await transport.send(request)
        } catch {
            throw .client(.transport(error))
        }
        if response.status == 200 { return response }
        throw .unavailable("no credentials for Amazon: status \(response.status)")
    }

    private func granted(_ response: HTTPResponse) throws(AWSCredentialError) -> Kept {
        guard let grant = try? JSONDecoder().decode(Grant.self, from: Data(response.body)) else {
            throw AWSCredentialError.configuration("no credentials for Amazon could be found")
        }
        return Kept(
            grant.AccessKeyId, grant.SecretAccessKey, grant.Token ?? "",
            seconds: grant.Expiration.map(seconds) ?? 900)
    }

    private func container() async throws(AWSCredentialError) -> Kept? {
        let relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
        let full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        if relative.isEmpty, full.isEmpty { return nil }
        var token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        let file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        if !file.isEmpty { token = try reveal(Secret(.file(path: file))) }
        let headers = token.isEmpty ? [] : [HTTPRequest.Header("Authorization", token)]
        let url = relative.isEmpty ? full : "\(Self.container)\(relative)"
        return try granted(try await ask(url, headers))
    }

    /// The link that the container and the machine are asked over.
    static let machine = "http://169.254."
    private static let container = machine + "170.2"
    private static let metadata = machine + "169.254/latest"

    private func machine() async throws(AWSCredentialError) -> Kept {
        let headers = try await metadataHeaders()
        let roles = "\(Self.metadata)/meta-data/iam/security-credentials/"
        let names = String(decoding: try await ask(roles, headers).body, as: UTF8.self)
        let role = names.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return try granted(try await ask(roles + PercentEncoding.component(role), headers))
    }

    /// The region that the machine is in, as it knows it itself.
    public func machineRegion() async throws(AWSCredentialError) -> String {
        let headers = try await metadataHeaders()
        let answer = try await ask("\(Self.metadata)/meta-data/placement/region", headers)
        return String(decoding: answer.body, as: UTF8.self).trimmingWhitespace
    }

    private func metadataHeaders() async throws(AWSCredentialError) -> [HTTPRequest.Header] {
        if variable("AWS_EC2_METADATA_DISABLED").lowercased() == "true" {
            throw AWSCredentialError.configuration("no credentials for Amazon could be found")
        }
        let token = try await ask(
            "\(Self.metadata)/api/token", method: "PUT",
            [HTTPRequest.Header("X-aws-ec2-metadata-token-ttl-seconds", "21600")])
        return [
            HTTPRequest.Header(
                "X-aws-ec2-metadata-token", String(decoding: token.body, as: UTF8.self))
        ]
    }

    /// Credentials and for how long they hold; as one text, so that they can be kept.
    private struct Kept {
        var credentials: AWSCredentials
        var seconds: Double?

        init(_ key: String, _ secret: String, _ token: String = "", seconds: Double? = nil) {
            credentials = AWSCredentials(accessKey: key, secretKey: secret, sessionToken: token)
            self.seconds = seconds
        }

        init?(_ text: String) {
            let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            self.init(String(parts[0]), String(parts[1]), String(parts[2]))
        }

        var text: String {
            [credentials.accessKey, credentials.secretKey, credentials.sessionToken]
                .joined(separator: "\n")
        }
    }
}
