import Foundation
import TestSupport

/// What Prometheus answered over a recording.
enum RecordedAnswers {
    static let folder = SharedData.url("fixtures/lynex-a")

    static func load<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
        guard let folder else { throw TimedOut("there are no recorded answers") }
        let data = try Data(contentsOf: folder.appendingPathComponent("golden/" + name))
        return try JSONDecoder().decode(type, from: data)
    }
}

/// `[time, "value"]`.
struct Point: Decodable, Hashable {
    var time: Double
    var value: String

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        time = try container.decode(Double.self)
        value = try container.decode(String.self)
    }
}

/// An entry of a vector (`value`) or of a matrix (`values`).
struct Series: Decodable, Hashable {
    var metric: [String: String]
    var value: Point?
    var values: [Point]?
}

/// A query's `data`.
struct Answered: Decodable {
    var resultType: String
    var result: [Series]
}

/// The API's answer.
struct Envelope: Decodable {
    var status: String
    var data: Answered?
    var error: String?
}

/// A query of the guide, with its answers.
struct RecordedQuery: Decodable {
    struct Range: Decodable {
        var start: Double
        var end: Double
        var step: Double
        var data: Answered
    }

    struct Instant: Decodable {
        var time: Double
        var data: Answered
    }

    var query: String
    var range: Range
    var instant: [Instant]
}

/// A rule of the guide, with its transitions.
struct RecordedAlert: Decodable {
    var alert: String
    var transitions: [RecordedTransition]
}

struct RecordedTransition: Decodable {
    var labels: [String: String]
    var transition: String
    var time: Double
    var value: String?
    var activeAt: Double?
}

/// A line of `tocsin replay --format json`.
struct PrintedTransition: Decodable {
    var alert: String
    var labels: [String: String]
    var transition: String
    var time: Double
    var value: String?
    var activeAt: Double?

    static func parse(_ output: String) throws -> [PrintedTransition] {
        try output.split(separator: "\n").map {
            try JSONDecoder().decode(PrintedTransition.self, from: Data($0.utf8))
        }
    }
}
