import Model
import Testing

@Suite("A JSON text is read once from front to back") struct JSONReaderTests {
    private static let text =
        #" {"a": [1, -2, null], "s": "x\n\u00e9\"", "skip": {"y": ["]", {"z": "\\\"}"}], "n": 1.5e3}, "b": true, "o": null} "#

    /// What a reader of that text keeps.
    private struct Kept: Equatable {
        var numbers: [Int] = []
        var text = ""
        var flag = false
        var members = 0
    }

    private func read(_ bytes: [UInt8]) throws(JSONError) -> Kept {
        var kept = Kept()
        var reader = JSONReader(bytes)
        var root = try reader.object()
        while let name = try reader.member(of: &root) {
            kept.members += 1
            switch name {
            case "a":
                var array = try reader.array()
                while try reader.hasElement(in: &array) {
                    kept.numbers.append(try reader.integer())
                }
            case "s": kept.text = try reader.string()
            case "b": kept.flag = try reader.bool()
            case "o":
                var inner = try reader.object()
                if try reader.member(of: &inner) != nil { try reader.skip() }
            default: try reader.skip()
            }
        }
        try reader.end()
        return kept
    }

    @Test func whatIsWantedIsKept() throws {
        #expect(
            try read(Array(Self.text.utf8))
                == Kept(numbers: [1, -2, 0], text: "x\né\"", flag: true, members: 5))
        #expect(try read(Array("null".utf8)) == Kept())
        #expect(try read(Array("{}".utf8)) == Kept())
    }

    @Test func aTextThatBreaksOffIsAnError() {
        let bytes = Array(Self.text.utf8.dropLast())
        for length in 0..<bytes.count {
            #expect(throws: JSONError.self) { try read(Array(bytes.prefix(length))) }
        }
    }

    @Test(arguments: [
        "[]", "{\"a\":1}", "{\"a\":[1.5]}", "{\"a\":[1,]}", "{\"s\":1}", "{\"b\":\"true\"}",
        "{\"s\"}",
        "{\"a\":[1 2]}", "{\"x\":1 \"y\":2}", "{\"x\":}", "{\"x\":]}", "{} {}", "{\"s\":\"\\q\"}",
        "{,}",
        "{\"a\":[99999999999999999999]}", "\"",
    ])
    func whatIsNotExpectedIsAnError(text: String) {
        #expect(throws: JSONError.self) { try read(Array(text.utf8)) }
    }

    @Test func bytesThatAreNoUTF8AreReplaced() throws {
        let bytes = Array("{\"s\":\"a".utf8) + [0xff] + Array("b\"}".utf8)
        #expect(try read(bytes).text == "a\u{fffd}b")
    }

    @Test func deepTextsArePassedOver() throws {
        let depth = 200_000
        let nest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(try read(Array("{\"x\":\(nest)}".utf8)).members == 1)
    }

    @Test func readingMayBeginWhereAValueDoes() throws {
        var reader = JSONReader(Array("xx\"y\"".utf8), at: 2)
        #expect(try reader.string() == "y")
        var behind = JSONReader([], at: 7)
        #expect(throws: JSONError.self) { try behind.skip() }
    }
}
