/// One of Microsoft's clouds: its addresses.
struct AzureCloud: Sendable, Hashable {
    /// Where tokens are got.
    let authority: String
    /// Where resources are managed.
    let manager: String
    /// What a token for the manager is for.
    let audience: String

    private static let `public` = AzureCloud(
        authority: "https://login.microsoftonline.com",
        manager: "https://management.azure.com",
        audience: "https://management.core.windows.net/")
    private static let china = AzureCloud(
        authority: "https://login.chinacloudapi.cn",
        manager: "https://management.chinacloudapi.cn",
        audience: "https://management.core.chinacloudapi.cn")
    private static let government = AzureCloud(
        authority: "https://login.microsoftonline.us",
        manager: "https://management.usgovcloudapi.net",
        audience: "https://management.core.usgovcloudapi.net")

    private static let names = [
        "AZURECHINACLOUD": china, "AZURECLOUD": `public`, "AZUREGERMANCLOUD": `public`,
        "AZUREPUBLICCLOUD": `public`, "AZUREUSGOVERNMENT": government,
        "AZUREUSGOVERNMENTCLOUD": government,
    ]

    /// The cloud of a name.
    static func named(_ name: String) throws(APIError) -> AzureCloud {
        if let cloud = names[name.uppercased()] { return cloud }
        throw APIError(
            "there is no cloud configuration matching the name \(name.goQuoted): expected AzurePublicCloud, AzureChinaCloud or AzureUSGovernment"
        )
    }

    /// Where a tenant's applications get tokens.
    func tokenURL(_ tenant: String) -> String { "\(authority)/\(tenant)/oauth2/v2.0/token" }

    /// What a token is asked for.
    var scope: String { audience + "/.default" }
}
