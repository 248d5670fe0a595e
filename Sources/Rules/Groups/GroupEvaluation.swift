import Model

/// What one evaluation of a group leads to. Its rows are to be written before its alerts are handed
/// on, in one transaction with what the notifier makes of them.
public struct GroupEvaluation: Sendable {
    /// How one rule's part went.
    public struct RuleOutcome: Sendable {
        /// The rule's name.
        public var name: String
        /// How long it took.
        public var duration: Duration
        /// Why it failed, where it did.
        public var error: String?
        /// How many samples it wrote.
        public var samples: Int
        /// Templates that did not expand.
        public var templateErrors: [String] = []
    }

    /// The evaluation's time.
    public var time: Timestamp
    /// Changes of alerts' states, in the rules' order.
    public var transitions: [Transition] = []
    /// Alerts to hand on.
    public var alerts: [OutgoingAlert] = []
    /// Rows to write.
    public var changes: [StateChange] = []
    /// The rules' outcomes, in their order.
    public var rules: [RuleOutcome] = []
    /// How long it took.
    public var duration = Duration.zero

    /// How many samples were written.
    public var samples: Int { rules.reduce(0) { $0 + $1.samples } }
    /// How many rules failed.
    public var failures: Int { rules.count { $0.error != nil } }

    /// Nothing yet.
    public init(time: Timestamp) { self.time = time }

    /// Takes over what became of a rule's alerts; returns what went wrong in their templates.
    @discardableResult
    mutating func take(
        _ step: AlertingState.Step, of rule: Rule, _ options: RuleOptions
    ) -> [String] {
        transitions += step.transitions
        changes += step.changes
        var errors = step.templateErrors
        for alert in step.toSend {
            guard let told = options.outgoing(alert, generatorURL: rule.generatorURL) else {
                continue
            }
            errors += told.templateErrors
            alerts.append(told.alert)
        }
        return errors
    }
}
