import Model

extension TocsinConfiguration {
    /// Reads `tocsin.yml` (or a `prometheus.yml`), and the files that `scrape_config_files` names.
    ///
    /// `environment` is what `${NAME}` in `external_labels` reads; `features` are enabled besides those
    /// of `enable_features`.
    public static func load(
        path: String, environment: [String: String] = [:], features: [String] = [],
        files: FileAccess = .system
    ) -> LoadResult<TocsinConfiguration> {
        do {
            return load(
                text: try files.read(path), path: path, environment: environment,
                features: features, files: files)
        } catch {
            return LoadResult(
                value: nil, problems: [Problem(at: SourcePlace(file: path), error.description)])
        }
    }

    /// As above, with the file's content at hand.
    public static func load(
        text: [UInt8], path: String, environment: [String: String] = [:],
        features: [String] = [], files: FileAccess = .system
    ) -> LoadResult<TocsinConfiguration> {
        let context = DecodingContext(path: path, environment: environment)
        context.add(FeatureFlags.problems(features))
        let (root, problems) = YAMLParser.parse(text, file: path)
        context.add(problems)
        guard let root else {
            var configuration = TocsinConfiguration.empty(path, context)
            configuration.tocsin.enabledFeatures = features
            if let conflict = FeatureFlags.conflict(features) {
                context.add(Problem(at: SourcePlace(file: "--enable-feature"), conflict))
            }
            return context.result(configuration)
        }
        let reader = TocsinConfigurationReader(files: files, path: path, features: features)
        return context.result(
            Element(node: root, path: "", context: context).object(reader.read), of: root)
    }

    private static func empty(_ path: String, _ context: DecodingContext) -> TocsinConfiguration {
        var configuration = TocsinConfiguration()
        configuration.path = path
        configuration.resolvePaths(context)
        return configuration
    }

    /// Flags that Prometheus has on the command line make a difference to each job.
    fileprivate mutating func applyFeaturesToJobs() {
        for index in scrapeConfigurations.indices {
            scrapeConfigurations[index].addsTypeAndUnitLabels = tocsin.addsTypeAndUnitLabels
            guard tocsin.readsStartTimestamps else { continue }
            scrapeConfigurations[index].readsStartTimestamps = true
            if !scrapeConfigurations[index].hasOwnProtocols {
                scrapeConfigurations[index].scrapeProtocols = ScrapeProtocol.protobufFirst
            }
        }
    }

    fileprivate mutating func resolvePaths(_ context: DecodingContext) {
        tocsin.notifiers.value = FilePath.resolve(tocsin.notifiers.value, in: context.directory)
        tocsin.storage.path = FilePath.resolve(tocsin.storage.path, in: context.directory)
    }
}

/// Reads the top level.
private struct TocsinConfigurationReader {
    /// A glob only in the last part of a path.
    private static let filePattern = try? LinearRegex("^[^*]*(\\*[^/]*)?$")

    let files: FileAccess
    let path: String
    let features: [String]

    func read(_ keys: KeyedElement) -> TocsinConfiguration? {
        var configuration = TocsinConfiguration()
        configuration.path = path
        if let global = keys.object("global", GlobalReader.read) { configuration.global = global }
        configuration.ruleFiles = patterns(keys, "rule_files", "rule file")
        let reader = ScrapeReader(global: configuration.global)
        configuration.scrapeConfigurations = reader.list(keys)
        for pattern in patterns(keys, "scrape_config_files", "scrape config file") {
            configuration.scrapeConfigurations += included(pattern, reader, keys.context)
        }
        checkJobNames(configuration.scrapeConfigurations, keys.context)
        _ = keys.object("alerting") { alerting in
            configuration.alertmanagers = AlertingReader.alertmanagers(
                alerting, configuration.global)
            configuration.alertRelabeling = RelabelReader.list(
                alerting, "alert_relabel_configs", empty: "alert relabeling rule",
                configuration.global.nameValidation)
        }
        if let settings = keys.object("tocsin", SettingsReader.read) {
            configuration.tocsin = settings
        }
        configuration.tocsin.enabledFeatures += features
        _ = keys.object("storage") { StorageReader.read($0, into: &configuration) }
        if let conflict = FeatureFlags.conflict(configuration.tocsin.enabledFeatures) {
            keys.error(conflict)
        }
        configuration.applyFeaturesToJobs()
        if let otlp = keys.object("otlp", { OTLPReader.read($0, configuration.global) }) {
            configuration.otlp = otlp
        }
        UnactedSections.read(keys, configuration.global)
        configuration.resolvePaths(keys.context)
        return configuration
    }

    private func patterns(
        _ keys: KeyedElement, _ key: String, _ what: String
    ) -> [Located<String>] {
        keys.list(key) { element in
            guard let text = element.string() else { return nil }
            if !(TocsinConfigurationReader.filePattern?.matchesWhole(text) ?? true) {
                element.error("invalid \(what) path \(text.goQuoted)")
            }
            return element.filePattern()
        }
    }

    /// The jobs of the files that match a pattern of `scrape_config_files`.
    private func included(
        _ pattern: Located<String>, _ reader: ScrapeReader, _ context: DecodingContext
    ) -> [ScrapeConfiguration] {
        files.glob(pattern.value).flatMap { file -> [ScrapeConfiguration] in
            let bytes: [UInt8]
            do {
                bytes = try files.read(file)
            } catch {
                context.add(Problem(at: pattern.place, "\(file): \(error)"))
                return []
            }
            let inner = DecodingContext(path: file, environment: context.environment)
            let (root, problems) = YAMLParser.parse(bytes, file: file)
            inner.add(problems)
            let jobs = root.flatMap { root in
                Element(node: root, path: "", context: inner).object { reader.list($0) }
            }
            context.add(inner.problems)
            return jobs ?? []
        }
    }

    private func checkJobNames(_ jobs: [ScrapeConfiguration], _ context: DecodingContext) {
        var seen: Set<String> = []
        for job in jobs where !job.jobName.isEmpty {
            if !seen.insert(job.jobName).inserted {
                context.add(
                    Problem(
                        at: job.place, path: "scrape_configs",
                        "found multiple scrape configs with job name \(job.jobName.goQuoted)"))
            }
        }
    }
}
