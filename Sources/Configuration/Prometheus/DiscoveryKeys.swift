import Model

/// The keys of each way to find targets, as Prometheus 3.12 and later know them. The keys of an HTTP
/// client are read apart.
enum DiscoveryKeys {
    /// The mechanisms, without `_sd_configs`.
    static var names: [String] { Array(table.keys) }

    /// The keys of a mechanism's section; nil for an unknown mechanism.
    static func keys(of name: String) -> [String: ValueSchema]? {
        table[name].map { keys in
            // ZooKeeper tells of changes itself.
            ["nerve", "serverset"].contains(name)
                ? keys : keys.merging(["refresh_interval": .duration]) { own, _ in own }
        }
    }

    private static let filters = ValueSchema.list(.object(["name": .string, "values": .strings]))

    private static let aws: [String: ValueSchema] = [
        "role": .string, "filters": filters, "clusters": .strings, "region": .string,
        "endpoint": .string, "access_key": .secret, "secret_key": .secret,
        "profile": .string, "role_arn": .string, "external_id": .string, "port": .int,
    ]

    private static let table: [String: [String: ValueSchema]] = [
        "aws": aws,
        "oci": [
            "auth": .string, "tenancy": .string, "user": .string, "fingerprint": .string,
            "key_file": .string, "key_passphrase": .secret, "key_passphrase_file": .string,
            "region": .string, "compartments": .strings, "port": .int,
        ],
    ]
}
