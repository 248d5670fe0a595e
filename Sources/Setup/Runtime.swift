import Configuration
import Model
import Notify
import PromQL
import Rules
import Store

#if canImport(Glibc)
    import Glibc
#endif

/// Everything that follows from the files, whole and unchanging: a start takes one, a reload swaps it
/// for another. What it shows is what was loaded; no file is read again to show it.
public struct Runtime: Sendable {
    /// What users wrote.
    public let documents: Documents
    /// What is unwise but works.
    public let warnings: [Problem]
    /// Rules that cannot be evaluated and fields of receivers that cannot be rendered. Each fails by
    /// itself and stops no other: a start goes on with them, a reload refuses them, since what runs is
    /// better.
    public let faults: [Problem]
    /// The limits and features of queries.
    public let engine: EngineOptions
    /// What rules are evaluated under.
    public let rules: RuleOptions
    /// How long every series is kept, whether a rule reads it or not.
    public let depth: Milliseconds
    /// What makes notifications: by receiver, in the order of the file.
    public let integrations: [String: [any Integration]]
    /// Where others reach the daemon, without a slash at its end.
    public let externalURL: String
    /// The origins whose pages may ask, as a whole.
    public let corsOrigin: LinearRegex?
    /// What takes effect at a restart only.
    public let restartSettings: RestartSettings

    /// `tocsin.yml`, with what the command line says in its place.
    public var configuration: TocsinConfiguration { documents.configuration }
    /// Its section `tocsin`.
    public var settings: TocsinSettings { documents.configuration.tocsin }

    /// What follows from the documents.
    public init(_ documents: Documents, warnings: [Problem] = []) {
        let configuration = documents.configuration
        let settings = configuration.tocsin
        self.documents = documents
        self.warnings = warnings
        externalURL = Runtime.externalURL(settings.web)
        engine = EngineOptions(configuration)
        rules = RuleOptions(configuration, externalURL: externalURL)
        depth = max(
            settings.query.lookbackDelta,
            settings.storage.keep == .all ? settings.storage.retention : .zero)
        integrations = Receivers.integrations(
            documents.notifiers, templates: documents.templates)
        corsOrigin = try? LinearRegex(settings.web.corsOrigin)
        restartSettings = RestartSettings(settings)
        var context = CheckContext(parser: engine.parser)
        context.sources = documents.ruleTexts
        faults =
            RuleCheck.run(RuleCheck.errors, files: documents.ruleFiles, context)
            + Receivers.check(documents.notifiers, templates: documents.templates)
            + Receivers.undefinedTemplates(documents.notifiers, templates: documents.templates)
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return bytes.isEmpty ? "localhost" : String(decoding: bytes, as: UTF8.self)
    }

    private static func externalURL(_ web: WebSettings) -> String {
        ExternalURL.text(
            web.externalURL, listenAddress: web.listenAddress, hostName: hostName)
    }

    /// A store as its settings say. `sink` is told of every commit.
    public func store(
        keepingEverything keepsEverything: Bool = false, sink: (any CommitSink)? = nil
    ) -> Store {
        var options = StoreOptions()
        options.lookback = settings.query.lookbackDelta
        options.keepsEverything = keepsEverything
        options.sink = sink
        let store = Store(options)
        store.exemplars.resize(to: exemplarCapacity)
        return store
    }

    /// How many exemplars are kept: none without the feature flag.
    public var exemplarCapacity: Int {
        settings.enabledFeatures.contains("exemplar-storage") ? configuration.maximumExemplars : 0
    }

    /// Keeps every series of a store for `depth`, as long as the claim lives.
    public func claim(on store: Store) -> WindowClaim { store.require(depth, of: [[]]) }

    /// What answers queries over a store.
    public func engine(over store: Store) -> Engine { Engine(store: store, options: engine) }
}

extension EngineOptions {
    /// The limits, defaults and features that a configuration sets.
    init(_ configuration: TocsinConfiguration) {
        self.init()
        let query = configuration.tocsin.query
        lookback = query.lookbackDelta
        defaultStep = configuration.global.evaluationInterval
        maximumSamples = query.maximumSamples
        memory = MemoryLimits(query)
        maximumPoints = query.maximumPoints
        timeout = query.timeout
        enable(configuration.tocsin.enabledFeatures)
    }
}

extension RuleOptions {
    /// What a configuration says of rules.
    init(_ configuration: TocsinConfiguration, externalURL: String) {
        self.init()
        let settings = configuration.tocsin
        interval = configuration.global.evaluationInterval
        queryOffset = configuration.global.ruleQueryOffset
        externalLabels = configuration.global.externalLabels
        alertRelabeling = configuration.alertRelabeling
        self.externalURL = externalURL
        lookback = settings.query.lookbackDelta
        resendDelay = settings.rules.resendDelay
        outageTolerance = settings.rules.outageTolerance
        gracePeriod = settings.rules.gracePeriod
    }
}
