import Foundation
import PromQL
import TestSupport
import Testing

@Suite struct GuideQueryTests {
    static let available = SharedData.text("fixtures/lynex-a/golden/queries.json") != nil

    @Test(.enabled(if: available, "\(SharedData.missing)"))
    func everyQueryPrintsAndReparses() throws {
        let text = try #require(SharedData.text("fixtures/lynex-a/golden/queries.json"))
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let queries = try #require(Self.queries(json))
        #expect(queries.count == 61)
        for query in queries {
            let printed = try Parser.parse(query).description
            #expect(try Parser.parse(printed).description == printed, "\(query)")
        }
    }

    static func queries(_ json: Any) -> [String]? {
        let list =
            json as? [[String: Any]] ?? (json as? [String: Any])?["queries"] as? [[String: Any]]
        return list?.compactMap { $0["query"] as? String ?? $0["expr"] as? String }
    }
}
