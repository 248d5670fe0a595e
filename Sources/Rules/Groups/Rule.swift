import Configuration
import Model
import PromQL
import Store

/// How the last evaluation of a rule went.
public enum RuleHealth: String, Sendable, Hashable, Codable {
    case unknown
    case ok
    case err
}

/// One rule of a group: what is written, its plan, its state, and how its last evaluation went.
struct Rule {
    /// What it makes.
    enum Kind {
        case alerting(AlertingState)
        case recording(RecordingRule)
    }

    let identity: RuleIdentity
    let configuration: RuleConfiguration
    /// The group's and the rule's own labels, as written.
    let labels: Labels
    let query: RuleEngine.Query?
    /// Why the expression could not be planned.
    let planFailure: String?
    /// Every series that it reads.
    let reads: [RuleRead]
    let generatorURL: String
    /// Expands labels and annotations.
    var expansion: AlertExpansion
    /// Holds the samples that the rule reads in the store.
    let claims: [WindowClaim]
    var kind: Kind
    var output: RuleOutput
    var health = RuleHealth.unknown
    var lastError: String?
    var lastEvaluation: Timestamp?
    var evaluationTime = Duration.zero
    var lastSamples = 0

    init(
        _ configuration: RuleConfiguration, identity: RuleIdentity,
        group: RuleGroupConfiguration, interval: Milliseconds, options: RuleOptions,
        engine: RuleEngine, store: Store
    ) {
        self.identity = identity
        self.configuration = configuration
        let ownLabels = configuration.ownLabels(in: group)
        labels = Labels(keepingEmpty: ownLabels)
        do {
            query = try engine.prepare(configuration.expr.value)
            planFailure = nil
        } catch {
            query = nil
            planFailure = "\(error)"
        }
        reads = query?.expr.reads ?? []
        expansion = AlertExpansion(
            name: configuration.name, labels: ownLabels,
            annotations: configuration.plainAnnotations.sorted)
        let others = expansion.queries.compactMap { try? Parser.parse($0) }
        let offset = group.queryOffset ?? options.queryOffset
        let own = query?.expr.claims(in: store, offset: offset, options) ?? []
        claims = own + others.flatMap { $0.claims(in: store, offset: .zero, options) }
        generatorURL = options.generatorURL(
            query.map { $0.expr.description } ?? configuration.expr.value)
        switch configuration.kind {
        case .recording(let name):
            kind = .recording(RecordingRule(name: name, labels: ownLabels, limit: group.limit))
        case .alerting(let name):
            var parameters = AlertingState.Parameters(name: name, key: identity.key)
            parameters.generatorURL = generatorURL
            parameters.holdDuration = configuration.forDuration
            parameters.keepFiringFor = configuration.keepFiringFor
            parameters.limit = group.limit
            parameters.interval = interval
            parameters.resendDelay = options.resendDelay
            parameters.outageTolerance = options.outageTolerance
            parameters.gracePeriod = options.gracePeriod
            kind = .alerting(AlertingState(parameters))
        }
        output = RuleOutput(store: store, key: identity.key)
    }

    /// The expression as the printer writes it; as it was written where it is none.
    var printedQuery: String {
        query.map { $0.expr.description } ?? configuration.expr.value
    }

    /// Changes the alerts in their place: their table is not copied, since nothing else refers to it
    /// meanwhile. Nil for a recording rule.
    mutating func withAlerts<Result, Failure: Error>(
        _ change: (inout AlertingState) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard case .alerting(var state) = kind else { return nil }
        kind = .recording(RecordingRule(name: "", labels: [], limit: 0))
        defer { kind = .alerting(state) }
        return try change(&state)
    }

    /// The alerts; nil for a recording rule.
    var alerting: AlertingState? {
        if case .alerting(let state) = kind { state } else { nil }
    }
}

extension Rule {
    /// Goes on where `former` stopped, the same rule before a reload. What changes in the rows where
    /// its identity is another one now. `resend`: as if nothing had been told of its alerts.
    mutating func adopt(_ former: Rule, resend: Bool) -> [StateChange] {
        var changes: [StateChange] = []
        if case .alerting(var state) = kind, let alerts = former.alerting {
            changes = state.adopt(alerts, resend: resend)
            kind = .alerting(state)
        }
        if identity == former.identity {
            output = former.output
        } else {
            output.follow(former.output)
        }
        health = former.health
        lastError = former.lastError
        lastEvaluation = former.lastEvaluation
        evaluationTime = former.evaluationTime
        return changes
    }
}
