/// A function's name and types; `FunctionSignature.all` lists every one of Prometheus's.
public struct FunctionSignature: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// The types of its arguments; the last one repeats where it is variadic.
    public var argumentTypes: [ValueType]
    /// 0: as many as types. n > 0: the last type up to n times in all less, optional. -1: any number.
    public var variadic: Int
    /// What it returns.
    public var returnType: ValueType
    /// Whether it is behind Prometheus's flag for experimental functions.
    public var experimental: Bool
    /// What else tells it from others.
    public var traits: FunctionTraits

    /// A signature.
    public init(
        _ name: String, _ argumentTypes: [ValueType], variadic: Int = 0, returns: ValueType,
        experimental: Bool = false, traits: FunctionTraits = []
    ) {
        self.traits = traits
        self.name = name
        self.argumentTypes = argumentTypes
        self.variadic = variadic
        self.returnType = returns
        self.experimental = experimental
    }
}

/// What tells a function from others, beside its types.
public struct FunctionTraits: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Its value depends on the evaluation time whatever its arguments are.
    public static let dependsOnTime = FunctionTraits(rawValue: 1)
    /// It reads the counts and sums of native histograms, and not their buckets.
    public static let readsHistogramStats = FunctionTraits(rawValue: 2)
    /// It reads the buckets of native histograms.
    public static let readsBuckets = FunctionTraits(rawValue: 4)
    /// Its second argument says which info series it reads, and which of their labels.
    public static let selectsInfo = FunctionTraits(rawValue: 8)
}
