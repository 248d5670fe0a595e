import Model

/// What a query asks for, and choices between scalars.
let queryFunctions: [Function] = [
    Function(
        "start", [], returns: .scalar, isExperimental: true,
        .scalar { _, _, run in Double(run.start) / 1000 }),
    Function(
        "end", [], returns: .scalar, isExperimental: true,
        .scalar { _, _, run in Double(run.end) / 1000 }),
    Function(
        "range", [], returns: .scalar, isExperimental: true,
        .scalar { _, _, run in
            Double(run.end.addingSaturating(0 &- run.start)) / 1000
        }),
    Function(
        "step", [], returns: .scalar, isExperimental: true,
        .custom { call throws(QueryError) in NumberConstant(call.planner.step.inSeconds) }),
    Function(
        "min_of", [.scalar, .scalar], returns: .scalar, isExperimental: true,
        .scalar { _, arguments, _ in GoMath.minimum(arguments[0], arguments[1]) }),
    Function(
        "max_of", [.scalar, .scalar], returns: .scalar, isExperimental: true,
        .scalar { _, arguments, _ in GoMath.maximum(arguments[0], arguments[1]) }),
]
