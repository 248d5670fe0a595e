import Configuration
import Foundation
import Model

/// What somebody says who signs in.
extension OpenStackAccount {
    /// Who the environment's variables say signs in.
    init(_ variables: [String: String]) throws(APIError) {
        self.init()
        func variable(_ names: String...) -> String {
            names.lazy.compactMap { variables[$0] }.first { !$0.isEmpty } ?? ""
        }
        userName = variable("OS_USERNAME")
        userID = variable("OS_USERID")
        password = Secret(.inline(variable("OS_PASSWORD")))
        projectID = variable("OS_PROJECT_ID", "OS_TENANT_ID")
        projectName = variable("OS_PROJECT_NAME", "OS_TENANT_NAME")
        domainID = variable("OS_DOMAIN_ID")
        domainName = variable("OS_DOMAIN_NAME")
        credentialID = variable("OS_APPLICATION_CREDENTIAL_ID")
        credentialName = variable("OS_APPLICATION_CREDENTIAL_NAME")
        credentialSecret = Secret(.inline(variable("OS_APPLICATION_CREDENTIAL_SECRET")))
        isOfSystem = variable("OS_SYSTEM_SCOPE") == "all"
        if variable("OS_AUTH_URL").isEmpty {
            throw APIError(
                "identity_endpoint is not set, nor is the environment variable OS_AUTH_URL")
        }
    }

    /// The body for version 2 of the identity service.
    func bodyV2() async throws(APIError) -> [UInt8] {
        let password = try await password?.text() ?? ""
        if userName.isEmpty { throw APIError("a username is needed (username, OS_USERNAME)") }
        if password.isEmpty { throw APIError("a password is needed (password, OS_PASSWORD)") }
        var auth: [String: Any] = [
            "passwordCredentials": ["username": userName, "password": password]
        ]
        if !projectID.isEmpty { auth["tenantId"] = projectID }
        if !projectName.isEmpty { auth["tenantName"] = projectName }
        return try json(["auth": auth])
    }

    /// The body for version 3 of the identity service.
    func bodyV3() async throws(APIError) -> [UInt8] {
        let password = try await password?.text() ?? ""
        var identity: [String: Any] = [:]
        if !password.isEmpty {
            var user = try user(strict: true)
            user["password"] = password
            identity = ["methods": ["password"], "password": ["user": user]]
        } else {
            identity = [
                "methods": ["application_credential"],
                "application_credential": try await applicationCredential(),
            ]
        }
        var auth: [String: Any] = ["identity": identity]
        if let scope = try scope() { auth["scope"] = scope }
        return try json(["auth": auth])
    }

    private func applicationCredential() async throws(APIError) -> [String: Any] {
        if credentialID.isEmpty, credentialName.isEmpty {
            throw APIError(
                "a password or an application credential is needed (password, application_credential_id)"
            )
        }
        let secret = try await credentialSecret?.text() ?? ""
        if secret.isEmpty {
            throw APIError(
                "the application credential has no secret (application_credential_secret)")
        }
        if !credentialID.isEmpty { return ["id": credentialID, "secret": secret] }
        return ["name": credentialName, "secret": secret, "user": try user(strict: false)]
    }

    /// A user by its ID, or by its name in a domain. Where it is `strict`, not by both.
    private func user(strict: Bool) throws(APIError) -> [String: Any] {
        if userID.isEmpty == userName.isEmpty, userID.isEmpty || strict {
            throw APIError("exactly one of username and userid is needed")
        }
        if !userID.isEmpty {
            if strict, domain != nil {
                throw APIError("domain_id and domain_name do not go with userid")
            }
            return ["id": userID]
        }
        guard let domain, !strict || domainID.isEmpty || domainName.isEmpty else {
            throw APIError("exactly one of domain_id and domain_name is needed with username")
        }
        return ["name": userName, "domain": domain]
    }

    private var domain: [String: Any]? {
        if !domainID.isEmpty { return ["id": domainID] }
        return domainName.isEmpty ? nil : ["name": domainName]
    }

    /// What is asked for. An application credential has its own.
    private func scope() throws(APIError) -> [String: Any]? {
        if !credentialID.isEmpty || !credentialName.isEmpty { return nil }
        if isOfSystem { return ["system": ["all": true]] }
        if !projectID.isEmpty { return ["project": ["id": projectID]] }
        if projectName.isEmpty { return nil }
        guard let domain else {
            throw APIError("one of domain_id and domain_name is needed with project_name")
        }
        return ["project": ["name": projectName, "domain": domain]]
    }

    private func json(_ body: [String: Any]) throws(APIError) -> [UInt8] {
        do {
            return Array(
                try JSONSerialization.data(withJSONObject: body, options: .sortedKeys))
        } catch {
            throw APIError("the request cannot be written as JSON")
        }
    }
}
