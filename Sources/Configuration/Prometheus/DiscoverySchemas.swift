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
        "oci": [("auth", ["api_key", "instance_principal"], "auth method")]
    ]

    /// Keys that must be there.
    private static let required: [String: [(key: String, message: String)]] = [
        "oci": [("region", "oci_sd: region is required")]
    ]

    private static func check(_ keys: KeyedElement, of name: String) {
        _ = HTTPClientReader.read(keys)
        ValueSchema.check(keys, DiscoveryKeys.keys(of: name) ?? [:])
        for (key, words, what) in words[name] ?? [] where keys.has(key) {
            _ = keys[key]?.word(words, what)
        }
        for (key, message) in required[name] ?? [] where !keys.holds(key) { keys.error(message) }
        switch name {
        case "oci": checkOracle(keys)
        default: break
        }
    }

    /// `server`: a URL with a scheme and a host.
    static func checkServer(_ keys: KeyedElement, _ message: String) {
        guard keys.has("server"), let element = keys["server"] else { return }
        URLCheck.check(element)
        guard let url = element.string().flatMap({ try? ParsedURL($0) }) else { return }
        if url.scheme.isEmpty || url.hostAndPort.isEmpty { element.error(message) }
    }

    /// `paths` in ZooKeeper, and `servers`.
    private static func checkPaths(_ keys: KeyedElement, of name: String) {
        for path in keys.strings("paths") where !path.hasPrefix("/") {
            keys.error(at: "paths", "\(name) SD config paths must begin with '/': \(path)")
        }
    }

    private static func checkOracle(_ keys: KeyedElement) {
        let needed = ["tenancy", "user", "fingerprint", "key_file"]
        switch keys.string("auth") ?? "api_key" {
        case "api_key":
            for key in needed where !keys.has(key) {
                keys.error("oci_sd: api_key auth requires \(key)")
            }
            _ = keys.secret(
                "key_passphrase",
                tooMany:
                    "oci_sd: at most one of key_passphrase and key_passphrase_file must be configured"
            )
        case "instance_principal":
            let superfluous = needed + ["key_passphrase", "key_passphrase_file"]
            if superfluous.contains(where: keys.has) {
                keys.error(
                    "oci_sd: instance_principal auth must not have tenancy, user, fingerprint, key_file, key_passphrase, or key_passphrase_file set"
                )
            }
        default: break
        }
        for (index, name) in keys.strings("compartments").enumerated() where name.isEmpty {
            keys.error(at: "compartments", "oci_sd: compartments[\(index)] must not be empty")
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
