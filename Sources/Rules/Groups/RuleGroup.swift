import Configuration
import Logging
import Model
import PromQL
import Store

/// Rules that are evaluated together, in order, at one time.
///
/// An evaluation reads one state of the store, pinned at its start, and what its own rules have
/// written since. It writes each rule's series as a frame, and hands back what alerts became of it;
/// it performs nothing else. A rule that fails says why in `status`, holds its alerts, writes
/// nothing, and its neighbours carry on.
///
/// Not thread-safe: whoever evaluates owns it. `status` is a value for everybody else.
public final class RuleGroup {
    /// The file that it stands in.
    public let file: String
    /// As it was written.
    public let configuration: RuleGroupConfiguration
    /// The time between evaluations.
    public let interval: Milliseconds
    /// How far into the past it looks.
    public let queryOffset: Milliseconds
    /// When it is due.
    public var schedule: GroupSchedule
    /// The rules, in order.
    var rules: [Rule]
    let options: RuleOptions
    private let engine: RuleEngine
    private let store: Store
    private let logger: Logger
    private var lastEvaluation: Timestamp?
    private var evaluationTime = Duration.zero
    private(set) var counters = RuleCounters()

    /// The group's name.
    public var name: String { configuration.name }

    /// A group that has not been evaluated yet. Rules that cannot be planned are there too, and
    /// fail whenever they are evaluated; `tocsin check` refuses them first.
    public init(
        _ configuration: RuleGroupConfiguration, file: String, options: RuleOptions,
        engine: RuleEngine, store: Store, start: GroupStart,
        logger: Logger = Logger(label: "rules")
    ) {
        self.configuration = configuration
        self.file = file
        self.options = options
        let engine = engine.forGroup?() ?? engine
        self.engine = engine
        self.store = store
        self.logger = logger
        let interval = configuration.interval ?? options.interval
        self.interval = interval
        queryOffset = configuration.queryOffset ?? options.queryOffset
        schedule = start.schedule(file: file, group: configuration.name, interval: interval)
        let identities = RuleIdentity.all(file: file, group: configuration)
        rules = zip(configuration.rules, identities).map { rule, identity in
            Rule(
                rule, identity: identity, group: configuration, interval: interval,
                options: options, engine: engine, store: store)
        }
    }

    /// Evaluates every rule at `t`. `isHeld` answers for restored alerts that their rule's result
    /// lacks, whether they stay as they are; by default they do until every target that may hold an
    /// input has been scraped again.
    public func evaluate(
        at t: Timestamp, isHeld: ((_ alert: ActiveAlert, _ reads: [RuleRead]) -> Bool)? = nil
    ) -> GroupEvaluation {
        let clock = ContinuousClock()
        let start = clock.now
        var evaluation = GroupEvaluation(time: t)
        var context = EvaluationContext(
            time: t, queryTime: t - queryOffset, pin: store.pin(), store: store, engine: engine,
            options: options, isHeld: isHeld)
        for index in rules.indices {
            let begun = clock.now
            let failure = evaluate(&rules[index], &context, &evaluation)
            let duration = clock.now - begun
            rules[index].evaluationTime = duration
            rules[index].lastEvaluation = t
            rules[index].health = failure == nil ? .ok : .err
            rules[index].lastError = failure
            evaluation.rules.append(
                GroupEvaluation.RuleOutcome(
                    name: rules[index].configuration.name, duration: duration, error: failure,
                    samples: failure == nil ? rules[index].lastSamples : 0,
                    templateErrors: context.takeTemplateErrors()))
        }
        evaluation.duration = clock.now - start
        lastEvaluation = t
        evaluationTime = evaluation.duration
        counters.count(evaluation)
        report(evaluation)
        return evaluation
    }

    private func evaluate(
        _ rule: inout Rule, _ context: inout EvaluationContext, _ evaluation: inout GroupEvaluation
    ) -> String? {
        do {
            guard let query = rule.query else {
                throw EvaluationFailure(rule.planFailure ?? "the expression has no plan")
            }
            let vector = try query.step(context.queryTime, context.pin)
            switch rule.kind {
            case .recording(var recording):
                let samples = try recording.samples(of: vector)
                rule.kind = .recording(recording)
                write(samples, of: &rule, &context)
            case .alerting:
                let found = rule.expansion.expand(vector, &context)
                let reads = rule.reads
                let step = try rule.withAlerts { state throws(EvaluationFailure) in
                    try state.evaluate(at: context.time, found) { context.holds($0, reads) }
                }
                guard let step else { return nil }
                writeAlerts(of: &rule, &context)
                for error in evaluation.take(step, of: rule, options) { context.note(error) }
            }
            return nil
        } catch {
            if let step = rule.withAlerts({ $0.hold(at: context.time) }) {
                evaluation.take(step, of: rule, options)
            }
            return "\(error)"
        }
    }

    private func write(
        _ samples: [RuleSample], of rule: inout Rule,
        _ context: inout EvaluationContext
    ) {
        rule.lastSamples = rule.output.write(samples, at: context.queryTime)
        include(&rule, in: &context)
    }

    private func writeAlerts(of rule: inout Rule, _ context: inout EvaluationContext) {
        guard case .alerting(let alerts) = rule.kind else { return }
        rule.lastSamples = rule.output.write(
            alerts, name: rule.configuration.name, at: context.queryTime)
        include(&rule, in: &context)
    }

    /// Lets the later rules of the group see what the rule wrote.
    private func include(_ rule: inout Rule, in context: inout EvaluationContext) {
        context.pin.include(rule.output.axis)
        for axis in rule.output.endPredecessors(in: store, at: context.queryTime) {
            context.pin.include(axis)
        }
    }

    private func report(_ evaluation: GroupEvaluation) {
        for outcome in evaluation.rules {
            let metadata: Logger.Metadata = ["group": "\(name)", "rule": "\(outcome.name)"]
            if let error = outcome.error {
                logger.warning("evaluating rule failed: \(error)", metadata: metadata)
            }
            for error in outcome.templateErrors.prefix(1) {
                logger.warning("expanding alert template failed: \(error)", metadata: metadata)
            }
        }
    }
}

// MARK: - Reload

extension RuleGroup {
    /// Takes over the alerts of the rules that `former` has too. Its other rules are left as they
    /// are, for `end`.
    func adopt(_ former: RuleGroup) {
        let byIdentity = Dictionary(
            former.rules.enumerated().map { ($0.element.identity, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        for index in rules.indices {
            guard let old = byIdentity[rules[index].identity] else { continue }
            _ = rules[index].adopt(
                former.rules[old], resend: !options.labelsAlike(former.options))
        }
        lastEvaluation = former.lastEvaluation
        evaluationTime = former.evaluationTime
        counters = former.counters
        if former.interval == interval { schedule = former.schedule }
    }

    /// Ends the rules that are not among `kept`: their alerts are over, their series stale. Of the
    /// others' alerts, what was told under other labels than `next` gives is over too.
    func end(
        except kept: Set<RuleIdentity>, under next: RuleOptions, at t: Timestamp
    ) -> GroupEvaluation {
        var evaluation = GroupEvaluation(time: t)
        for rule in rules where kept.contains(rule.identity) {
            evaluation.alerts += toldOtherwise(rule, under: next, at: t)
        }
        for index in rules.indices where !kept.contains(rules[index].identity) {
            if case .alerting(var state) = rules[index].kind {
                evaluation.take(state.end(at: t), of: rules[index], options)
            }
            rules[index].output.close(in: store, at: t - queryOffset)
        }
        return evaluation
    }
}

extension RuleGroup {
    /// The ends of what a rule's alerts were told as, where `next` gives them other labels.
    private func toldOtherwise(
        _ rule: Rule, under next: RuleOptions, at t: Timestamp
    ) -> [OutgoingAlert] {
        if options.labelsAlike(next) { return [] }
        return (rule.alerting?.active ?? []).compactMap { active in
            guard active.lastSentAt != nil, let told = options.outgoingLabels(active.labels),
                told != next.outgoingLabels(active.labels)
            else { return nil }
            var alert = active
            alert.resolvedAt = t
            return options.outgoing(alert, generatorURL: rule.generatorURL)?.alert
        }
    }
}

// MARK: - Restart and status

extension RuleGroup {
    /// Takes over the alerts of one of its rules. False where it has no such alerting rule.
    func restore(
        _ alerts: [ActiveAlert], of key: String, lastEvaluation: Timestamp, now: Timestamp
    ) -> Bool {
        guard let index = rules.firstIndex(where: { $0.identity.key.bytesEqual(key) }),
            case .alerting(var state) = rules[index].kind
        else { return false }
        state.restore(alerts, lastEvaluation: lastEvaluation, now: now)
        rules[index].kind = .alerting(state)
        return true
    }

    /// Takes over an alert of a rule of another identity, which the rule at `index` goes on with. Its
    /// row; nil where the rule has this alert already.
    func restore(
        moved alert: ActiveAlert, at index: Int, lastEvaluation: Timestamp, now: Timestamp
    ) -> StateChange? {
        guard case .alerting(var state) = rules[index].kind else { return nil }
        let row = state.restore(moved: alert, lastEvaluation: lastEvaluation, now: now)
        rules[index].kind = .alerting(state)
        return row
    }

    /// Tells every firing alert that is due, outside an evaluation.
    func hold(at t: Timestamp) -> [OutgoingAlert] {
        var evaluation = GroupEvaluation(time: t)
        for index in rules.indices {
            guard case .alerting(var state) = rules[index].kind else { continue }
            evaluation.take(state.hold(at: t), of: rules[index], options)
            rules[index].kind = .alerting(state)
        }
        return evaluation.alerts
    }

    /// What the API shows of it.
    public var status: RuleGroupStatus {
        RuleGroupStatus(
            name: name, file: file, interval: interval, limit: configuration.limit,
            rules: rules.map(\.status), evaluationTime: evaluationTime,
            lastEvaluation: lastEvaluation, queryOffset: queryOffset, schedule: schedule,
            counters: counters)
    }
}
