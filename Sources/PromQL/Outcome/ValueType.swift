/// The type of an expression's value.
public enum ValueType: String, Sendable, Hashable {
    case none
    case scalar
    case string
    case vector = "instant vector"
    case matrix = "range vector"

    /// The name in the API's `resultType` and in tests.
    public var apiName: String {
        switch self {
        case .none: "none"
        case .scalar: "scalar"
        case .string: "string"
        case .vector: "vector"
        case .matrix: "matrix"
        }
    }
}
