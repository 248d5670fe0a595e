import Model

/// What stands at Prometheus's top level and Tocsin does not act on: checked for what Prometheus
/// would refuse, and named in a warning.
enum UnactedSections {
    static func read(_ keys: KeyedElement, _ global: GlobalConfiguration) {
        remotes(keys, "remote_write", "remote write") { RemoteSections.write($0, global) }
        remotes(keys, "remote_read", "remote read", RemoteSections.read)
        _ = keys.object("tracing", tracing)
        _ = keys.object("otlp") { otlp($0, global) }
        _ = keys.object("runtime") { $0["gogc"]?.int(Int64.min...Int64.max) }
        for key in ["remote_write", "remote_read", "tracing", "otlp", "runtime"]
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
        if !keys.has("endpoint") { keys.error("tracing endpoint must be set") }
        if let compression = keys.string("compression"), !["", "gzip"].contains(compression) {
            keys.error(
                at: "compression",
                "invalid compression type \(compression) provided, valid options: gzip")
        }
        RemoteSections.headers(
            keys, authorization: "custom authorization header configuration is not yet supported")
        return ()
    }

    private static func otlp(_ keys: KeyedElement, _ global: GlobalConfiguration) -> Void? {
        for key in [
            "keep_identifying_resource_attributes", "convert_histograms_to_nhcb",
            "promote_scope_metadata", "label_name_underscore_sanitization",
            "label_name_preserve_multiple_underscores",
        ] { _ = keys.bool(key) }
        let strategy = keys.string("translation_strategy") ?? ""
        let known = [
            "UnderscoreEscapingWithSuffixes", "UnderscoreEscapingWithoutSuffixes",
            "NoUTF8EscapingWithSuffixes", "NoTranslation",
        ]
        if !strategy.isEmpty, !known.contains(strategy) {
            keys.error(
                at: "translation_strategy",
                "unsupported OTLP translation strategy \(strategy.goQuoted)"
                    + suggestion(strategy, known))
        } else if strategy.hasPrefix("No"), global.nameValidation == .legacy {
            keys.error(
                at: "translation_strategy",
                "OTLP translation strategy \(strategy.goQuoted) is not allowed when UTF8 is disabled"
            )
        }
        let promotesAll = keys.bool("promote_all_resource_attributes") == true
        let promoted = attributes(keys, "promote_resource_attributes", "promoted")
        let ignored = attributes(keys, "ignore_resource_attributes", "ignored")
        if promotesAll, !promoted.isEmpty {
            keys.error(
                "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously"
            )
        }
        if !promotesAll, !ignored.isEmpty {
            keys.error(
                "'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true"
            )
        }
        return ()
    }

    private static func attributes(
        _ keys: KeyedElement, _ key: String, _ what: String
    ) -> [String] {
        let names = keys.strings(key).map(\.trimmingWhitespace)
        var seen: Set<String> = []
        for name in names {
            if name.isEmpty {
                keys.error(
                    at: key, "invalid '\(key)': empty \(what) OTel resource attribute")
            } else if !seen.insert(name).inserted {
                keys.error(
                    at: key,
                    "invalid '\(key)': duplicated \(what) OTel resource attribute \(name.goQuoted)")
            }
        }
        return names
    }
}
