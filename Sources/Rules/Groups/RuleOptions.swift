import Configuration
import Model

/// What a configuration says of all rules.
public struct RuleOptions: Sendable, Hashable {
    /// `global.evaluation_interval`: of groups that name none.
    public var interval = Milliseconds.minutes(1)
    /// `global.rule_query_offset`: of groups that name none.
    public var queryOffset = Milliseconds.zero
    /// `global.external_labels`: in templates, and on alerts that are handed on.
    public var externalLabels = Labels.empty
    /// `alerting.alert_relabel_configs`: of alerts that are handed on.
    public var alertRelabeling: [RelabelRule] = []
    /// The daemon's own address as others see it, without a slash at its end.
    public var externalURL = ""
    /// How long an alert that goes on is not told again.
    public var resendDelay = Milliseconds.minutes(1)
    /// How long the daemon may be away before a pending alert starts over.
    public var outageTolerance = Milliseconds.minutes(60)
    /// See `AlertingState.Parameters.gracePeriod`.
    public var gracePeriod = Milliseconds.minutes(10)
    /// How old a sample may be and still count.
    public var lookback = Milliseconds.minutes(5)
    /// The step of subqueries that name none.
    public var defaultStep: Milliseconds { interval }

    /// Prometheus's defaults.
    public init() {}

    /// The link to an expression's table, as Prometheus makes it.
    func generatorURL(_ expression: String) -> String {
        externalURL + "/graph?g0.expr=" + PercentEncoding.formValue(expression) + "&g0.tab=1"
    }

    /// The labels under which an alert is handed on, nil where relabelling drops it: what it lacks of
    /// the external labels is added, then it is relabelled.
    func outgoingLabels(_ labels: Labels) -> Labels? {
        Relabel.apply(alertRelabeling, to: externalLabels.merging(labels))
    }

    /// Whether alerts are handed on under the same labels as with other options.
    func labelsAlike(_ other: RuleOptions) -> Bool {
        externalLabels == other.externalLabels && alertRelabeling == other.alertRelabeling
    }

    /// An alert as it is handed on, and what went wrong in its templates; nil where relabelling drops it.
    func outgoing(
        _ alert: ActiveAlert, generatorURL: String
    ) -> (alert: OutgoingAlert, templateErrors: [String])? {
        guard let labels = outgoingLabels(alert.labels) else { return nil }
        let notes = alert.notes.rendered()
        let outgoing = OutgoingAlert(
            labels: labels, annotations: notes.text,
            startsAt: alert.firedAt ?? alert.activeAt,
            endsAt: alert.resolvedAt ?? alert.validUntil ?? alert.activeAt,
            generatorURL: generatorURL, isResolved: alert.resolvedAt != nil)
        return (outgoing, notes.errors)
    }
}
