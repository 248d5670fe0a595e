import Configuration
import Foundation
import HTTPClient
import Model
import Transport

/// Finds targets: one entry of a mechanism of discovery (`static_configs`, `file_sd_configs`, …).
///
/// A source is its settings: two that are equal find the same, so that one goes on over a reload. What
/// it needs of the world it is handed. A new mechanism is a folder and a row in `TargetSources.table`.
public protocol TargetSource: Sendable, Hashable {
    /// The mechanism's name, as in `NAME_sd_configs`.
    static var mechanism: String { get }

    /// The section that its entries are in, `NAME_sd_configs` for most.
    static var section: String { get }

    /// What is known without looking anywhere; such a source need not run.
    var knownGroups: [DiscoveredGroup]? { get }

    /// Looks for targets until the task is cancelled, and yields what it found after every look.
    ///
    /// Each update is the whole set of groups: nothing is added up. After an error the groups of the
    /// last update stay; an empty list empties. A source that is told of changes one by one
    /// collects them for a while: whoever listens makes all targets anew.
    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async
}

extension TargetSource {
    public static var section: String { mechanism + "_sd_configs" }

    public var knownGroups: [DiscoveredGroup]? { nil }
}

/// What sources are handed of the world.
public struct SourceEnvironment: Sendable {
    /// The pipeline's clock.
    public var clock: any PipelineClock
    /// How files are looked at.
    public var files: ScrapeFiles
    /// How to reach others.
    public var transport: any Transporting
    /// How to ask the DNS.
    public var resolver: any NameResolving
    /// The pod that this program runs in.
    public var kubernetesPod: KubernetesPod
    /// The environment's variables.
    public var variables: [String: String]
    /// Where a source looks for Amazon's credentials; each keeps its own.
    public var amazon: @Sendable () -> AWSEnvironment

    /// An environment.
    public init(
        clock: any PipelineClock, files: ScrapeFiles = .system, transport: any Transporting,
        resolver: any NameResolving = CAresResolver(),
        kubernetesPod: KubernetesPod = KubernetesPod(
            environment: ProcessInfo.processInfo.environment),
        variables: [String: String] = ProcessInfo.processInfo.environment,
        amazon: @escaping @Sendable () -> AWSEnvironment = AWSEnvironment.system
    ) {
        self.kubernetesPod = kubernetesPod
        self.clock = clock
        self.files = files
        self.transport = transport
        self.resolver = resolver
        self.variables = variables
        self.amazon = amazon
    }
}

/// What one look of a source brought.
public struct SourceUpdate: Sendable, Hashable {
    /// All groups, in the order in which targets are made; nil where they are as they were.
    public var groups: [DiscoveredGroup]?
    /// What is wrong, with its place; empty where the look succeeded. No secret is in it.
    public var problems: [String]

    /// An update.
    public init(groups: [DiscoveredGroup]?, problems: [String] = []) {
        self.groups = groups
        self.problems = problems
    }

    /// The look failed: the groups stay.
    public static func failure(_ problem: String) -> SourceUpdate {
        SourceUpdate(groups: nil, problems: [problem])
    }
}

/// Targets that were found together and share labels.
public struct DiscoveredGroup: Sendable, Hashable {
    /// Where they were found, for messages: a path, or the mechanism's own name for it.
    public var place: String
    /// The labels of each target, `__address__` among them; they win over those of the group.
    public var targets: [Labels]
    /// The labels that all have.
    public var labels: Labels
    /// How the targets' expositions are got.
    public var exposition: Target.Source

    /// A group.
    public init(
        place: String, targets: [Labels], labels: Labels = .empty,
        exposition: Target.Source = .http
    ) {
        self.place = place
        self.targets = targets
        self.labels = labels
        self.exposition = exposition
    }

    /// A group as users write it: of `static_configs`, or of a file of `file_sd_configs`.
    public init(_ group: TargetGroup, file: String? = nil) {
        let meta = file.map { Labels(["__meta_filepath": $0]) } ?? .empty
        self.init(
            place: file ?? "static_configs",
            targets: group.targets.map { meta.setting("__address__", $0) }, labels: group.labels)
    }
}

/// How a source fares.
public struct SourceState: Sendable, Hashable {
    /// Whose source it is: the job of a scrape configuration.
    public var pool: String
    /// The mechanism's name.
    public var mechanism: String
    /// The section that the source is an entry of, such as `dns_sd_configs`.
    public var section: String
    /// Which of the pool's sources of that mechanism it is, from 0.
    public var index: Int
    /// When a look last succeeded; nil before that.
    public var lastSuccess: Timestamp?
    /// What was wrong at the last look; empty where it succeeded.
    public var problems: [String] = []
    /// What was wrong at the last look that failed, whatever came after it.
    public var lastProblems: [String] = []
    /// When a look last failed.
    public var lastFailure: Timestamp?
    /// How many looks are finished.
    public var looks = 0
    /// How many of them failed.
    public var failures = 0
    /// It ended by itself: its settings cannot work, and it looks no more.
    public var hasGivenUp = false
    /// How many groups it found.
    public var groups = 0
    /// How many targets are in them, before relabelling.
    public var targets = 0

    mutating func looked(_ problems: [String], at now: Timestamp) {
        self.problems = problems
        looks += 1
        if problems.isEmpty {
            lastSuccess = now
        } else {
            failures += 1
            lastFailure = now
            lastProblems = problems
        }
    }
}
