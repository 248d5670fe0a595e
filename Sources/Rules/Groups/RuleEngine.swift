import Model
import PromQL
import Store

/// What rules need of the query engine.
public struct RuleEngine {
    /// An expression that is bound to the store and evaluated again and again.
    public struct Query {
        /// The expression.
        public var expr: Expr
        /// Its vector at a time; a scalar is a vector of one series without labels.
        public var step: (_ t: Timestamp, _ pin: Pin) throws -> StepVector

        /// A query.
        public init(
            expr: Expr, step: @escaping (_ t: Timestamp, _ pin: Pin) throws -> StepVector
        ) {
            self.expr = expr
            self.step = step
        }
    }

    /// Plans an expression; throws where it is none.
    public var prepare: (_ text: String) throws -> Query
    /// Evaluates an expression once: the `query` function of templates.
    public var instant: (_ text: String, _ t: Timestamp, _ pin: Pin) throws -> [VectorSample]

    /// The same for the rules of one group, which are evaluated one after the other: what their
    /// expressions have in common is evaluated once.
    public var forGroup: (() -> RuleEngine)?

    /// An engine made of these.
    public init(
        prepare: @escaping (_ text: String) throws -> Query,
        instant:
            @escaping (_ text: String, _ t: Timestamp, _ pin: Pin) throws -> [VectorSample]
    ) {
        self.prepare = prepare
        self.instant = instant
    }
}

extension RuleEngine {
    /// Rules on this engine.
    public init(_ engine: Engine) {
        self.init(engine, sharing: nil)
        forGroup = { RuleEngine(engine, sharing: SharedPlan()) }
    }

    private init(_ engine: Engine, sharing plan: SharedPlan?) {
        self.init(
            prepare: { text in
                let query = try engine.prepare(text, sharing: plan)
                return Query(expr: query.expr) { try query.step(at: $0, pin: $1) }
            },
            instant: { text, t, pin in
                switch try engine.instant(text, at: t, pin: pin).value {
                case .vector(let samples): return samples
                case .scalar(let t, let value): return [VectorSample(.empty, t, value)]
                case .string, .matrix:
                    throw EvaluationFailure("rule result is not a vector or scalar")
                }
            })
    }
}
