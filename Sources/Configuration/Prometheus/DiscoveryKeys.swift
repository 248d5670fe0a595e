import Model

/// The keys of each way to find targets, as Prometheus 3.12 and later know them. The keys of an HTTP
/// client are read apart.
enum DiscoveryKeys {
    /// The mechanisms, without `_sd_configs`.
    static var names: [String] { Array(table.keys) }

    /// Whether the mechanism's section holds an HTTP client's keys.
    static func hasClient(_ name: String) -> Bool {
        !["gce", "openstack", "ovhcloud", "triton", "serverset", "nerve"].contains(name)
    }

    /// The keys of a mechanism's section; nil for an unknown mechanism.
    static func keys(of name: String) -> [String: ValueSchema]? {
        table[name].map { keys in
            keys.merging(["refresh_interval": .duration]) { own, _ in own }
        }
    }

    private static let filters = ValueSchema.list(.object(["name": .string, "values": .strings]))

    private static let aws: [String: ValueSchema] = [
        "region": .string, "endpoint": .string, "access_key": .secret, "secret_key": .secret,
        "profile": .string, "role_arn": .string, "external_id": .string, "port": .int,
    ]

    private static let awsClusters = aws.merging([
        "clusters": .strings, "request_concurrency": .int,
    ]) { own, _ in own }

    private static let table: [String: [String: ValueSchema]] = [
        "aws": awsClusters.merging(["role": .string, "filters": filters]) { own, _ in own },
        "azure": [
            "environment": .string, "port": .int, "subscription_id": .string,
            "tenant_id": .string, "client_id": .string, "client_secret": .secret,
            "authentication_method": .string, "resource_group": .string,
        ],
        "ecs": awsClusters,
        "elasticache": awsClusters,
        "gce": [
            "project": .string, "zone": .string, "filter": .string, "port": .int,
            "tag_separator": .string,
        ],
        "ionos": ["datacenter_id": .string, "port": .int],
        "msk": awsClusters,
        "nerve": ["servers": .strings, "paths": .strings, "timeout": .duration],
        "oci": [
            "auth": .string, "tenancy": .string, "user": .string, "fingerprint": .string,
            "key_file": .string, "key_passphrase": .secret, "key_passphrase_file": .string,
            "region": .string, "compartments": .strings, "port": .int,
        ],
        "openstack": [
            "identity_endpoint": .string, "username": .string, "userid": .string,
            "password": .secret, "project_name": .string, "project_id": .string,
            "domain_name": .string, "domain_id": .string,
            "application_credential_name": .string, "application_credential_id": .string,
            "application_credential_secret": .secret, "role": .string, "region": .string,
            "port": .int, "all_tenants": .bool, "tls_config": .tls, "availability": .string,
        ],
        "outscale": [
            "endpoint": .string, "region": .string, "access_key": .secret,
            "secret_key": .secret, "secret_key_file": .string, "port": .int,
        ],
        "ovhcloud": [
            "endpoint": .string, "application_key": .secret, "application_secret": .secret,
            "consumer_key": .secret, "service": .string,
        ],
        "rds": awsClusters.merging(["filters": filters]) { own, _ in own },
        "serverset": ["servers": .strings, "paths": .strings, "timeout": .duration],
        "stackit": [
            "project": .string, "port": .int, "region": .string, "endpoint": .string,
            "service_account_key": .secret, "private_key": .secret,
            "service_account_key_path": .string, "private_key_path": .string,
            "credentials_file_path": .string,
        ],
        "triton": [
            "account": .string, "role": .string, "dns_suffix": .string, "endpoint": .string,
            "groups": .strings, "port": .int, "tls_config": .tls, "version": .int,
        ],
    ]
}
