import Model

/// `sigv4`: as whom requests are signed. What is not said is looked for where Amazon's own tools
/// look: in the environment, in the shared files, at the container and at the machine.
public struct AWSIdentity: Sendable, Hashable {
    /// `region`; "": that of the environment.
    public var region = ""
    /// `access_key`; "": see above.
    public var accessKey = ""
    /// `secret_key`.
    public var secretKey: Secret?
    /// `profile` of the shared files.
    public var profile = ""
    /// `role_arn`: a role to be assumed.
    public var role = ""
    /// `external_id`, told when it is assumed.
    public var externalID = ""
    /// `use_fips_sts_endpoint`.
    public var usesFIPSEndpoint = false

    /// Whatever the environment says.
    public init() {}
}

extension AWSIdentity {
    /// Reads `sigv4`.
    init(signing keys: KeyedElement) {
        self.init()
        keys.string("region", &region)
        keys.string("access_key", &accessKey)
        _ = keys["access_key"]?.secret()
        secretKey = keys.has("secret_key") ? keys["secret_key"]?.secret() : nil
        keys.string("profile", &profile)
        keys.string("role_arn", &role)
        keys.string("external_id", &externalID)
        keys.bool("use_fips_sts_endpoint", &usesFIPSEndpoint)
        // The service that a signature is for: SNS has its own, and remote write is not acted on.
        _ = keys.string("service_name")
        if accessKey.isEmpty == keys.has("secret_key") {
            keys.error(
                "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config"
            )
        }
        if !externalID.isEmpty, role.isEmpty {
            keys.error("external_id can only be used with role_arn")
        }
    }
}
