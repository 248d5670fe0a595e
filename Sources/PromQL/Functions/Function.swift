import Model
import Store

// To add a function: find its family's file in this folder, or make a new one and add its list to
// `Function.all`. Add a record: the name, the types of the arguments, what differs from the defaults, and
// one of
//   .elementwise { value, context in … }   a number per present series; loses the name.
//                                          `context.scalars` are the scalar arguments, evaluated.
//   .window { samples, context in … }      a number per series of a range vector, from its samples;
//                                          `keepsName: true` for the few that do. Windows with native
//                                          histograms come without them, and the user is told;
//                                          nothing comes of histograms only.
//   .mixedWindow { samples, context in … } the same for functions that make something of native
//                                          histograms: `samples.histogram(at:)`; returns a
//                                          `WindowResult`.
//   .kernel(.rate, mixed: { … })           the same, where the store has a kernel for windows of
//                                          numbers; `mixed` (as above) evaluates the others, and
//                                          `extended` anchored and smoothed ones.
//   .scalar { time, arguments, run in … }  a scalar from scalars.
//   .labels { call in { labels, run in … } }  other labels, same values; bound once, never stepped.
//   .custom { call in … }                  anything else: returns an `Operator` of its own. Derive it
//                                          from `Relabelling` where its output series are its input's;
//                                          bind label sets there, step numbers only.
//
// "No result for this series" is `SampleValue.stale`; a wrong argument is a thrown `QueryError`; remarks go
// to `context.run.annotate(…)` with the argument's place, `context.position(0)`. What data makes large is
// reserved first: `run.memory.take(…)`.

/// A function of the language: all that anybody knows of it.
struct Function: Sendable {
    let signature: FunctionSignature
    let implementation: FunctionImplementation

    init(
        _ name: String, _ arguments: [ValueType], variadic: Int = 0, returns: ValueType = .vector,
        isExperimental: Bool = false, traits: FunctionTraits = [],
        _ implementation: FunctionImplementation
    ) {
        signature = FunctionSignature(
            name, arguments, variadic: variadic, returns: returns, experimental: isExperimental,
            traits: traits)
        self.implementation = implementation
    }

    /// Every function, in order of the names.
    static let all: [Function] = [
        mathFunctions, windowFunctions, labelFunctions, timeFunctions, vectorFunctions,
        histogramFunctions, sortFunctions, transcendentalFunctions, calendarFunctions,
        regressionFunctions, statisticFunctions, labelSortFunctions, queryFunctions,
        nativeHistogramFunctions, infoFunctions,
    ].flatMap(\.self).sorted { $0.signature.name < $1.signature.name }

    /// The function of a name.
    static func named(_ name: String) -> Function? { byName[name] }

    private static let byName = Dictionary(
        all.map { ($0.signature.name, $0) }, uniquingKeysWith: { first, _ in first })
}

/// How a call of a function becomes a node of a plan.
struct FunctionImplementation: Sendable {
    let plan: @Sendable (FunctionCall) throws(QueryError) -> any Operator
}
