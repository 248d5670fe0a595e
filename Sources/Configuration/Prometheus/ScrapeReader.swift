import Model

/// Reads `scrape_configs`, with the wording of Prometheus's own errors.
struct ScrapeReader {
    let global: GlobalConfiguration

    func list(_ keys: KeyedElement) -> [ScrapeConfiguration] {
        keys.list("scrape_configs") { element in
            if element.isNull {
                element.error("empty or null scrape config section")
                return nil
            }
            return element.object(job)
        }
    }

    private func job(_ keys: KeyedElement) -> ScrapeConfiguration? {
        var job = ScrapeConfiguration(jobName: keys.string("job_name") ?? "")
        job.place = keys.place
        if job.jobName.isEmpty { keys.error("job_name is empty") }
        readTimes(keys, &job)
        keys.string("metrics_path", &job.metricsPath)
        readScheme(keys, &job)
        readParameters(keys, &job)
        keys.bool("honor_labels", &job.honorLabels)
        keys.bool("honor_timestamps", &job.honorTimestamps)
        keys.bool("track_timestamps_staleness", &job.trackTimestampsStaleness)
        keys.bool("enable_compression", &job.enableCompression)
        readNames(keys, &job)
        job.histograms = global.histograms
        job.histograms.readSwitches(keys)
        job.histograms.readBounds(keys)
        readProtocols(keys, &job)
        job.limits = ScrapeReader.limits(keys, defaults: global.limits)
        ScrapeReader.readIgnored(keys)
        readTargets(keys, &job)
        job.relabeling = RelabelReader.list(
            keys, "relabel_configs", empty: "target relabeling rule in scrape config",
            job.nameValidation)
        job.metricRelabeling = RelabelReader.list(
            keys, "metric_relabel_configs", empty: "metric relabeling rule in scrape config",
            job.nameValidation)
        job.client = HTTPClientReader.read(keys)
        if job.relabeling.isEmpty {
            TargetReader.checkAddresses(keys, job.discoveries.staticTargets)
        }
        return job
    }

    private func readTimes(_ keys: KeyedElement, _ job: inout ScrapeConfiguration) {
        job.scrapeInterval = global.scrapeInterval
        if let interval = keys.duration("scrape_interval"), interval != .zero {
            job.scrapeInterval = interval
        }
        job.scrapeTimeout = min(global.scrapeTimeout, job.scrapeInterval)
        guard let timeout = keys.duration("scrape_timeout"), timeout != .zero else { return }
        job.scrapeTimeout = timeout
        if timeout > job.scrapeInterval {
            keys.error(
                at: "scrape_timeout",
                "scrape timeout greater than scrape interval for scrape config with job name \(job.jobName.goQuoted)",
                andFrom: ["scrape_interval"])
        }
    }

    private func readScheme(_ keys: KeyedElement, _ job: inout ScrapeConfiguration) {
        guard let element = keys["scheme"], let scheme = element.string(), !scheme.isEmpty else {
            return
        }
        // As it is written: a URL's scheme has no case.
        if ["http", "https"].contains(scheme.lowercased()) {
            job.scheme = scheme
        } else {
            element.error("expected http or https, found \(scheme.goQuoted)")
        }
    }

    private func readParameters(_ keys: KeyedElement, _ job: inout ScrapeConfiguration) {
        job.parameters = (keys["params"]?.entries() ?? []).map { entry in
            URLParameter(entry.key, entry.value.list { $0.string() } ?? [])
        }.sorted { $0.name.byteOrder($1.name) < 0 }
    }

    private func readNames(_ keys: KeyedElement, _ job: inout ScrapeConfiguration) {
        job.nameValidation = global.nameValidation
        if let validation = ScrapeReader.nameValidation(keys) { job.nameValidation = validation }
        // A job with a validation of its own has that one's default.
        let inherited = keys.has("metric_name_validation_scheme") ? nil : global.nameEscaping
        job.nameEscaping =
            ScrapeReader.escaping(keys, job.nameValidation) ?? inherited
            ?? .default(job.nameValidation)
    }

    /// `metric_name_validation_scheme`.
    static func nameValidation(_ keys: KeyedElement) -> NameValidation? {
        guard let element = keys["metric_name_validation_scheme"],
            let text = element.string(), !text.isEmpty
        else { return nil }
        if let validation = NameValidation(rawValue: text) { return validation }
        element.error(
            "unrecognized ValidationScheme: \(text.goQuoted)"
                + suggestion(text, ["utf8", "legacy"]))
        return nil
    }

    /// `metric_name_escaping_scheme`.
    static func escaping(
        _ keys: KeyedElement, _ validation: NameValidation
    ) -> NameEscaping? {
        guard keys.has("metric_name_escaping_scheme"),
            let word = keys["metric_name_escaping_scheme"]?.word(
                NameEscaping.allCases.map(\.rawValue), "name escaping method"),
            let scheme = NameEscaping(rawValue: word)
        else { return nil }
        if scheme == .allowUTF8, validation == .legacy {
            keys.error(
                at: "metric_name_escaping_scheme",
                "utf8 metric names requested but validation scheme is not set to UTF8")
        }
        return scheme
    }

    private func readProtocols(_ keys: KeyedElement, _ job: inout ScrapeConfiguration) {
        job.scrapeProtocols =
            global.scrapeProtocols
            ?? (job.histograms.scrapesNative
                ? ScrapeProtocol.protobufFirst : ScrapeProtocol.defaults)
        job.hasOwnProtocols = global.scrapeProtocols != nil
        if let list = ScrapeReader.protocols(keys) {
            job.scrapeProtocols = list
            job.hasOwnProtocols = true
        }
        if keys.has("fallback_scrape_protocol") {
            job.fallbackScrapeProtocol = keys["fallback_scrape_protocol"].flatMap(
                ScrapeReader.scrapeProtocol)
        }
    }

    /// `scrape_protocols`.
    static func protocols(_ keys: KeyedElement) -> [ScrapeProtocol]? {
        guard let element = keys["scrape_protocols"], !element.isNull else { return nil }
        guard let list = element.list(scrapeProtocol) else { return nil }
        if list.isEmpty { element.error("scrape_protocols cannot be empty") }
        if Set(list).count != list.count {
            let names = list.map(\.rawValue).joined(separator: " ")
            element.error("duplicated protocol in scrape_protocols, got [\(names)]")
        }
        return list
    }

    private static func scrapeProtocol(_ element: Element) -> ScrapeProtocol? {
        guard let text = element.string() else { return nil }
        if let known = ScrapeProtocol(rawValue: text) { return known }
        let names = ScrapeProtocol.allCases.map(\.rawValue)
        element.error(
            "unknown scrape protocol \(text), supported: [\(names.joined(separator: " "))]"
                + suggestion(text, names))
        return nil
    }

    static func limits(_ keys: KeyedElement, defaults: ScrapeLimits) -> ScrapeLimits {
        var limits = defaults
        func read(_ key: String, _ target: inout Int) {
            if let value = keys[key].flatMap({ $0.int() }), value != 0 { target = value }
        }
        if let size = keys["body_size_limit"].flatMap({ $0.size() }), size != 0 {
            limits.bodySize = size
        }
        read("sample_limit", &limits.samples)
        read("target_limit", &limits.targets)
        read("label_limit", &limits.labels)
        read("label_name_length_limit", &limits.labelNameLength)
        read("label_value_length_limit", &limits.labelValueLength)
        read("keep_dropped_targets", &limits.keptDroppedTargets)
        return limits
    }

    /// Keys that Prometheus acts on and Tocsin does not (yet): checked, and named in a warning.
    static func readIgnored(_ keys: KeyedElement) {
        if keys.bool("extra_scrape_metrics") == true {
            keys.warn(at: "extra_scrape_metrics", "is not acted on yet")
        }
        if !(keys.string("scrape_failure_log_file") ?? "").isEmpty {
            keys.warn(at: "scrape_failure_log_file", "is not acted on")
        }
    }

    private func readTargets(_ keys: KeyedElement, _ job: inout ScrapeConfiguration) {
        let (validation, name) = (job.nameValidation, job.jobName)
        job.discoveries = DiscoverySchemas.read(keys, validation) { mechanism in
            "is not acted on yet: job \(name.goQuoted) gets no targets from \(mechanism) discovery"
        }
        job.discoveries.textfiles = keys.list("textfile_configs") {
            TargetReader.textfiles($0, validation)
        }
    }
}
