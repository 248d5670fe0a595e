import Model

#if canImport(Glibc)
    import Glibc
#endif

/// The operators on two numbers.
enum Arithmetic {
    /// The result of an operator that is no comparison.
    @inline(__always)
    static func compute(_ op: BinaryOperator, _ a: Double, _ b: Double) -> Double {
        switch op {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .modulo: fmod(a, b)
        case .power: GoMath.power(a, b)
        case .atan2: atan2(a, b)
        default: SampleValue.nan
        }
    }

    /// Whether a comparison holds.
    @inline(__always)
    static func compare(_ op: BinaryOperator, _ a: Double, _ b: Double) -> Bool {
        switch op {
        case .equal: a == b
        case .notEqual: a != b
        case .less: a < b
        case .greater: a > b
        case .lessOrEqual: a <= b
        case .greaterOrEqual: a >= b
        default: false
        }
    }

    /// Between scalars: comparisons are 0 or 1.
    static func scalar(_ op: BinaryOperator, _ a: Double, _ b: Double) -> Double {
        op.isComparison ? (compare(op, a, b) ? 1 : 0) : compute(op, a, b)
    }

    /// Between elements of vectors: a comparison that fails, and is not asked for 0 or 1, leaves
    /// nothing (the stale marker); one that holds leaves `kept`.
    @inline(__always)
    static func element(
        _ op: BinaryOperator, _ a: Double, _ b: Double, kept: Double, returnsBool: Bool
    ) -> Double {
        if !op.isComparison { return compute(op, a, b) }
        let holds = compare(op, a, b)
        if returnsBool { return holds ? 1 : 0 }
        return holds ? kept : SampleValue.stale
    }

    /// Whether the result is another metric than its left side.
    static func changesMetric(_ op: BinaryOperator) -> Bool {
        switch op {
        case .add, .subtract, .multiply, .divide, .modulo, .power, .atan2: true
        default: false
        }
    }
}

/// `vector op scalar` and `scalar op vector`.
final class VectorScalarOperation: Relabelling, Operator {
    private let scalarInput: any Operator
    let op: BinaryOperator
    let scalarIsLeft: Bool
    let returnsBool: Bool
    private let names: NameRemoval
    let position: PositionRange

    init(
        _ op: BinaryOperator, vector: any Operator, scalar: any Operator, scalarIsLeft: Bool,
        returnsBool: Bool, names: NameRemoval, position: PositionRange
    ) {
        scalarInput = scalar
        self.op = op
        self.scalarIsLeft = scalarIsLeft
        self.returnsBool = returnsBool
        self.names = names
        self.position = position
        super.init(vector)
    }

    override func output(
        _ labels: Labels, dropsName: Bool, _ run: Run
    ) -> (Labels, Bool) {
        Arithmetic.changesMetric(op) || returnsBool
            ? names.removing(labels) : (labels, dropsName)
    }

    func activeTimes(_ run: Run) -> ActiveTimes {
        scalarInput.isConstant ? input.activeTimes(run) : .always
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        try scalarInput.step(at: time, run)
        let scalar = scalarInput.scalar
        let (op, returnsBool) = (op, returnsBool)
        if op == .trimUpper || op == .trimLower {
            var hasNumbers = false
            try fill { _, _ throws(QueryError) in
                hasNumbers = true
                return SampleValue.stale
            }
            if hasNumbers { run.annotate(.incompatibleTypes("float", op, "float", position)) }
            try operateOnHistograms(scalar, run)
            return
        }
        if scalarIsLeft {
            try fill { _, value throws(QueryError) in
                Arithmetic.element(op, scalar, value, kept: value, returnsBool: returnsBool)
            }
        } else {
            try fill { _, value throws(QueryError) in
                Arithmetic.element(op, value, scalar, kept: value, returnsBool: returnsBool)
            }
        }
        try operateOnHistograms(scalar, run)
    }
}

extension Annotation {
    static func incompatibleTypes(
        _ left: String, _ op: BinaryOperator, _ right: String, _ position: PositionRange
    ) -> Annotation {
        info(
            "incompatible sample types encountered for binary operator "
                + "\(op.rawValue.goQuoted): \(left) \(op.rawValue) \(right)", position)
    }
}
