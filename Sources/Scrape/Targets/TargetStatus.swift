import Exposition
import Model

/// How a target fares, for `/api/v1/targets`.
public struct TargetStatus: Sendable, Hashable {
    /// Whether its last scrape succeeded.
    public enum Health: String, Sendable, Hashable, Codable {
        case unknown
        case up
        case down
    }

    /// The target.
    public var target: Target
    /// Whether its last scrape succeeded.
    public var health = Health.unknown
    /// Why it did not, or "".
    public var lastError = ""
    /// When it was scraped last.
    public var lastScrape: Timestamp?
    /// How long that took, in seconds.
    public var lastScrapeDuration = 0.0

    mutating func record(_ report: ScrapeReport, at time: Timestamp, duration: Double) {
        health = report.error == nil ? .up : .down
        lastError = report.error ?? ""
        lastScrape = time
        lastScrapeDuration = duration
    }
}

/// What is scraped and what is not.
public struct ScrapeStatus: Sendable {
    /// The targets, by pool and URL.
    public var active: [TargetStatus] = []
    /// Targets that relabelling dropped.
    public var dropped: [DroppedTarget] = []
    /// How many were dropped, by pool.
    public var droppedCounts: [String: Int] = [:]
    /// How the sources of targets fare.
    public var sources: [SourceState] = []
    /// What cannot become a target, and why, by pool.
    public var failures: [String: [String]] = [:]
    /// Why a pool's targets are not scraped, where `target_limit` says so.
    public var limitErrors: [String: String] = [:]
    /// What is wrong with discovery: files that cannot be read, targets that cannot be made.
    public var problems: [String] = []
}

/// One scrape as it was seen, for whoever records it.
public struct ScrapeObservation: Sendable {
    /// The target.
    public var target: Target
    /// The frame's time.
    public var time: Timestamp
    /// The exposition, or why there is none.
    public var outcome: ScrapeOutcome
    /// How long it took, in seconds.
    public var duration: Double
    /// What became of it.
    public var report: ScrapeReport
}

/// A target of a recording: its samples get `job`, `instance` and the labels.
public struct RecordedTarget: Sendable, Hashable {
    /// The job.
    public var job: String
    /// The instance.
    public var instance: String
    /// The other labels.
    public var labels: Labels

    /// A target.
    public init(job: String, instance: String, labels: Labels = .empty) {
        self.job = job
        self.instance = instance
        self.labels = labels
    }
}
