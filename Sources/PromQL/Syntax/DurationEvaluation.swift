import Model

#if canImport(Glibc)
    import Glibc
#endif

extension DurationExpr {
    /// Why a duration has no value.
    public struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// Whether it depends on the query's step or range.
    public var isConstant: Bool {
        switch self {
        case .milliseconds, .number: true
        case .step, .range: false
        case .negate(let inner), .paren(let inner): inner.isConstant
        case .binary(_, let left, let right), .min(let left, let right), .max(let left, let right):
            left.isConstant && right.isConstant
        }
    }

    /// Its length for a query of this step and range; may be negative (offsets).
    public func evaluated(
        step: Milliseconds, range: Milliseconds
    ) throws(EvaluationError) -> Milliseconds {
        if case .milliseconds(let value) = self { return Milliseconds(value) }
        let seconds = try seconds(step: step, range: range)
        if !(seconds.magnitude <= 9_223_372_036.854775807) {
            throw EvaluationError(description: "duration is out of range")
        }
        return Milliseconds(Int64(clamping: (seconds * 1000).rounded()))
    }

    /// As `evaluated`, for ranges and steps, which must be positive.
    public func evaluatedPositive(
        step: Milliseconds, range: Milliseconds
    ) throws(EvaluationError) -> Milliseconds {
        let value = try evaluated(step: step, range: range)
        if value.value <= 0 {
            throw EvaluationError(description: "duration must be greater than 0")
        }
        return value
    }

    private func seconds(
        step: Milliseconds, range: Milliseconds
    ) throws(EvaluationError) -> Double {
        switch self {
        case .milliseconds, .number: return literalSeconds ?? 0
        case .step: return step.inSeconds
        case .range: return range.inSeconds
        case .paren(let inner): return try inner.seconds(step: step, range: range)
        case .negate(let inner): return -(try inner.seconds(step: step, range: range))
        case .min(let left, let right):
            return Swift.min(
                try left.seconds(step: step, range: range),
                try right.seconds(step: step, range: range))
        case .max(let left, let right):
            return Swift.max(
                try left.seconds(step: step, range: range),
                try right.seconds(step: step, range: range))
        case .binary(let op, let left, let right):
            let a = try left.seconds(step: step, range: range)
            let b = try right.seconds(step: step, range: range)
            switch op {
            case .add: return a + b
            case .subtract: return a - b
            case .multiply: return a * b
            case .power: return pow(a, b)
            case .divide:
                if b == 0 { throw EvaluationError(description: "division by zero") }
                return a / b
            case .modulo:
                if b == 0 { throw EvaluationError(description: "modulo by zero") }
                return fmod(a, b)
            default: throw EvaluationError(description: "unexpected duration operator")
            }
        }
    }
}
