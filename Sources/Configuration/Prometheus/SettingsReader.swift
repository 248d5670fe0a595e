import Model

/// Reads `tocsin:`.
enum SettingsReader {
    static func read(_ keys: KeyedElement) -> TocsinSettings? {
        var settings = TocsinSettings()
        keys.read("notifiers", into: &settings.notifiers) { $0.located() }
        keys.string("metrics_prefix", &settings.metricsPrefix)
        if !settings.metricsPrefix.isLegacyMetricName {
            keys.error(
                at: "metrics_prefix",
                "\(settings.metricsPrefix.goQuoted) cannot begin a metric's name")
        }
        settings.enabledFeatures = keys.list("enable_features") { element in
            guard let name = element.string() else { return nil }
            if let remark = FeatureFlags.remark(name) { element.warn(remark) }
            return name
        }
        if let storage = keys.object("storage", storage) { settings.storage = storage }
        if let web = keys.object("web", web) { settings.web = web }
        if let query = keys.object("query", query) { settings.query = query }
        if let rules = keys.object("rules", rules) { settings.rules = rules }
        if let told = keys.object("notifications", notifications) { settings.notifications = told }
        if let push = keys.object("push", PushSettingsReader.read) { settings.push = push }
        if let refusal = settings.push.refusal(listeningOn: settings.web.listenAddress) {
            keys.error(at: "push", refusal)
        }
        return settings
    }

    private static func storage(_ keys: KeyedElement) -> StorageSettings? {
        var storage = StorageSettings()
        keys.string("path", &storage.path)
        keys.duration("retention", &storage.retention)
        if keys.has("keep"),
            let word = keys["keep"]?.word(StorageSettings.Keep.allCases.map(\.rawValue), "keep"),
            let keep = StorageSettings.Keep(rawValue: word)
        {
            storage.keep = keep
        }
        storage.sampleRetention = keys.duration("samples")
        return storage
    }

    private static func web(_ keys: KeyedElement) -> WebSettings? {
        var web = WebSettings()
        keys.string("listen_address", &web.listenAddress)
        let port = web.listenAddress.utf8.split(separator: UInt8(ascii: ":")).last
        if !web.listenAddress.contains(":")
            || UInt16(port.map { String(decoding: $0, as: UTF8.self) } ?? "") == nil
        {
            keys.error(
                at: "listen_address",
                "expected an address and a port, such as 127.0.0.1:9090, found \(web.listenAddress.goQuoted)"
            )
        }
        if keys.has("external_url"), let element = keys["external_url"] {
            web.externalURL = element.string("a URL")
            if let url = web.externalURL, let problem = ExternalURL.problem(in: url) {
                element.error(problem)
            }
        }
        keys.bool("enable_lifecycle", &web.enableLifecycle)
        keys.string("cors_origin", &web.corsOrigin)
        if (try? LinearRegex(web.corsOrigin)) == nil {
            keys.error(
                at: "cors_origin", "\(web.corsOrigin.goQuoted) is no regular expression")
        }
        return web
    }

    private static func query(_ keys: KeyedElement) -> QuerySettings? {
        var query = QuerySettings()
        keys.duration("lookback_delta", &query.lookbackDelta)
        keys.duration("timeout", &query.timeout)
        keys.int("max_samples", &query.maximumSamples)
        keys.int("max_concurrency", &query.maximumConcurrency)
        keys.int("max_points", &query.maximumPoints)
        query.maximumMemory = memory(keys, "max_memory")
        query.maximumMemoryPerQuery = memory(keys, "max_memory_per_query")
        if query.lookbackDelta <= .zero {
            keys.error(at: "lookback_delta", "expected a duration greater than 0")
        }
        if query.timeout <= .zero {
            keys.error(at: "timeout", "expected a duration greater than 0")
        }
        if query.maximumSamples < 1 {
            keys.error(at: "max_samples", "expected a number greater than 0")
        }
        let threads = QuerySettings.concurrencyLimit
        if !(1...threads).contains(query.maximumConcurrency) {
            keys.error(at: "max_concurrency", "expected a number from 1 to \(threads)")
        }
        if query.maximumPoints < 1 {
            keys.error(at: "max_points", "expected a number greater than 0")
        }
        return query
    }

    /// A limit on memory, nil where none is written.
    private static func memory(_ keys: KeyedElement, _ key: String) -> Int? {
        guard keys.has(key), let bytes = keys[key]?.size() else { return nil }
        if bytes < QuerySettings.leastMemory {
            keys.error(at: key, "expected a size of at least 1MiB")
        }
        return Int(bytes)
    }

    private static func rules(_ keys: KeyedElement) -> RuleSettings? {
        var rules = RuleSettings()
        keys.duration("for_outage_tolerance", &rules.outageTolerance)
        keys.duration("for_grace_period", &rules.gracePeriod)
        keys.duration("resend_delay", &rules.resendDelay)
        return rules
    }

    private static func notifications(_ keys: KeyedElement) -> NotificationSettings? {
        var settings = NotificationSettings()
        keys.duration("max_age", &settings.maximumAge)
        if settings.maximumAge <= .zero {
            keys.error(at: "max_age", "expected a duration greater than 0")
        }
        return settings
    }
}
