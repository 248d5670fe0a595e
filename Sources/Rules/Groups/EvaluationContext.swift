import Model
import PromQL
import Store

/// What the rules of one evaluation share.
struct EvaluationContext {
    /// The evaluation's time: alerts are active since then.
    let time: Timestamp
    /// The time that expressions are evaluated at, and that samples are written with.
    let queryTime: Timestamp
    /// The one state of the store that is read.
    var pin: Pin
    let store: Store
    let engine: RuleEngine
    let options: RuleOptions
    let isHeld: ((_ alert: ActiveAlert, _ reads: [RuleRead]) -> Bool)?
    private var targets: ScrapedTargets?
    private var templateErrors: [String] = []

    init(
        time: Timestamp, queryTime: Timestamp, pin: Pin, store: Store, engine: RuleEngine,
        options: RuleOptions, isHeld: ((_ alert: ActiveAlert, _ reads: [RuleRead]) -> Bool)?
    ) {
        self.time = time
        self.queryTime = queryTime
        self.pin = pin
        self.store = store
        self.engine = engine
        self.options = options
        self.isHeld = isHeld
    }

    /// Whether a restored alert that the result lacks stays as it is.
    mutating func holds(_ alert: ActiveAlert, _ reads: [RuleRead]) -> Bool {
        if let isHeld { return isHeld(alert, reads) }
        guard let since = alert.restoredFrom, !reads.isEmpty else { return false }
        let targets =
            targets
            ?? ScrapedTargets(store, at: queryTime, lookback: options.lookback, pin: pin)
        self.targets = targets
        return !targets.cover(reads, of: alert, since: since)
    }

    /// Remembers that a template did not expand.
    mutating func note(_ error: String) { templateErrors.append(error) }

    /// The template errors since the last call.
    mutating func takeTemplateErrors() -> [String] {
        defer { templateErrors = [] }
        return templateErrors
    }
}
