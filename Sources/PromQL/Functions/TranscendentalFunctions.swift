import Model

#if canImport(Glibc)
    import Glibc
#endif

/// Exponentials, logarithms and trigonometry.
let transcendentalFunctions: [Function] = [
    Function("exp", [.vector], .elementwise { value, _ in exp(value) }),
    Function("ln", [.vector], .elementwise { value, _ in log(value) }),
    Function("log2", [.vector], .elementwise { value, _ in GoLogarithm.base2(value) }),
    Function("log10", [.vector], .elementwise { value, _ in GoLogarithm.base10(value) }),
    Function("deg", [.vector], .elementwise { value, _ in value * 180 / .pi }),
    Function("rad", [.vector], .elementwise { value, _ in value * .pi / 180 }),
    Function("sin", [.vector], .elementwise { value, _ in sin(value) }),
    Function("cos", [.vector], .elementwise { value, _ in cos(value) }),
    Function("tan", [.vector], .elementwise { value, _ in tan(value) }),
    Function("asin", [.vector], .elementwise { value, _ in asin(value) }),
    Function("acos", [.vector], .elementwise { value, _ in acos(value) }),
    Function("atan", [.vector], .elementwise { value, _ in atan(value) }),
    Function("sinh", [.vector], .elementwise { value, _ in sinh(value) }),
    Function("cosh", [.vector], .elementwise { value, _ in cosh(value) }),
    Function("tanh", [.vector], .elementwise { value, _ in tanh(value) }),
    Function("asinh", [.vector], .elementwise { value, _ in asinh(value) }),
    Function("acosh", [.vector], .elementwise { value, _ in acosh(value) }),
    Function("atanh", [.vector], .elementwise { value, _ in atanh(value) }),
]

/// Logarithms in the order of operations of Go's library, which the last bits depend on.
enum GoLogarithm {
    private static let ln2 = 0.693147180559945309417232121458176568
    private static let ln10 = 2.30258509299404568401799145468436421

    static func base2(_ x: Double) -> Double {
        guard x.isFinite, x > 0 else { return log2(x) }
        // x is fraction × 2^exponent with the fraction in [1/2, 1).
        let fraction = x.significand / 2
        let exponent = Double(x.exponent) + 1
        // Powers of two come out exact.
        if fraction == 0.5 { return exponent - 1 }
        return log(fraction) * (1 / ln2) + exponent
    }

    static func base10(_ x: Double) -> Double { base2(x) * (ln2 / ln10) }
}
