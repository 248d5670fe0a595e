import Foundation
import TestSupport
import Testing

/// What docs/architecture.md says of the modules is true.
struct ArchitectureTests {
    /// The modules of the table, from the top.
    private func documentedModules() throws -> [String] {
        let text = try String(
            contentsOf: Program.repository.appendingPathComponent("docs/architecture.md"),
            encoding: .utf8)
        let rows = text.split(separator: "\n").drop { !$0.hasPrefix("| module |") }
            .dropFirst(2).prefix { $0.hasPrefix("|") }
        return rows.flatMap { row in
            row.split(separator: "|")[0].split(separator: ",")
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    private func folders() throws -> [String] {
        let sources = Program.repository.appendingPathComponent("Sources")
        return try FileManager.default.contentsOfDirectory(atPath: sources.path)
            .filter { !$0.hasPrefix(".") }
    }

    /// The modules that the files of a folder import, each with a file that does.
    private func imports(of module: String) throws -> [String: String] {
        let folder = Program.repository.appendingPathComponent("Sources/\(module)")
        let files =
            FileManager.default.enumerator(atPath: folder.path)?
            .compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") } ?? []
        var found: [String: String] = [:]
        for file in files {
            let text = try String(
                contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let word = words.firstIndex(of: "import"), word + 1 < words.count,
                    words[..<word].allSatisfy({ ["public", "internal", "private"].contains($0) })
                else { continue }
                found[words[word + 1].split(separator: ".")[0].description] = file
            }
        }
        return found
    }

    @Test func everyModuleIsInTheTable() throws {
        let documented = try documentedModules()
        #expect(documented.count > 20)
        #expect(Set(documented) == Set(try folders()))
        #expect(documented.count == Set(documented).count)
    }

    @Test func noModuleImportsOneBelowIt() throws {
        let documented = try documentedModules()
        for (index, module) in documented.enumerated() {
            for (imported, file) in try imports(of: module) {
                guard let other = documented.firstIndex(of: imported) else { continue }
                #expect(
                    other < index,
                    "Sources/\(module)/\(file) imports \(imported), which does not stand above it")
            }
        }
    }
}
