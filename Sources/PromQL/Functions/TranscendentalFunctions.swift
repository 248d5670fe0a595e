import Model

#if canImport(Glibc)
    import Glibc
#endif

/// Exponentials, logarithms and trigonometry.
let transcendentalFunctions: [String: FunctionImplementation] = [
    "exp": .elementwise { value, _ in exp(value) },
    "ln": .elementwise { value, _ in log(value) },
    "log2": .elementwise { value, _ in GoLogarithm.base2(value) },
    "log10": .elementwise { value, _ in GoLogarithm.base10(value) },
    "deg": .elementwise { value, _ in value * 180 / .pi },
    "rad": .elementwise { value, _ in value * .pi / 180 },
    "sin": .elementwise { value, _ in sin(value) },
    "cos": .elementwise { value, _ in cos(value) },
    "tan": .elementwise { value, _ in tan(value) },
    "asin": .elementwise { value, _ in asin(value) },
    "acos": .elementwise { value, _ in acos(value) },
    "atan": .elementwise { value, _ in atan(value) },
    "sinh": .elementwise { value, _ in sinh(value) },
    "cosh": .elementwise { value, _ in cosh(value) },
    "tanh": .elementwise { value, _ in tanh(value) },
    "asinh": .elementwise { value, _ in asinh(value) },
    "acosh": .elementwise { value, _ in acosh(value) },
    "atanh": .elementwise { value, _ in atanh(value) },
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
