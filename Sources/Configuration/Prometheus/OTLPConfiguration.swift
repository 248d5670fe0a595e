import Model

/// `otlp`: how metrics that are pushed by OTLP are translated.
public struct OTLPConfiguration: Sendable, Hashable {
    /// How metric and label names are made.
    public enum TranslationStrategy: String, Sendable, Hashable, CaseIterable {
        case underscoreEscapingWithSuffixes = "UnderscoreEscapingWithSuffixes"
        case underscoreEscapingWithoutSuffixes = "UnderscoreEscapingWithoutSuffixes"
        case noUTF8EscapingWithSuffixes = "NoUTF8EscapingWithSuffixes"
        case noTranslation = "NoTranslation"

        /// Whether characters that legacy names do not have become underscores.
        public var escapes: Bool {
            self == .underscoreEscapingWithSuffixes || self == .underscoreEscapingWithoutSuffixes
        }

        /// Whether units and types are added to metric names.
        public var addsSuffixes: Bool {
            self == .underscoreEscapingWithSuffixes || self == .noUTF8EscapingWithSuffixes
        }
    }

    /// Which resource attributes become labels of every series of the resource.
    public enum Promotion: Sendable, Hashable {
        /// `promote_resource_attributes`.
        case only(Set<String>)
        /// `promote_all_resource_attributes`, without those of `ignore_resource_attributes`.
        case allExcept(Set<String>)
    }

    /// `translation_strategy`.
    public var translationStrategy = TranslationStrategy.underscoreEscapingWithSuffixes
    /// `promote_resource_attributes`, `promote_all_resource_attributes`, `ignore_resource_attributes`.
    public var promotion = Promotion.only([])
    /// `keep_identifying_resource_attributes`: whether `target_info` has what `job` and `instance`
    /// are made of.
    public var keepsIdentifyingResourceAttributes = false
    /// `convert_histograms_to_nhcb`.
    public var convertsHistogramsToNHCB = false
    /// `promote_scope_metadata`.
    public var promotesScopeMetadata = false
    /// `label_name_underscore_sanitization`: whether a label's name that begins with one underscore
    /// gets `key` before it.
    public var sanitizesLeadingUnderscores = true
    /// `label_name_preserve_multiple_underscores`.
    public var preservesMultipleUnderscores = true

    /// Prometheus's defaults.
    public init() {}
}

/// Reads `otlp`.
enum OTLPReader {
    static func read(
        _ keys: KeyedElement, _ global: GlobalConfiguration
    ) -> OTLPConfiguration? {
        var otlp = OTLPConfiguration()
        keys.bool("keep_identifying_resource_attributes", &otlp.keepsIdentifyingResourceAttributes)
        keys.bool("convert_histograms_to_nhcb", &otlp.convertsHistogramsToNHCB)
        keys.bool("promote_scope_metadata", &otlp.promotesScopeMetadata)
        keys.bool("label_name_underscore_sanitization", &otlp.sanitizesLeadingUnderscores)
        keys.bool("label_name_preserve_multiple_underscores", &otlp.preservesMultipleUnderscores)
        if let strategy = strategy(keys, global) { otlp.translationStrategy = strategy }
        otlp.promotion = promotion(keys)
        return otlp
    }

    private static func strategy(
        _ keys: KeyedElement, _ global: GlobalConfiguration
    ) -> OTLPConfiguration.TranslationStrategy? {
        guard let name = keys.string("translation_strategy") else { return nil }
        // As in Prometheus, a strategy that is there and empty translates nothing, and is not judged.
        if name.isEmpty { return .noTranslation }
        guard let strategy = OTLPConfiguration.TranslationStrategy(rawValue: name) else {
            let known = OTLPConfiguration.TranslationStrategy.allCases.map(\.rawValue)
            keys.error(
                at: "translation_strategy",
                "unsupported OTLP translation strategy \(name.goQuoted)" + suggestion(name, known))
            return nil
        }
        if !strategy.escapes, global.nameValidation == .legacy {
            keys.error(
                at: "translation_strategy",
                "OTLP translation strategy \(name.goQuoted) is not allowed when UTF8 is disabled")
        }
        return strategy
    }

    private static func promotion(_ keys: KeyedElement) -> OTLPConfiguration.Promotion {
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
        return promotesAll ? .allExcept(Set(ignored)) : .only(Set(promoted))
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
