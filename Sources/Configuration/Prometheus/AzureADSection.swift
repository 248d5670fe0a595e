import Model

/// `azuread` of `remote_write`: checked as Prometheus does it, and not acted on.
enum AzureADSection {
    /// A way to authenticate.
    private struct Method {
        /// Its section.
        var key: String
        /// What Prometheus's errors call it.
        var name: String
        var keys: [String: ValueSchema]
        /// Which of them must be there.
        var required: [String] = []
    }

    private static let methods = [
        Method(key: "managed_identity", name: "Managed Identity", keys: ["client_id": .string]),
        Method(
            key: "workload_identity", name: "Workload Identity",
            keys: ["client_id": .string, "tenant_id": .string, "token_file_path": .string],
            required: ["client_id", "tenant_id"]),
        Method(
            key: "oauth", name: "OAuth",
            keys: ["client_id": .string, "client_secret": .secret, "tenant_id": .string],
            required: ["client_id", "client_secret", "tenant_id"]),
        Method(key: "sdk", name: "SDK", keys: ["tenant_id": .string]),
        Method(
            key: "certificate", name: "Certificate",
            keys: [
                "client_id": .string, "tenant_id": .string, "certificate_path": .string,
                "certificate_key_path": .string, "certificate_password": .secret,
                "send_certificate_chain": .bool,
            ],
            required: ["client_id", "tenant_id", "certificate_path"]),
    ]

    /// A UUID in the forms that Prometheus's library takes.
    private static let uuid = try? LinearRegex(
        "(?i:(urn:uuid:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|"
            + "\\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\}|[0-9a-f]{32})")
    private static let scope = try? LinearRegex("^[\\w\\s:/.\\-]+$")

    static func check(_ keys: KeyedElement) -> Void? {
        let clouds = ["", "AzurePublic", "AzureGovernment", "AzureChina"]
        if !clouds.contains(keys.string("cloud") ?? "") {
            keys.error(at: "cloud", "must provide a cloud in the Azure AD config")
        }
        if keys.has("scope"), scope?.matchesWhole(keys.string("scope") ?? "") == false {
            keys.error(at: "scope", "the provided scope contains invalid characters")
        }
        let configured = methods.filter { method in
            keys.object(method.key) { check($0, method) } != nil
        }
        if configured.isEmpty {
            keys.error(
                "must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth, Azure Certificate or Azure SDK in the Azure AD config"
            )
        } else if configured.count > 1 {
            keys.error("cannot provide multiple authentication methods in the Azure AD config")
        }
        return ()
    }

    private static func check(_ keys: KeyedElement, _ method: Method) -> Void? {
        ValueSchema.check(keys, method.keys)
        for key in method.required where !keys.has(key) {
            keys.error("must provide an Azure \(method.name) \(key) in the Azure AD config")
        }
        // Entra's applications and, of workloads, their tenants have UUIDs for names.
        let identifiers =
            method.key == "workload_identity" ? ["client_id", "tenant_id"] : ["client_id"]
        for key in identifiers where method.keys[key] != nil && keys.has(key) {
            if let text = keys.string(key), uuid?.matchesWhole(text) == false {
                keys.error(at: key, "the provided Azure \(method.name) \(key) is invalid")
            }
        }
        return ()
    }
}
