import Configuration
import Foundation
import Testing

/// Patterns with the answers of Go's `filepath.Match` and `filepath.Glob`.
struct GlobTests {
    @Test(
        arguments: [
            ("a*", "abc", true), ("*", ".hidden", true), ("*c", "abc", true), ("a*", "a/b", false),
            ("a*b*c*d", "axbxcxdxe", false), ("a*b*c*d", "axbxcxdd", true), ("", "", true),
            ("[!a].yml", "!.yml", true), ("[!a].yml", "a.yml", true), ("[!a].yml", "b.yml", false),
            ("[^a].yml", "b.yml", true), ("[^a].yml", "a.yml", false), ("[a-c]", "b", true),
            ("[c-a]", "b", false), ("[]a]x", "a", nil), ("[", "a", nil), ("[a", "a", nil),
            ("[^", "a", nil), ("[^bc", "a", nil), ("[-]", "-", nil), ("[a-]", "a", nil),
            ("[x-]", "x", nil), ("[-x]", "x", nil), ("\\", "a", nil), ("a\\", "a", nil),
            ("rules/[a.yml", "x", nil), ("*[", "x", nil), ("\\*", "*", true), ("\\*", "a", false),
            ("[\\]a]", "]", true), ("[\\-]", "-", true), ("[\\-x]", "z", false),
            ("a?b", "a\u{263a}b", true), ("a[^a]b", "a\u{263a}b", true),
            ("a???b", "a\u{263a}b", false),
            ("[\u{3b1}-\u{3c9}]", "\u{3b2}", true), ("?", "/", false), ("a[^x]b", "a/b", true),
            ("*.yml", "a.yml.bak", false), ("{a,b}", "a", false), ("**", "abc", true),
            ("]", "]", true),
        ] as [(String, String, Bool?)])
    func matches(pattern: String, name: String, expected: Bool?) {
        let pattern = try? GlobPattern(pattern)
        #expect(pattern?.matches(name) == expected)
    }

    @Test func theWorkIsBounded() throws {
        let pattern = try GlobPattern(String(repeating: "a*", count: 2000) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 4000)))
    }

    @Test func files() throws {
        let folder = NSTemporaryDirectory() + "glob-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["b.yml", "a.yml", ".h.yml", "x/a.yml", "y/a.yml", "y/[z]", "link"] {
            let path = "\(folder)/\(name)"
            try FileManager.default.createDirectory(
                atPath: String(path[..<path.lastIndex(of: "/")!]), withIntermediateDirectories: true
            )
            if name == "link" {
                try FileManager.default.createSymbolicLink(
                    atPath: path, withDestinationPath: "nowhere")
            } else {
                try "".write(toFile: path, atomically: true, encoding: .utf8)
            }
        }
        let answers: [(String, [String])] = [
            ("*.yml", [".h.yml", "a.yml", "b.yml"]), ("[^a].yml", ["b.yml"]), ("none*", []),
            ("*/a.yml", ["x/a.yml", "y/a.yml"]), ("./x/../*.yml", [".h.yml", "a.yml", "b.yml"]),
            ("y/\\[z\\]", ["y/[z]"]), ("y/[[]z]", ["y/[z]"]), ("y/[z]", []), ("[x", []),
            ("link", ["link"]),
            ("*/", []), ("a.yml/*", []), ("?/a.???", ["x/a.yml", "y/a.yml"]),
        ]
        for (pattern, expected) in answers {
            let found = FileAccess.system.glob("\(folder)/\(pattern)")
            #expect(found == expected.map { "\(folder)/\($0)" }, "\(pattern)")
        }
    }

    @Test(arguments: [
        ("", "."), (".", "."), ("./a", "a"), ("././a/./b", "a/b"), ("a//b/", "a/b"),
        ("a/../b", "b"), ("../a", "../a"), ("a/../../b", "../b"), ("/../a", "/a"), ("/", "/"),
        ("//a", "/a"), ("a/..", "."), ("/a/..", "/"), ("../../a/..", "../.."), ("a b/ç", "a b/ç"),
    ])
    func cleanedPaths(path: String, expected: String) {
        #expect(FilePath.clean(path) == expected)
    }

    @Test func brokenPatternsAreErrorsWithTheirPlace() throws {
        func errors(_ text: String) -> [String] {
            TocsinConfiguration.load(text: Array(text.utf8), path: "c/tocsin.yml")
                .errors.map(\.description)
        }
        for (key, place) in [("rule_files", "1:14"), ("scrape_config_files", "1:23")] {
            let found = errors("\(key): ['r/[a.yml']")
            #expect(found.count == 1)
            #expect(
                found.first?.hasPrefix(
                    "c/tocsin.yml:\(place): error: \(key)[0]: syntax error in pattern: \"r/[a.yml\""
                )
                    == true, "\(found)")
        }
        let textfile = errors(
            "scrape_configs: [{job_name: j, textfile_configs: [{files: ['[a']}]}]")
        #expect(textfile.count == 1 && textfile[0].contains("syntax error in pattern"))
        let templates = NotifierConfiguration.load(
            text: Array("{route: {receiver: r}, receivers: [{name: r}], templates: ['[a']}".utf8),
            path: "n.yml")
        #expect(templates.errors.count == 1)
        #expect(templates.errors.first?.message.hasPrefix("syntax error in pattern") == true)
        // Prometheus starts with this one.
        let targets = TocsinConfiguration.load(
            text: Array(
                "scrape_configs: [{job_name: j, file_sd_configs: [{files: ['[a.json']}]}]".utf8),
            path: "tocsin.yml")
        #expect(targets.errors.isEmpty)
        #expect(targets.warnings.count == 1)
    }

    @Test func oneFileUnderTwoSpellingsIsOne() throws {
        let files = FileAccess(
            workingDirectory: "/srv/conf", read: { _ in Array("groups: [{name: g}]".utf8) },
            glob: { [$0] })
        for (first, second) in [
            ("rules/a.yml", "./rules/a.yml"), ("rules/a.yml", "/srv/conf/rules/a.yml"),
            ("rules//a.yml", "x/../rules/a.yml"), ("/srv/./conf/rules/a.yml", "rules/a.yml"),
        ] {
            let text = Array("rule_files: ['\(first)', '\(second)']".utf8)
            let configuration = try TocsinConfiguration.load(text: text, path: "./tocsin.yml").get()
            let loaded = RuleFile.loadAll(configuration.ruleFiles, files: files)
            #expect(try loaded.get().count == 1, "\(first) \(second)")
            #expect(try loaded.get().allSatisfy { !$0.path.contains("./") })
        }
    }
}
