import Model

/// Alerting and recording rules: their groups, their schedule, and the state of their alerts.
///
/// What this module promises:
///
/// - `AlertingState` is the whole life of one rule's alerts, as a value: a result vector goes in,
///   transitions, alerts to tell and rows to write come out. No clock, no I/O.
/// - `RuleGroup` evaluates rules in their order over a store: what a recording rule writes, the
///   rules after it read. A rule that fails holds its alerts as they are and stops nobody else.
/// - `RuleSet` is all groups of a configuration. It outlives a reload (`replacing(with:)`) and a
///   restart (`restore(rows:…)`) without losing an alert.
/// - `RuleCheck` finds what a rule cannot mean.
///
/// The semantics are those of Prometheus's rule manager. Where an alert would be lost there, it is
/// not lost here: an evaluation that fails holds alerts, and a restart restores every one of them.
public enum Rules {
    /// The metric that shows active alerts.
    public static let alertsMetric = "ALERTS"
    /// The metric that shows since when an alert is active.
    public static let alertsForStateMetric = "ALERTS_FOR_STATE"
    /// The label of `ALERTS` that holds the state.
    public static let alertStateLabel = "alertstate"
    /// The label that holds the rule's name.
    public static let alertNameLabel = "alertname"
}
