import Configuration
import Model
import Testing

/// Files of `file_sd_configs`, with the answers of Prometheus's own reader.
struct TargetFileTests {
    func load(_ text: String, _ path: String = "t.json") -> LoadResult<[TargetGroup]> {
        TargetGroup.load(text: Array(text.utf8), path: path)
    }

    @Test(
        arguments: [
            (#"[{"Targets":["x:1"],"LABELS":{"q":"1"}}]"#, ["x:1"], ["q": "1"]),
            (#"[{"targetſ":["x:1"],"labels":null}]"#, ["x:1"], [:]),
            (#"[{"targets":["a"],"targets":["b","c"]}]"#, ["b", "c"], [:]),
            (#"[{"targets":["a","b"],"targets":["c"],"TARGETS":["d",null]}]"#, ["d", "b"], [:]),
            (#"[{"targets":["a"],"targets":null,"targets":[null]}]"#, [""], [:]),
            (#"[{"labels":{"a":"1","b":"2"},"labels":{"b":"3"}}]"#, [], ["b": "3"]),
            (#"[{"labels":{"a":"1","a":"2","c":null}}]"#, [], ["a": "2"]),
            (#"[{"targets":["\ud83d\ude00\ud83dx\/\u00e9"]}]"#, ["😀\u{fffd}x/é"], [:]),
            (" [ { } ]\n", [], [:]),
        ] as [(String, [String], [String: String])])
    func json(text: String, targets: [String], labels: [String: String]) throws {
        let groups = try load(text).get()
        #expect(groups == [TargetGroup(targets: targets, labels: Labels(labels))])
        #expect(try load(text, "T.JSON").get() == groups)
    }

    @Test func bytesThatAreNoUTF8AreReplacedOneByOne() throws {
        let text =
            Array(#"[{"labels":{"a":""#.utf8) + [0xe2, 0x82, 0x78, 0xff] + Array("\"}}]".utf8)
        let groups = try TargetGroup.load(text: text, path: "t.json").get()
        #expect(groups.first?.labels["a"] == "\u{fffd}\u{fffd}x\u{fffd}")
    }

    @Test(arguments: [
        ("", "t.json:1:1: error: unexpected end of JSON input"),
        ("  \n", "t.json:2:1: error: unexpected end of JSON input"),
        (#"[{"targets":["x"#, "t.json:1:16: error: unexpected end of JSON input"),
        (
            "[\n{\"targets\":[\"x\"],}]",
            "t.json:2:18: error: invalid character '}' looking for beginning of object key string"
        ),
        ("[{},]", "t.json:1:5: error: invalid character ']' looking for beginning of value"),
        ("\u{feff}[]", "t.json:1:1: error: invalid character 'ï' looking for beginning of value"),
        ("[] x", "t.json:1:4: error: invalid character 'x' after top-level value"),
        ("[{}][]", "t.json:1:5: error: invalid character '[' after top-level value"),
        ("# none", "t.json:1:1: error: invalid character '#' looking for beginning of value"),
        ("- targets: [x]", "t.json:1:2: error: invalid character ' ' in numeric literal"),
        ("['x']", #"t.json:1:2: error: invalid character '\'' looking for beginning of value"#),
        ("[01]", "t.json:1:3: error: invalid character '1' after array element"),
        ("[1.]", "t.json:1:4: error: invalid character ']' after decimal point in numeric literal"),
        ("[1e]", "t.json:1:4: error: invalid character ']' in exponent of numeric literal"),
        ("[nul]", "t.json:1:5: error: invalid character ']' in literal null (expecting 'l')"),
        (#"["\x"]"#, "t.json:1:4: error: invalid character 'x' in string escape code"),
        ("[\"a\nb\"]", #"t.json:1:4: error: invalid character '\n' in string literal"#),
        (#"{"a" 1}"#, "t.json:1:6: error: invalid character '1' after object key"),
        (#"{"a":1 "b"}"#, "t.json:1:8: error: invalid character '\"' after object key:value pair"),
        (
            #"{"targets":["x"]}"#,
            "t.json:1:1: error: json: cannot unmarshal object into Go value of type []*targetgroup.Group"
        ),
        (
            #"[{"labels":{"a":1}}]"#,
            "t.json:1:17: error: json: cannot unmarshal number into Go value of type model.LabelValue"
        ),
        (
            #"[{"targets":[1]}]"#,
            "t.json:1:14: error: json: cannot unmarshal number into Go struct field .targets of type string"
        ),
        (
            #"[{"targets":"x"}]"#,
            "t.json:1:13: error: json: cannot unmarshal string into Go struct field .targets of type []string"
        ),
        (#"[{"target":["x"]}]"#, "t.json:1:12: error: json: unknown field \"target\""),
        (#"[{"labels":{"":"x"}}]"#, "t.json:1:12: error: \"\" is not a valid label name"),
        ("[null]", "t.json:1:2: error: nil target group item found"),
    ])
    func whatIsNoJSONIsRefused(text: String, expected: String) {
        let result = load(text)
        #expect(result.value == nil)
        #expect(result.errors.map(\.description) == [expected])
    }

    @Test func nullIsAnEmptyList() throws {
        #expect(try load("null").get().isEmpty)
        #expect(try load("[]").get().isEmpty)
    }

    @Test func depthHasALimit() {
        let text = String(repeating: "[", count: 100_000)
        #expect(load(text).errors.map(\.message) == ["deeper than the limit depth of 500"])
    }

    @Test func yamlIsStillYAML() throws {
        let groups = try load("# none\n- targets: [x]\n  labels: {a: 1}\n", "t.yml").get()
        #expect(groups == [TargetGroup(targets: ["x"], labels: Labels(["a": "1"]))])
        #expect(try load("", "t.yaml").get().isEmpty)
        #expect(load("- Targets: [x]", "t.yml").value == nil)
    }
}
