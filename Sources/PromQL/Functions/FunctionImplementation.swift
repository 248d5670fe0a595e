import Model
import Store

extension FunctionImplementation {
    /// A number per present series.
    static func elementwise(
        _ body: @escaping @Sendable (Double, FunctionContext) throws(QueryError) -> Double
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            ElementwiseFunction(
                try call.argument(try call.first(.vector)), scalars: try call.scalars(),
                call: call.call, names: call.names, body)
        }
    }

    /// A number per series of a range vector.
    static func window(
        keepsName: Bool = false,
        _ body:
            @escaping @Sendable (borrowing WindowSamples, FunctionContext)
            throws(QueryError) -> Double
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            WindowCall(
                try call.windows(try call.first(.matrix)), scalars: try call.scalars(),
                call: call.call, body: .samples(body), names: keepsName ? nil : call.names,
                checksCounterName: nil)
        }
    }

    /// A number or a histogram per series of a range vector.
    static func mixedWindow(
        keepsName: Bool = false, _ body: @escaping MixedWindowFunction
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            WindowCall(
                try call.windows(try call.first(.matrix)), scalars: try call.scalars(),
                call: call.call, body: .mixed(body), names: keepsName ? nil : call.names,
                checksCounterName: nil)
        }
    }

    /// One of the store's kernels; `mixed` for windows with histograms, which otherwise are left out, and
    /// `extended` for anchored and smoothed ones.
    static func kernel(
        _ kernel: WindowKernel, keepsName: Bool = false, checksCounterName: Bool = false,
        mixed: MixedWindowFunction? = nil,
        extended: (@Sendable (RangeExtension) -> MixedWindowFunction)? = nil
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            let index = try call.first(.matrix)
            let windows: any SampleWindows
            let body: WindowBody
            if let reach = try call.rangeExtension(index), let extended {
                windows = try call.windows(index)
                body = .mixed(extended(reach))
            } else {
                let plain = try call.plainWindows(index)
                windows = plain
                body = .kernel(kernel, mixed: mixed, plain)
            }
            return WindowCall(
                windows, scalars: [], call: call.call, body: body,
                names: keepsName ? nil : call.names,
                checksCounterName: checksCounterName ? call.call.arguments[index].range : nil)
        }
    }

    /// A scalar from scalars and the evaluation time in milliseconds.
    static func scalar(
        _ body: @escaping @Sendable (Int64, [Double], Run) -> Double
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            ScalarFunction(try call.scalars(), body)
        }
    }

    /// Other labels, same values: `body` gets the call and returns what to do with a label set.
    static func labels(
        _ body: @escaping @Sendable (FunctionCall) throws(QueryError) -> LabelChange
    ) -> FunctionImplementation {
        FunctionImplementation { call throws(QueryError) in
            LabelFunction(try call.argument(try call.first(.vector)), try body(call))
        }
    }

    /// Anything else.
    static func custom(
        _ body: @escaping @Sendable (FunctionCall) throws(QueryError) -> any Operator
    ) -> FunctionImplementation {
        FunctionImplementation(plan: body)
    }
}
