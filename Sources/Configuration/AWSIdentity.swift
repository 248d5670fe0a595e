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
