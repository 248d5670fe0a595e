import Model

/// One side of a binary operation.
enum Sample {
    case number(Double)
    case histogram(FloatHistogram)

    /// What annotations call it.
    var kind: String {
        switch self {
        case .number: "float"
        case .histogram: "histogram"
        }
    }
}

/// What a binary operator makes of two samples.
enum SampleResult {
    /// Nothing that fits together: the pair counts as not having met.
    case incompatible
    /// A result; of a comparison the left side, and whether it holds.
    case result(Sample, holds: Bool)
}

extension Operator {
    /// A present slot's sample.
    func sample(_ slot: Int) -> Sample {
        histogram(slot).map(Sample.histogram) ?? .number(values[slot])
    }
}

extension Arithmetic {
    /// An operator on samples of which at least one is a histogram; what is to be said ends up in
    /// `remark`, the last one staying.
    static func combine(
        _ op: BinaryOperator, _ a: Sample, _ b: Sample, _ position: PositionRange,
        _ remark: inout Annotation?
    ) -> SampleResult {
        switch (a, b) {
        case (.number(let x), .number(let y)) where op != .trimUpper && op != .trimLower:
            if op.isComparison { return .result(a, holds: compare(op, x, y)) }
            return .result(.number(compute(op, x, y)), holds: true)
        case (.number(let x), .histogram(let h)) where op == .multiply:
            return .result(.histogram(h.scaled { $0.multiply(by: x) }), holds: true)
        case (.histogram(let h), .number(let x)):
            switch op {
            case .multiply:
                return .result(.histogram(h.scaled { $0.multiply(by: x) }), holds: true)
            case .divide: return .result(.histogram(h.scaled { $0.divide(by: x) }), holds: true)
            case .trimUpper:
                return .result(.histogram(h.trimmed(.keepingBelow, x)), holds: true)
            case .trimLower:
                return .result(.histogram(h.trimmed(.keepingAbove, x)), holds: true)
            default: break
            }
        case (.histogram(let g), .histogram(let h)):
            switch op {
            case .add, .subtract: return add(op, g, h, position, &remark)
            case .equal: return .result(a, holds: g.isIdentical(to: h))
            case .notEqual: return .result(a, holds: !g.isIdentical(to: h))
            default: break
            }
        default: break
        }
        remark = .incompatibleTypes(a.kind, op, b.kind, position)
        return .incompatible
    }

    private static func add(
        _ op: BinaryOperator, _ a: FloatHistogram, _ b: FloatHistogram, _ position: PositionRange,
        _ remark: inout Annotation?
    ) -> SampleResult {
        let operation: Annotation.HistogramOperation = op == .add ? .addition : .subtraction
        var sum = a
        do throws(HistogramError) {
            let outcome = op == .add ? try sum.add(b) : try sum.subtract(b)
            if op == .subtract { sum.resetHint = .gauge }
            if outcome.boundsReconciled {
                remark = .mismatchedCustomBuckets(operation, position)
            }
            if outcome.counterResetCollision {
                remark = .conflictingCounterResets(operation, position)
                return .incompatible
            }
        } catch {
            remark = .incompatibleBucketLayout(op.rawValue, position)
            return .incompatible
        }
        sum.compact()
        return .result(.histogram(sum), holds: true)
    }
}

extension FloatHistogram {
    fileprivate func scaled(_ scale: (inout FloatHistogram) -> Void) -> FloatHistogram {
        var result = self
        scale(&result)
        result.compact()
        return result
    }
}

extension VectorScalarOperation {
    /// The input's histograms, after its numbers.
    func operateOnHistograms(_ scalar: Double, _ run: Run) throws(QueryError) {
        if !input.hasHistograms { return }
        for slot in target.indices {
            guard let histogram = input.histogram(slot) else { continue }
            let element = Sample.histogram(histogram)
            var remark: Annotation?
            let result =
                scalarIsLeft
                ? Arithmetic.combine(op, .number(scalar), element, position, &remark)
                : Arithmetic.combine(op, element, .number(scalar), position, &remark)
            // A vector with a scalar leaves no other remark than that they do not go together.
            if case .incompatible = result, let remark { run.annotate(remark) }
            guard case .result(let value, let holds) = result else { continue }
            let out = target[slot]
            if !isIdentity, !SampleValue.isStale(values[out]) { throw .sameLabels }
            if returnsBool {
                values[out] = holds ? 1 : 0
            } else if holds {
                switch value {
                case .number(let number): values[out] = number
                case .histogram(let histogram): put(histogram, out)
                }
            }
        }
    }
}
