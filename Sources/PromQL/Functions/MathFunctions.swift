import Model

#if canImport(Glibc)
    import Glibc
#endif

/// Numbers to numbers.
let mathFunctions: [Function] = [
    Function("abs", [.vector], .elementwise { value, _ in value.magnitude }),
    Function("ceil", [.vector], .elementwise { value, _ in value.rounded(.up) }),
    Function("floor", [.vector], .elementwise { value, _ in value.rounded(.down) }),
    Function("sqrt", [.vector], .elementwise { value, _ in value.squareRoot() }),
    Function("sgn", [.vector], .elementwise { value, _ in value < 0 ? -1 : value > 0 ? 1 : value }),
    Function(
        "round", [.vector, .scalar], variadic: 1,
        .elementwise { value, context in
            let inverse = 1 / (context.scalars.first ?? 1)
            return (value * inverse + 0.5).rounded(.down) / inverse
        }),
    Function(
        "clamp", [.vector, .scalar, .scalar],
        .elementwise { value, context in
            clamp(value, context.scalars[0], context.scalars[1])
        }),
    Function(
        "clamp_min", [.vector, .scalar],
        .elementwise { value, context in
            clamp(value, context.scalars[0], .infinity)
        }),
    Function(
        "clamp_max", [.vector, .scalar],
        .elementwise { value, context in
            clamp(value, -.infinity, context.scalars[0])
        }),
    Function("pi", [], returns: .scalar, .scalar { _, _, _ in .pi }),
]

/// No result where the bounds are the wrong way round.
private func clamp(_ value: Double, _ low: Double, _ high: Double) -> Double {
    high < low ? SampleValue.stale : GoMath.maximum(low, GoMath.minimum(high, value))
}
