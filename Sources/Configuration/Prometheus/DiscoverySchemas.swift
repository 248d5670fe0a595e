import Model

/// Reads the sections of service discoveries. Those that are not acted on are checked for what
/// Prometheus would refuse, and named in a warning.
enum DiscoverySchemas {
    /// Their names, without `_sd_configs`.
    private static let names =
        Set(DiscoveryKeys.names + ServiceDiscoveries.mechanisms).sorted()

    /// The discoveries of a scrape configuration or of an entry of `alertmanagers`. `missing` says what
    /// follows where a mechanism is not acted on.
    static func read(
        _ keys: KeyedElement, _ validation: NameValidation,
        missing: (_ mechanism: String) -> String
    ) -> ServiceDiscoveries {
        var discoveries = ServiceDiscoveries()
        discoveries.staticTargets = TargetReader.groups(keys, "static_configs", validation)
        discoveries.files = TargetReader.fileDiscoveries(keys, "file_sd_configs")
        for name in names {
            let key = "\(name)_sd_configs"
            _ = keys.list(key) { item -> Void? in
                if item.isNull {
                    item.error("empty or null section in \(key)")
                    return nil
                }
                return item.object { inner in
                    if !discoveries.read(inner, of: name) { check(inner, of: name) }
                }
            }
            if keys.has(key), !ServiceDiscoveries.mechanisms.contains(name) {
                keys.warn(at: key, missing(name))
            }
        }
        return discoveries
    }

    /// A key whose value must be one of some words, what it is, and its default.
    private static let words: [String: [(key: String, words: [String], what: String)]] = [
        "azure": [
            (
                "authentication_method", ["OAuth", "ManagedIdentity", "SDK", "WorkloadIdentity"],
                "authentication_type"
            )
        ],
        "oci": [
            (
                "auth",
                ["user_principal", "instance_principal", "workload_identity", "api_key"],
                "authentication method"
            )
        ],
        "openstack": [
            ("role", ["hypervisor", "instance", "loadbalancer"], "OpenStack SD role"),
            ("availability", ["public", "internal", "admin"], "availability"),
        ],
        "ovhcloud": [("service", ["vps", "dedicated_server"], "service")],
    ]

    /// Keys that must be there.
    private static let required: [String: [(key: String, message: String)]] = [
        "ionos": [("datacenter_id", "datacenter id can't be empty")],
        "openstack": [
            ("role", "role missing (one of: instance, hypervisor, loadbalancer)"),
            ("region", "openstack SD configuration requires a region"),
        ],
        "outscale": [
            ("region", "outscale_sd: region is missing"),
            ("access_key", "outscale_sd: access_key is missing"),
        ],
        "ovhcloud": [
            ("endpoint", "endpoint can not be empty"),
            ("application_key", "application key can not be empty"),
            ("application_secret", "application secret can not be empty"),
            ("consumer_key", "consumer key can not be empty"),
        ],
    ]

    private static func check(_ keys: KeyedElement, of name: String) {
        if DiscoveryKeys.hasClient(name) { _ = HTTPClientReader.read(keys) }
        ValueSchema.check(keys, DiscoveryKeys.keys(of: name) ?? [:])
        for (key, words, what) in words[name] ?? [] where keys.has(key) {
            _ = keys[key]?.word(words, what)
        }
        for (key, message) in required[name] ?? [] where !keys.has(key) { keys.error(message) }
        switch name {
        case "azure": checkAzure(keys)
        case "outscale":
            if keys.secret("secret_key") == nil {
                keys.error("one of secret_key & secret_key_file must be configured")
            }
        case "stackit": checkURL(keys, "endpoint")
        default: break
        }
    }

    private static func checkAzure(_ keys: KeyedElement) {
        var needed = ["subscription_id"]
        if (keys.string("authentication_method") ?? "OAuth") == "OAuth" {
            needed += ["tenant_id", "client_id", "client_secret"]
        }
        for key in needed where !keys.has(key) {
            keys.error("azure SD configuration requires a \(key)")
        }
    }

    /// An address that HTTP requests can be sent to.
    static func checkURL(_ keys: KeyedElement, _ key: String) {
        guard keys.has(key), let element = keys[key], let text = element.string("a URL") else {
            return
        }
        do throws(ParsedURL.ParseError) {
            let url = try ParsedURL(text)
            if !URLCheck.isHTTP(url) {
                element.error("URL scheme must be 'http' or 'https'")
            } else if url.hostAndPort.isEmpty {
                element.error("host is missing in URL")
            }
        } catch {
            element.error("parse \(text.goQuoted): \(error)")
        }
    }
}
