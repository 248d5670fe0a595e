import Model
import PromQL

extension JSONWriter {
    /// A moment as the API writes it: seconds, with three decimals where they are not zero.
    public mutating func moment(_ time: Timestamp) {
        let negative = time.milliseconds < 0
        let magnitude = time.milliseconds.magnitude
        let fraction = magnitude % 1000
        var text = (negative ? "-" : "") + String(magnitude / 1000)
        if fraction != 0 {
            let digits = String(fraction)
            text += "." + String(repeating: "0", count: 3 - digits.count) + digits
        }
        raw(text)
    }

    /// `[time, "value"]`
    public mutating func point(_ time: Timestamp, _ value: Double) {
        array { json in
            json.moment(time)
            json.string(GoFloat.fixed(value))
        }
    }

    /// `{"resultType":…,"result":…}`
    public mutating func queryData(_ value: QueryValue) {
        object { json in
            json.member("resultType", value.type.apiName)
            json.key("result")
            json.queryResult(value)
        }
    }

    private mutating func queryResult(_ value: QueryValue) {
        switch value {
        case .scalar(let time, let number): point(time, number)
        case .string(let time, let text):
            array { json in
                json.moment(time)
                json.string(text)
            }
        case .vector(let samples):
            array { json in
                for sample in samples {
                    json.object { json in
                        json.key("metric")
                        json.labels(sample.labels)
                        json.key("value")
                        json.point(sample.timestamp, sample.value)
                    }
                }
            }
        case .matrix(let series):
            array { json in
                for one in series {
                    json.object { json in
                        json.key("metric")
                        json.labels(one.labels)
                        json.key("values")
                        json.array { json in
                            for point in one.points { json.point(point.timestamp, point.value) }
                        }
                    }
                }
            }
        }
    }
}

/// The envelope of every answer under `/api/v1`.
public enum APIEnvelope {
    /// `{"status":"success","data":…}`, with warnings and infos where there are any.
    public static func success(
        warnings: [String] = [], infos: [String] = [], _ data: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("status", "success")
            json.key("data")
            data(&json)
            if !warnings.isEmpty {
                json.key("warnings")
                json.strings(warnings)
            }
            if !infos.isEmpty {
                json.key("infos")
                json.strings(infos)
            }
        }
        return json.bytes
    }

    /// `{"status":"error","errorType":…,"error":…}`
    public static func failure(_ error: APIError) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("status", "error")
            json.member("errorType", error.kind.rawValue)
            json.member("error", error.message)
        }
        return json.bytes
    }

    /// The answer to a query.
    public static func query(_ result: QueryResult) -> [UInt8] {
        success(warnings: result.warnings, infos: result.infos) { $0.queryData(result.value) }
    }
}

/// Why a request under `/api/v1` is not answered, with Prometheus's error types and statuses.
public struct APIError: Error, Sendable {
    /// Prometheus's `errorType`.
    public enum Kind: String, Sendable {
        case badData = "bad_data"
        case execution
        case timeout
        case canceled
        case `internal`
        case unavailable
        case notFound = "not_found"
        case notAcceptable = "not_acceptable"
    }

    /// The type.
    public var kind: Kind
    /// In words.
    public var message: String

    /// An error.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// An engine's error.
    public init(_ error: QueryError) {
        kind = Kind(rawValue: error.apiType) ?? .internal
        message = error.message
    }

    /// The HTTP status.
    public var status: Int {
        switch kind {
        case .badData: 400
        case .execution: 422
        case .timeout, .canceled, .unavailable: 503
        case .internal: 500
        case .notFound: 404
        case .notAcceptable: 406
        }
    }

    static func invalidParameter(_ name: String, _ reason: String) -> APIError {
        APIError(.badData, "invalid parameter \(name.goQuoted): \(reason)")
    }
}
