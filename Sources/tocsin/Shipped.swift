import Configuration

/// The shipped configuration as it stands in the repository, inside the program.
enum Shipped {
    static let files = FileAccess.memory([
        "tocsin.yml": text(PackageResources.tocsin_yml),
        "rules/alerts.yml": text(PackageResources.rules_alerts_yml),
        "rules/tocsin.yml": text(PackageResources.rules_tocsin_yml),
        "notifiers/notifiers.yml": text(PackageResources.notifiers_yml),
    ])

    static let path = "tocsin.yml"

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
