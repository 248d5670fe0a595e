import Model

/// A number.
final class NumberConstant: OperatorOutput, Operator {
    init(_ value: Double) {
        super.init()
        labels = [.empty]
        dropsName = [false]
        values = [value]
        rebuilt()
    }

    var isConstant: Bool { true }

    func evaluate(at time: Int64, _ run: Run) {}
}

/// A scalar, or a vector of one series without labels, computed from scalars and the time.
final class ScalarFunction: OperatorOutput, Operator {
    private let inputs: [any Operator]
    private let body: (Int64, [Double], Run) -> Double
    private var arguments: [Double]

    init(_ inputs: [any Operator], _ body: @escaping (Int64, [Double], Run) -> Double) {
        self.inputs = inputs
        self.body = body
        arguments = [Double](repeating: 0, count: inputs.count)
        super.init()
        labels = [.empty]
        dropsName = [false]
        values = [0]
        rebuilt()
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        for index in inputs.indices {
            try inputs[index].step(at: time, run)
            arguments[index] = inputs[index].scalar
        }
        values[0] = body(time, arguments, run)
    }
}

/// `scalar(v)`: the only present value, or NaN.
final class VectorToScalar: OperatorOutput, Operator {
    private let input: any Operator

    init(_ input: any Operator) {
        self.input = input
        super.init()
        labels = [.empty]
        dropsName = [false]
        values = [0]
        rebuilt()
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try input.step(at: time, run)
        var found: Double?
        let isMixed = input.hasHistograms
        for value in input.values where !SampleValue.isStale(value) {
            if isMixed && SampleValue.isHistogram(value) { continue }
            if found != nil {
                values[0] = SampleValue.nan
                return
            }
            found = value
        }
        values[0] = found ?? SampleValue.nan
    }
}

/// `-x`.
final class Negation: Relabelling, Operator {
    private let names: NameRemoval
    private let isScalar: Bool

    init(_ input: any Operator, isScalar: Bool, names: NameRemoval) {
        self.isScalar = isScalar
        self.names = names
        super.init(input)
    }

    override func output(
        _ labels: Labels, dropsName: Bool, _ run: Run
    ) -> (Labels, Bool) {
        isScalar ? (labels, dropsName) : names.removing(labels)
    }

    func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        try fill { _, value throws(QueryError) in -value }
        try fillHistograms { _, histogram throws(QueryError) in
            var negated = histogram
            negated.multiply(by: -1)
            return negated
        }
    }
}
