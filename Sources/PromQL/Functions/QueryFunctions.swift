import Model

/// What a query asks for, and choices between scalars.
let queryFunctions: [String: FunctionImplementation] = [
    "start": .scalar { _, _, run in Double(run.start) / 1000 },
    "end": .scalar { _, _, run in Double(run.end) / 1000 },
    "range": .scalar { _, _, run in
        Double(run.end.addingSaturating(0 &- run.start)) / 1000
    },
    "step": .custom { call throws(QueryError) in NumberConstant(call.planner.step.inSeconds) },
    "min_of": .scalar { _, arguments, _ in extreme(arguments, Swift.min) },
    "max_of": .scalar { _, arguments, _ in extreme(arguments, Swift.max) },
]

private func extreme(_ arguments: [Double], _ choose: (Double, Double) -> Double) -> Double {
    if arguments.contains(where: \.isNaN) { return SampleValue.nan }
    return arguments.dropFirst().reduce(arguments.first ?? SampleValue.nan, choose)
}
