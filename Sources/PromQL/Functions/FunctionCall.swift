import Model

/// A call that is being planned.
struct FunctionCall {
    let expr: Expr
    let call: CallExpr
    let planner: Planner

    /// What becomes of names.
    var names: NameRemoval { planner.names }

    /// The node of an argument that is a vector or scalar.
    func argument(_ index: Int) throws(QueryError) -> any Operator {
        guard call.arguments.indices.contains(index) else {
            throw .execution("\(call.function.name): argument \(index + 1) is missing")
        }
        return try planner.plan(call.arguments[index])
    }

    /// The node of an argument, which may be known already.
    func argument(_ index: Int, or known: (any Operator)?) throws(QueryError) -> any Operator {
        if let known { return known }
        return try argument(index)
    }

    /// The selector that an argument is, a node of this call alone; nil where it is something else.
    func instantSelector(_ index: Int) throws(QueryError) -> InstantSelector? {
        guard call.arguments.indices.contains(index) else { return nil }
        return try planner.planSelector(call.arguments[index].unwrapped)
    }

    /// How an argument that is a range vector looks beyond its windows, nil where it does not. Throws
    /// where this function may not be used with it.
    func rangeExtension(_ index: Int) throws(QueryError) -> RangeExtension? {
        guard call.arguments.indices.contains(index),
            let reach = call.arguments[index].rangeExtension
        else { return nil }
        if reach.functions.contains(call.function.name) { return reach }
        throw .execution(
            "\(reach.rawValue) modifier can only be used with: "
                + reach.functions.joined(separator: ", ") + " - not with \(call.function.name)")
    }

    /// The windows of an argument that is a range vector, which may look beyond what is written.
    func windows(_ index: Int) throws(QueryError) -> any SampleWindows {
        guard call.arguments.indices.contains(index) else {
            throw .execution("\(call.function.name): argument \(index + 1) is missing")
        }
        if try rangeExtension(index) != nil,
            let windows = try planner.planExtended(call.arguments[index])
        {
            return windows
        }
        return try planner.planWindows(call.arguments[index])
    }

    /// The windows of an argument that is a range vector.
    func plainWindows(_ index: Int) throws(QueryError) -> any PlainWindows {
        guard call.arguments.indices.contains(index) else {
            throw .execution("\(call.function.name): argument \(index + 1) is missing")
        }
        _ = try rangeExtension(index)
        return try planner.planWindows(call.arguments[index])
    }

    /// An argument that is a string.
    func string(_ index: Int) throws(QueryError) -> String {
        guard call.arguments.indices.contains(index),
            case .string(let text) = call.arguments[index].unwrapped.kind
        else { throw .execution("\(call.function.name): argument \(index + 1) is no string") }
        return text
    }

    /// The nodes of all arguments that are scalars.
    func scalars() throws(QueryError) -> [any Operator] {
        var nodes: [any Operator] = []
        for argument in call.arguments where argument.type == .scalar {
            nodes.append(try planner.plan(argument))
        }
        return nodes
    }

    /// The index of the first argument of a type.
    func first(_ type: ValueType) throws(QueryError) -> Int {
        guard let index = call.arguments.firstIndex(where: { $0.type == type }) else {
            throw .execution("\(call.function.name): an argument is missing")
        }
        return index
    }
}
