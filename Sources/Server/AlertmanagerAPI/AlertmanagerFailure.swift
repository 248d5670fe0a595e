import Hummingbird

/// Why a request under `/api/v2` is not answered: a status and one of the bodies that Alertmanager gives.
struct AlertmanagerFailure: Error {
    /// The body.
    enum Body {
        /// A text, as a JSON string: what handlers answer.
        case text(String)
        /// A code and a message: what the layer before them answers, which checks requests.
        case coded(Int, String)
        case none
    }

    var status: Int
    var body: Body

    /// A handler's answer.
    init(_ status: Int, _ text: String) {
        self.status = status
        body = .text(text)
    }

    private init(status: Int, _ body: Body) {
        self.status = status
        self.body = body
    }

    /// There is no such thing.
    static let missing = AlertmanagerFailure(status: 404, .none)

    /// What is wrong with a request before anybody looks at what it means.
    static func coded(_ status: Int, code: Int? = nil, _ message: String) -> AlertmanagerFailure {
        AlertmanagerFailure(status: status, .coded(code ?? status, message))
    }

    /// A body that is not what it must be. Its codes are those of OpenAPI's validation in Go.
    static func invalid(_ code: Int, _ message: String) -> AlertmanagerFailure {
        coded(422, code: code, message)
    }

    /// Something that a body must have.
    static func required(_ name: String) -> AlertmanagerFailure {
        invalid(602, name + " in body is required")
    }

    var response: Response {
        var json = JSONWriter()
        switch body {
        case .none: return Response(status: .init(code: status), headers: AlertmanagerAPI.headers)
        case .text(let text): json.string(text)
        case .coded(let code, let message):
            json.object { json in
                json.key("code")
                json.integer(code)
                json.member("message", message)
            }
        }
        return AlertmanagerAPI.json(.init(code: status), json.bytes)
    }
}
