import Model

/// What stands at Prometheus's top level and Tocsin does not act on: checked for what Prometheus
/// would refuse, and named in a warning.
enum UnactedSections {
    static func read(_ keys: KeyedElement, _ global: GlobalConfiguration) {
        remotes(keys, "remote_write", "remote write") { RemoteSections.write($0, global) }
        remotes(keys, "remote_read", "remote read", RemoteSections.read)
        _ = keys.object("tracing", tracing)
        _ = keys.object("runtime") { $0["gogc"]?.int(Int64.min...Int64.max) }
        for key in ["remote_write", "remote_read", "tracing", "runtime"]
        where keys.has(key) {
            keys.warn(at: key, "is not acted on")
        }
    }

    private static func remotes(
        _ keys: KeyedElement, _ key: String, _ what: String, _ read: (KeyedElement) -> String?
    ) {
        let names = keys.list(key) { element -> String? in
            if element.isNull {
                element.error("empty or null \(what) config section")
                return nil
            }
            return element.object(read)
        }
        var seen: Set<String> = []
        for name in names where !name.isEmpty && !seen.insert(name).inserted {
            keys.error(
                at: key, "found multiple \(what) configs with job name \(name.goQuoted)")
        }
    }

    private static func tracing(_ keys: KeyedElement) -> Void? {
        _ = keys["client_type"]?.word(["grpc", "http"], "client type")
        _ = keys["sampling_fraction"].flatMap { $0.double() }
        _ = keys.bool("insecure")
        _ = keys["tls_config"].flatMap(HTTPClientReader.tls)
        _ = keys.duration("timeout")
        if (keys.string("endpoint") ?? "").isEmpty { keys.error("tracing endpoint must be set") }
        if let compression = keys.string("compression"), !["", "gzip"].contains(compression) {
            keys.error(
                at: "compression",
                "invalid compression type \(compression) provided, valid options: gzip")
        }
        RemoteSections.headers(
            keys, authorization: "custom authorization header configuration is not yet supported")
        return ()
    }
}
